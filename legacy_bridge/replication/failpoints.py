"""Named points at which a test can stop, kill or delay this very process.

`STRANGLER_FAILPOINT=copy.before_commit=kill` (several: separated by commas) sends the process
that signal when it comes by; `apply.before_commit=2s` keeps it for two seconds, each time. Without
the variable a failpoint does nothing.
"""

import os
import signal
import time

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def _armed(text: str) -> dict[str, signal.Signals | float]:
    wishes = (wish.rpartition("=") for wish in text.split(",") if wish)
    return {
        name: _SIGNALS[action] if action in _SIGNALS else float(action.removesuffix("s"))
        for name, _, action in wishes
    }


_ARMED = _armed(os.environ.get("STRANGLER_FAILPOINT", ""))


def failpoint(name: str) -> None:
    action = _ARMED.get(name)
    if isinstance(action, signal.Signals):
        os.kill(os.getpid(), action)
    elif action is not None:
        time.sleep(action)
