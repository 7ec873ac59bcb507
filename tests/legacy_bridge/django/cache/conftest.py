"""Caches on the servers that the other process's Django uses."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.cache.choosing import shared_cache
from proxy.databases import open_engine
from tests.legacy_bridge.django.cache.shared import DATABASE, REDIS, TABLE, SharedCache
from tests.legacy_bridge.django.django_side import DjangoSide


@pytest.fixture(scope="session")
async def engine(django_with_servers: DjangoSide) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(django_with_servers.database, pool_size=4, name="test")
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def in_table(django_with_servers: DjangoSide, engine: AsyncEngine) -> SharedCache:
    django_with_servers.ask("create_cache_table", table=TABLE)
    entry = {"BACKEND": DATABASE, "LOCATION": TABLE, "KEY_PREFIX": "site", "VERSION": 2}
    return SharedCache(shared_cache(entry, engine, None), django_with_servers, entry)


@pytest.fixture(scope="session")
async def in_redis(
    django_with_servers: DjangoSide, engine: AsyncEngine
) -> AsyncIterator[SharedCache]:
    entry = {"BACKEND": REDIS, "LOCATION": django_with_servers.redis, "KEY_PREFIX": "site"}
    async with Redis.from_url(django_with_servers.redis) as redis:
        yield SharedCache(shared_cache(entry, engine, redis), django_with_servers, entry)


@pytest.fixture(params=["in_table", "in_redis"])
def shared(request: pytest.FixtureRequest) -> SharedCache:
    """Each of the two."""
    cache: SharedCache = request.getfixturevalue(request.param)
    return cache
