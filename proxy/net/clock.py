"""One timer for all time-outs of a worker.

Each that can be late carries `due`; a look at all of them every tenth of a second costs less than
one timer each (0.3 ms for 10,000), and moving a time-out is one assignment.
"""

import asyncio
import logging
import time
from typing import Protocol

log = logging.getLogger(__name__)

RESOLUTION = 0.1
"""Seconds between two looks. Time-outs fire up to this much late."""

NEVER = float("inf")


class Timed(Protocol):
    due: float
    """In the terms of `time.monotonic`; `NEVER` while nothing is awaited."""

    def late(self, now: float) -> None:
        """`due` has passed. Set another, or be dropped."""


class Clock:
    """Looks at everything added until it is dropped; sleeps while there is nothing."""

    __slots__ = ("_loop", "_timed", "_timer", "drop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timed: set[Timed] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.drop = self._timed.discard

    def add(self, timed: Timed) -> None:
        self._timed.add(timed)
        if self._timer is None:
            self._timer = self._loop.call_later(RESOLUTION, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        now = time.monotonic()
        for timed in [one for one in self._timed if one.due <= now]:
            if timed.due > now:
                continue  # moved by one before it
            timed.due = NEVER
            try:
                timed.late(now)
            except Exception:  # the others' time-outs must not suffer
                log.exception("a time-out was not dealt with")
        if self._timed:
            self._timer = self._loop.call_later(RESOLUTION, self._look)
        else:
            self._timer = None
