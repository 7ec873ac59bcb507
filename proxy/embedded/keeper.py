"""Runs one server and ends it when the process that asked for it is gone, however that ended.

Started by `child.py` as a script, with its standard input as the lifeline: a pipe that nobody
writes to. Its end closes when the starter closes it, exits or is killed with SIGKILL; then the
server gets its stop signal, and SIGKILL after the grace period. Standard library only.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TypedDict

PR_SET_PDEATHSIG = 1


class Order(TypedDict):
    """What to run: handed over as JSON in the first argument, so it holds nothing secret."""

    command: list[str]
    folder: str
    account: tuple[int, int] | None
    stop_signal: int
    grace: float


def main() -> None:
    order: Order = json.loads(sys.argv[1])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    server = _start(order)
    threading.Thread(target=_follow, args=[server], daemon=True).start()
    while os.read(0, 1):
        pass
    server.send_signal(order["stop_signal"])
    threading.Event().wait(order["grace"])
    server.kill()
    threading.Event().wait()


def _start(order: Order) -> subprocess.Popen[bytes]:
    stop_signal = order["stop_signal"]
    uid, gid = order["account"] or (None, None)

    def ready_to_die() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if sys.platform == "linux":
            # After the change of user, which would clear it (prctl(2)): ends with this keeper.
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, stop_signal)

    return subprocess.Popen(
        order["command"],
        cwd=order["folder"],
        stdin=subprocess.DEVNULL,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
        process_group=0,
        preexec_fn=ready_to_die,  # noqa: PLW1509  # this process has no other thread yet
    )


def _follow(server: subprocess.Popen[bytes]) -> None:
    """Leave with the server's own exit code, taking what is left of its group along."""
    code = server.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, signal.SIGKILL)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
