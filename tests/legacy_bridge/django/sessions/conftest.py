"""Our stores on the servers that the other process's Django uses."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from proxy.databases import open_engine
from tests.legacy_bridge.django.django_side import DjangoSide
from tests.legacy_bridge.django.sessions.native_side import NativeSide


@pytest_asyncio.fixture(scope="session")
async def native(django_with_servers: DjangoSide) -> AsyncIterator[NativeSide]:
    engine = open_engine(django_with_servers.database, pool_size=4, name="test")
    async with Redis.from_url(django_with_servers.redis) as redis:
        yield NativeSide(django_with_servers.database, engine, redis)
    await engine.dispose()


@pytest.fixture(scope="session")
def django(django_with_servers: DjangoSide) -> DjangoSide:
    return django_with_servers
