"""Named points at which a test can stop or kill this very process.

`STRANGLER_FAILPOINT=copy.before_commit=kill` (several: separated by commas) sends the process
that signal when it comes by; without the variable a failpoint does nothing.
"""

import os
import signal

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def _armed(text: str) -> dict[str, signal.Signals]:
    wishes = (wish.rpartition("=") for wish in text.split(",") if wish)
    return {name: _SIGNALS[action] for name, _, action in wishes}


_ARMED = _armed(os.environ.get("STRANGLER_FAILPOINT", ""))


def failpoint(name: str) -> None:
    if name in _ARMED:
        os.kill(os.getpid(), _ARMED[name])
