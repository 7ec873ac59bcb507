"""One timer for all exchanges of a worker, instead of two for each."""

import asyncio
from typing import Protocol

RESOLUTION = 0.05
"""Seconds between two looks. Time-outs may fire this much late."""


class Timed(Protocol):
    def tick(self, now: float) -> None:
        """Look whether something is due; `now` is the loop's time in seconds."""


class Clock:
    """Calls `tick` on everything added, until it is dropped; sleeps while there is nothing."""

    __slots__ = ("_timed", "_timer")

    def __init__(self) -> None:
        self._timed: set[Timed] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, timed: Timed) -> None:
        self._timed.add(timed)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(RESOLUTION, self._tick, loop)

    def drop(self, timed: Timed) -> None:
        self._timed.discard(timed)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_later(RESOLUTION, self._tick, loop) if self._timed else None
        now = loop.time()
        for timed in tuple(self._timed):
            timed.tick(now)
