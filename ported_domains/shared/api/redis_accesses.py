"""Accesses remembered in Redis, so that limits hold across workers and machines."""

import logging
import secrets

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ported_domains.shared.api.throttle import MemoryAccesses, Rate

PREFIX = "strangler:throttle:"
ANSWER_SECONDS = 0.5

# One sorted set a caller, scored by time. Answers the score that blocks, or nothing.
_WAIT = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
local limit = tonumber(ARGV[3])
if limit >= 0 and redis.call('ZCARD', KEYS[1]) >= limit then
  local blocking = redis.call('ZRANGE', KEYS[1], -math.max(limit, 1), -1, 'WITHSCORES')
  return blocking[2] or ARGV[1]
end
if ARGV[4] ~= '' then
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return false
"""

log = logging.getLogger(__name__)


class RedisAccesses:
    """`Accesses` in Redis; while it cannot be reached, in this process: an API without limits
    would be worse than one whose limits are too generous, and one that is down worse than both."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS
        )
        self._wait = self._redis.register_script(_WAIT)
        self._meanwhile = MemoryAccesses()

    async def close(self) -> None:
        await self._redis.aclose()

    async def wait(self, key: str, rate: Rate, now: float, *, count: bool) -> float | None:
        limit = -1 if rate.limit is None else rate.limit
        member = secrets.token_hex(8) if count else ""
        try:
            blocking = await self._wait(
                keys=[PREFIX + key], args=[repr(now), rate.seconds, limit, member]
            )
        except RedisError as error:
            log.warning("API limits hold in this worker only: Redis fails: %s", error)
            return await self._meanwhile.wait(key, rate, now, count=count)
        return None if blocking is None else rate.seconds - (now - float(blocking))

    async def count(self, key: str, rate: Rate, now: float) -> None:
        await self.wait(key, Rate(None, rate.seconds), now, count=True)
