"""Django's RedisCache (`django.core.cache.backends.redis`)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from legacy_bridge.django.cache.contract import CacheError, Value
from legacy_bridge.django.cache.values import read, write_json, write_pickle
from legacy_bridge.django.settings import CacheSettings


class RedisCache:
    """`redis` must not decode answers: values are octets.

    Of several servers in LOCATION it is the first one, which Django writes to.
    """

    def __init__(self, redis: Redis, settings: CacheSettings) -> None:
        self._redis = redis
        self._settings = settings

    async def get(self, key: str) -> Value:
        async with _failures_named():
            octets = cast(bytes | None, await self._redis.get(self._settings.name(key)))
        return None if octets is None else read(octets)

    async def set(self, key: str, value: Value, seconds: float | None) -> None:
        await self._write(key, value, seconds)

    async def add(self, key: str, value: Value, seconds: float | None) -> bool:
        return await self._write(key, value, seconds, nx=True)

    async def replace(self, key: str, value: Value, seconds: float | None) -> bool:
        return await self._write(key, value, seconds, xx=True)

    async def delete(self, key: str) -> bool:
        async with _failures_named():
            return bool(await self._redis.delete(self._settings.name(key)))

    async def _write(
        self,
        key: str,
        value: Value,
        seconds: float | None,
        *,
        nx: bool = False,
        xx: bool = False,
    ) -> bool:
        """Whole seconds; what would be over at once is not kept."""
        age = None if seconds is None else max(0, int(seconds))
        name = self._settings.name(key)
        # An age of 0 is an error in Redis, and without one it would stay if we broke off here.
        ends = 1 if age == 0 else age
        async with _failures_named():
            written = await self._redis.set(name, self._octets(value), ex=ends, nx=nx, xx=xx)
            if written and age == 0:
                await self._redis.delete(name)
        return bool(written)

    def _octets(self, value: Value) -> bytes:
        if self._settings.serializer == "json":
            return write_json(value)
        if type(value) is int:  # Django leaves whole numbers to Redis, which can count with them
            return b"%d" % value
        return write_pickle(value)


@asynccontextmanager
async def _failures_named() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise CacheError(f"Redis, where the legacy site's cache is: {error}") from error
