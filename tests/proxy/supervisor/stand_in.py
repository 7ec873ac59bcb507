"""A worker for the supervisor's tests: one line a connection, answered with its process number.

The line `wait` is answered with `waiting` at once and with the number after one more line; `crash`
ends the worker with code 7. In the folder that it is given, a file `broken` lets new workers end
with code 3 before they are ready, and `mute` keeps them from ever saying that they are.
"""

import operator
import os
import selectors
import signal
import socket
import sys
import threading
from pathlib import Path

from proxy.supervisor.handover import Handover


def main(folder: Path) -> None:
    handover = Handover.from_environment()
    if (folder / "broken").exists():
        sys.exit(3)
    if (folder / "mute").exists():
        os.read(handover.lifeline, 1)
        return
    asked, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    # Nothing in Python: coverage would trace it, and may hold its own lock at that moment.
    signal.signal(signal.SIGTERM, operator.is_)
    serve(handover, asked)


def serve(handover: Handover, asked: socket.socket) -> None:
    """Until asked to end or without a supervisor; those that wait are accepted before it ends."""
    listeners = handover.listeners()
    with selectors.DefaultSelector() as selector:
        for ending in (asked, handover.lifeline):
            selector.register(ending, selectors.EVENT_READ, True)
        for listener in listeners:
            selector.register(listener, selectors.EVENT_READ, False)
        handover.announce()
        while not any(key.data for key, _ in selector.select()):
            accept(listeners)
    accept(listeners)
    for listener in listeners:
        listener.close()


def accept(listeners: list[socket.socket]) -> None:
    for listener in listeners:
        while True:
            try:
                connection, _ = listener.accept()
            except BlockingIOError:
                break
            connection.setblocking(True)
            threading.Thread(target=answer, args=[connection]).start()


def answer(connection: socket.socket) -> None:
    with connection, connection.makefile("rw") as lines:
        line = lines.readline()
        if line == "crash\n":
            os._exit(7)
        if line == "wait\n":
            print("waiting", file=lines, flush=True)
            lines.readline()
        print(os.getpid(), file=lines, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
