"""Redis: names, octets and ages of entries; a server that fails."""

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from legacy_bridge.django.cache.contract import CacheError
from legacy_bridge.django.cache.redis_cache import RedisCache
from legacy_bridge.django.settings import CacheSettings
from tests.legacy_bridge.django.cache.shared import SharedCache
from tests.legacy_bridge.django.django_side import DjangoSide


async def test_names_and_ages(django_with_servers: DjangoSide) -> None:
    """KEY_PREFIX, VERSION, whole seconds; what is over at once is not kept."""
    async with Redis.from_url(django_with_servers.redis) as redis:
        cache = RedisCache(redis, CacheSettings(key_prefix="json", version=3, serializer="json"))
        assert await cache.add("k", {"a": 1}, 100.9)
        assert await redis.get("json:3:k") == b'{"a": 1}'
        assert 90 <= await redis.ttl("json:3:k") <= 100
        assert not await cache.add("k", {"a": 2}, 100)
        assert await cache.replace("k", {"a": 3}, 0.9)
        assert await redis.get("json:3:k") is None
        assert not await cache.replace("k", {"a": 4}, 100)
        await cache.set("k", [5, "x"], None)
        assert await redis.ttl("json:3:k") == -1
        assert await cache.get("k") == [5, "x"]
        assert await cache.delete("k")
        assert not await cache.delete("k")


@pytest.mark.parametrize("value", [{"a": [1.5, "é"]}, [1764300000.5], 12, True, "12"])
async def test_the_octets_are_djangos(in_redis: SharedCache, value: object) -> None:
    async with Redis.from_url(in_redis.django.redis) as redis:
        in_redis.theirs("set", "octets", value, 100)
        theirs = await redis.get("site:1:octets")
        await in_redis.ours.set("octets", value, 100)
        assert await redis.get("site:1:octets") == theirs


async def test_a_server_that_is_down() -> None:
    once = Retry(NoBackoff(), 0)
    async with Redis.from_url("redis://127.0.0.1:1", retry=once) as nowhere:
        cache = RedisCache(nowhere, CacheSettings())
        for ask in (
            cache.get("k"),
            cache.set("k", 1, 1),
            cache.add("k", 1, 1),
            cache.replace("k", 1, 1),
            cache.delete("k"),
        ):
            with pytest.raises(CacheError, match=r"^Redis, where the legacy site's cache is: "):
                await ask
