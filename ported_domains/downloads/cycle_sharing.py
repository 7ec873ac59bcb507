"""The release cycle in Redis: fetched by one worker, for those of all machines.

copy   what was heard last. How new it is, its time to live says: no two clocks are compared
turn   `asking` while a worker fetches, `failed` for a while after it did so in vain
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ported_domains.downloads.cycle import Cycle
from ported_domains.downloads.cycle_fetching import TIMEOUT_SECONDS, CycleError, read_cycle

GOOD_FOR_SECONDS: Final = 3600
RETRY_SECONDS: Final = 60
PREFIX: Final = "strangler:release-cycle:"
ANSWER_SECONDS = 0.5
_KEPT_SECONDS = 7 * 86_400
_TURN_SECONDS = TIMEOUT_SECONDS + 2
_LOOK_SECONDS = 0.1
_ASKING, _FAILED = b"asking", b"failed"

Fetch = Callable[[], Awaitable[Cycle]]
log = logging.getLogger(__name__)


class Copy(NamedTuple):
    """`good_for` is how many seconds it is new enough; 0 or less when it no longer is."""

    cycle: Cycle
    good_for: float


class SharedCycle:
    """That of one address. While Redis cannot be reached each worker fetches for itself."""

    def __init__(self, redis_url: str, url: str) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS
        )
        self._copy, self._turn = f"{PREFIX}copy:{url}", f"{PREFIX}turn:{url}"

    async def close(self) -> None:
        await self._redis.aclose()

    async def find(self) -> Copy | None:
        """What any worker heard last, though it may be old."""
        try:
            async with self._redis.pipeline() as asked:
                asked.get(self._copy)
                asked.pttl(self._copy)
                content, left = await asked.execute()
            return None if content is None else _copy(content, left / 1000)
        except (RedisError, CycleError) as error:
            log.warning("no release cycle of other workers: %s", error)
            return None

    async def renew(self, fetch: Fetch) -> Copy:
        """Fetched by this worker if it is its turn, else what the one hears whose turn it is.
        Raises `CycleError`."""
        try:
            ours = await self._redis.set(self._turn, _ASKING, nx=True, ex=_TURN_SECONDS)
        except RedisError as error:
            log.warning("the release cycle is this worker's only: Redis fails: %s", error)
            return Copy(await fetch(), GOOD_FOR_SECONDS)
        return await (self._fetched(fetch) if ours else self._of_another())

    async def _fetched(self, fetch: Fetch) -> Copy:
        try:
            cycle = await fetch()
        except CycleError:
            await self._tell(lambda: self._redis.set(self._turn, _FAILED, ex=RETRY_SECONDS))
            raise
        await self._tell(
            lambda: self._redis.set(self._copy, json.dumps(cycle), ex=_KEPT_SECONDS),
            lambda: self._redis.delete(self._turn),
        )
        return Copy(cycle, GOOD_FOR_SECONDS)

    async def _of_another(self) -> Copy:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                while await self._redis.get(self._turn) == _ASKING:  # noqa: ASYNC110 - not here
                    await asyncio.sleep(_LOOK_SECONDS)
        except (RedisError, TimeoutError) as error:
            raise CycleError(f"another worker did not tell: {error!r}") from None
        found = await self.find()
        if found is None or found.good_for <= 0:
            raise CycleError("another worker asked in vain")
        return found

    async def _tell(self, *commands: Callable[[], Awaitable[object]]) -> None:
        try:
            for command in commands:
                await command()
        except RedisError as error:
            log.warning("other workers do not hear of the release cycle: %s", error)


def _copy(content: bytes, left: float) -> Copy:
    return Copy(read_cycle(content), left - (_KEPT_SECONDS - GOOD_FOR_SECONDS))
