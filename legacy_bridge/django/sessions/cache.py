"""Sessions in the cache alone: `SESSION_ENGINE = "django.contrib.sessions.backends.cache"`."""

from typing import Final

from legacy_bridge.django.sessions.redis_cache import RedisCache
from legacy_bridge.django.sessions.store import (
    Lifetime,
    Loaded,
    SessionInterruptedError,
    Values,
    may_exist,
    new_key,
)

PREFIX: Final = "django.contrib.sessions.cache"


class CacheStore:
    """Nothing but the cache knows these sessions: one that it cannot read is an error."""

    def __init__(self, cache: RedisCache) -> None:
        self._cache = cache

    async def load(self, key: str) -> Loaded:
        values = await self._cache.get(PREFIX + key) if may_exist(key) else None
        return Loaded.nothing() if values is None else Loaded(values, key)

    async def create(self, values: Values, lifetime: Lifetime) -> str:
        while True:
            key = new_key()
            if await self._cache.add(PREFIX + key, values, lifetime.seconds):
                return key

    async def update(self, key: str, values: Values, lifetime: Lifetime) -> None:
        if not await self._cache.replace(PREFIX + key, values, lifetime.seconds):
            raise SessionInterruptedError("the session was deleted while the request ran")

    async def delete(self, key: str) -> None:
        await self._cache.delete(PREFIX + key)
