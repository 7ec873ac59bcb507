"""A cache in this process: what one worker counts, the others do not see.

So does Django's LocMemCache, which this stands in for.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from math import inf
from typing import Final

from legacy_bridge.django.cache.contract import Value

MAX_ENTRIES: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Value
    ends: float


class MemoryCache:
    """Beyond `max_entries`, those that were written longest ago make room."""

    def __init__(
        self, max_entries: int = MAX_ENTRIES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._max_entries = max_entries
        self._clock = clock

    async def get(self, key: str) -> Value:
        entry = self._entry(key)
        return None if entry is None else deepcopy(entry.value)

    async def set(self, key: str, value: Value, seconds: float | None) -> None:
        ends = inf if seconds is None else self._clock() + seconds
        self._entries[key] = _Entry(deepcopy(value), ends)
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)

    async def add(self, key: str, value: Value, seconds: float | None) -> bool:
        if self._entry(key) is not None:
            return False
        await self.set(key, value, seconds)
        return True

    async def replace(self, key: str, value: Value, seconds: float | None) -> bool:
        if self._entry(key) is None:
            return False
        await self.set(key, value, seconds)
        return True

    async def delete(self, key: str) -> bool:
        was_there = self._entry(key) is not None
        self._entries.pop(key, None)
        return was_there

    def _entry(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None and entry.ends <= self._clock():
            del self._entries[key]
            return None
        return entry
