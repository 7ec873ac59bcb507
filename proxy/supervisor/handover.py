"""What a worker is given by the supervisor: file descriptors, named in one environment variable.

    STRANGLER_WORKER={"index": 0, "sockets": [5, 6], "ready": 9, "lifeline": 7}

A worker says that it accepts by writing `ready\\n` to `ready` and closing it. A process beside the
workers keeps it open, and may say there why it ends. `lifeline` reads as ended once the supervisor
is gone, however that came about; whoever was started then ends by itself.
"""

import json
import os
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Self

VARIABLE = "STRANGLER_WORKER"
INSTANCE = "STRANGLER_INSTANCE"
"""One name for all processes of a proxy, made by `serve`, so that any of them sees a loop."""
READY = b"ready\n"


@dataclass(frozen=True, slots=True)
class Handover:
    """`sockets` listen on the same address, the worker's own one first."""

    index: int
    sockets: tuple[int, ...]
    ready: int
    lifeline: int

    @classmethod
    def from_environment(cls) -> Self:
        """What this process was given. Raises `KeyError` where no supervisor has started it."""
        given = json.loads(os.environ[VARIABLE])
        return cls(given["index"], tuple(given["sockets"]), given["ready"], given["lifeline"])

    def as_environment(self) -> dict[str, str]:
        return {VARIABLE: json.dumps(asdict(self))}

    @property
    def descriptors(self) -> tuple[int, ...]:
        return (*self.sockets, self.ready, self.lifeline)

    def listeners(self) -> list[socket.socket]:
        """The listening sockets, the worker's own one first. Call it once: they own the numbers."""
        sockets = [socket.socket(fileno=number) for number in self.sockets]
        for one in sockets:
            one.setblocking(False)
        return sockets

    def announce(self) -> None:
        """Say that this worker accepts. Call it once."""
        self.say(READY)
        os.close(self.ready)

    def say(self, words: bytes) -> None:
        """`READY`, or at the end the reason for it."""
        with suppress(BrokenPipeError):  # the supervisor is gone; the lifeline tells
            os.write(self.ready, words)
