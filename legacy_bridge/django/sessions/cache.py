"""Sessions in the cache alone: `SESSION_ENGINE = "django.contrib.sessions.backends.cache"`."""

from typing import Final

from legacy_bridge.django.cache.contract import Cache, UnreadableValueError
from legacy_bridge.django.sessions.store import (
    Lifetime,
    Loaded,
    SessionInterruptedError,
    UnreadableSessionError,
    Values,
    may_exist,
    new_key,
)

PREFIX: Final = "django.contrib.sessions.cache"


class CacheStore:
    """Nothing but the cache knows these sessions: one that it cannot read is an error."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def load(self, key: str) -> Loaded:
        values = await cached_values(self._cache, PREFIX + key) if may_exist(key) else None
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


async def cached_values(cache: Cache, key: str) -> Values | None:
    """A session's values, or None if there are none; `UnreadableSessionError` if they are others.

    `key` is the cache's, with the engine's prefix.
    """
    try:
        values = await cache.get(key)
    except UnreadableValueError as error:
        raise UnreadableSessionError(str(error)) from error
    if values is not None and not isinstance(values, dict):
        raise UnreadableSessionError(f"a {type(values).__name__}, no session")
    return values
