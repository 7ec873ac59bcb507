"""How many requests a caller may make: sliding windows of accesses."""

import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

DAY = 86_400
HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` accesses in any `seconds`; a limit of None is none."""

    limit: int | None
    seconds: int


class Accesses(Protocol):
    """Remembers when each caller came. `now` is in seconds since 1970."""

    async def wait(self, key: str, rate: Rate, now: float, *, count: bool) -> float | None:
        """Seconds until the caller may come again, or None if it may now (> 0 otherwise).

        With `count`, a caller that may come is counted in the same step.
        """

    async def count(self, key: str, rate: Rate, now: float) -> None:
        """Note an access that was let in before."""


class MemoryAccesses:
    """In this process: with several workers each of them lets the full rate in."""

    SWEEP_EVERY = 10_000

    def __init__(self) -> None:
        self._seen: dict[str, deque[float]] = {}
        self._longest = 0
        self._until_sweep = self.SWEEP_EVERY

    @property
    def callers(self) -> set[str]:
        return set(self._seen)

    async def wait(self, key: str, rate: Rate, now: float, *, count: bool) -> float | None:
        seen = self._seen.get(key, deque())
        while seen and seen[0] <= now - rate.seconds:
            seen.popleft()
        if rate.limit is not None and len(seen) >= rate.limit:
            return rate.seconds - (now - seen[-rate.limit]) if rate.limit else rate.seconds
        if count:
            await self.count(key, rate, now)
        return None

    async def count(self, key: str, rate: Rate, now: float) -> None:
        self._seen.setdefault(key, deque()).append(now)
        self._longest = max(self._longest, rate.seconds)
        self._until_sweep -= 1
        if not self._until_sweep:
            self._sweep(now - self._longest)

    def _sweep(self, oldest: float) -> None:
        """Forget callers that have not come for longer than any window."""
        self._until_sweep = self.SWEEP_EVERY
        self._seen = {key: seen for key, seen in self._seen.items() if seen[-1] > oldest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttles:
    """The rates of both APIs and where accesses are remembered (api.md B.5, C.3)."""

    accesses: Accesses = field(default_factory=MemoryAccesses)
    v1: Rate = Rate(600, HOUR)
    anonymous: Rate = Rate(100, DAY)
    user: Rate = Rate(3000, DAY)

    async def check_v1(self, identity: str) -> int | None:
        """Seconds to wait, or None. Nothing is counted yet: only what succeeds is."""
        now = int(time.time())
        wait = await self.accesses.wait(f"v1:{identity}", self.v1, now, count=False)
        return None if wait is None else math.ceil(wait)

    async def count_v1(self, identity: str) -> None:
        await self.accesses.count(f"v1:{identity}", self.v1, int(time.time()))

    async def check_v2(self, user_id: int | None, address: str) -> int | None:
        """Seconds to wait, or None. Anonymous callers count against both rates, also when the
        first one already refuses them."""
        now = time.time()
        who = address if user_id is None else str(user_id)
        windows = [(f"v2:user:{who}", self.user)]
        if user_id is None:
            windows.append((f"v2:anon:{who}", self.anonymous))
        waits = [
            wait
            for key, rate in windows
            if (wait := await self.accesses.wait(key, rate, now, count=True)) is not None
        ]
        return math.ceil(max(waits)) if waits else None


def address_behind(forwarded_for: str, peer: str, proxies: int = 3) -> str:
    """The caller's address when `proxies` front servers may stand before the site (C.3)."""
    if not forwarded_for:
        return peer
    chain = forwarded_for.split(",")
    return chain[-min(proxies, len(chain))].strip()
