"""The stores on real servers: round trips, keys that visitors make up, servers that fail."""

import logging
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from sqlalchemy import text

from legacy_bridge.django.cache.contract import CacheError
from legacy_bridge.django.cache.redis_cache import RedisCache
from legacy_bridge.django.sessions.cached_database import CachedDatabaseStore
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.database import DatabaseStore
from legacy_bridge.django.sessions.store import Lifetime, Loaded, UnreadableSessionError
from legacy_bridge.django.settings import CacheSettings, SessionSettings
from tests.legacy_bridge.django.django_side import DjangoSide
from tests.legacy_bridge.django.sessions.native_side import ENGINES, SECRETS, NativeSide
from tests.legacy_bridge.django.sessions.trips import counted

SERVERS = ("db", "cached_db", "cache")
CACHED = "django.contrib.sessions.cached_db"
KEYS = ["x" * 40, "x" * 41, "nul\0nul\0", "half\ud800half", "' OR 1=1 --", "é" * 20, "x" * 100_000]


def an_hour() -> Lifetime:
    return Lifetime(3600, datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.parametrize("engine", SERVERS)
@pytest.mark.parametrize("key", KEYS)
async def test_made_up_keys(native: NativeSide, engine: str, key: str) -> None:
    """Of no key that a visitor sends comes an error; that session is nobody's."""
    session = native.session(engine, key)
    await session.load()
    assert (session.key, dict(session.items())) == (None, {})


@pytest.mark.parametrize("engine", ENGINES)
async def test_both_directions(django: DjangoSide, native: NativeSide, engine: str) -> None:
    values = {"_auth_user_id": "1", "é\0": [1, 2.5, None, {"a": "\ud800"}]}
    theirs = django.ask("seed", engine=engine, values=values, seconds=100)
    session = native.session(engine, theirs)
    await session.load()
    assert dict(session.items()) == values
    session["ours"] = 1
    await session.save()
    assert django.ask("stored", engine=engine, key=session.key) == {**values, "ours": 1}


async def test_end_of_a_session(django: DjangoSide, native: NativeSide) -> None:
    key = await native.stores["db"].create({"a": 1}, an_hour())
    assert django.ask("stored", engine="db", key=key) == {"a": 1}
    await run(native, f"UPDATE django_session SET expire_date = now() WHERE session_key = '{key}'")
    assert await native.stores["db"].load(key) == Loaded.nothing()
    assert django.ask("stored", engine="db", key=key) is None


@pytest.mark.parametrize(("engine", "module"), [("db", "database"), ("cache", "cache")])
async def test_a_key_that_is_taken(native: NativeSide, engine: str, module: str) -> None:
    store = native.stores[engine]
    taken = await store.create({"a": 1}, an_hour())
    free = taken[::-1]
    with mock.patch(f"legacy_bridge.django.sessions.{module}.new_key", side_effect=[taken, free]):
        assert await store.create({"a": 2}, an_hour()) == free
    assert (await store.load(taken)).values == {"a": 1}
    assert (await store.load(free)).values == {"a": 2}


@pytest.mark.parametrize("engine", SERVERS)
async def test_moments(django: DjangoSide, native: NativeSide, engine: str) -> None:
    """An end that one side sets is the other's, in the session and in the store."""
    session = native.session(engine, None)
    session.set_expiry(timedelta(hours=1))
    await session.save()
    seconds, with_browser = django.ask("lasts", engine=engine, key=session.key)
    assert 3590 <= seconds <= 3600
    assert with_browser is False
    django.ask("set_end", engine=engine, key=session.key, seconds=600)
    again = native.session(engine, session.key)
    await again.load()
    assert 590 <= again.lifetime.seconds <= 600
    django.ask("set_end", engine=engine, key=session.key, seconds=-1)
    assert (await native.stores[engine].load(session.key or "")).key is None


async def test_spoiled_rows(django: DjangoSide, native: NativeSide) -> None:
    """Such a session stays, and is empty, as with Django."""
    key = await native.stores["db"].create({"a": 1}, an_hour())
    await run(native, f"UPDATE django_session SET session_data='x' WHERE session_key='{key}'")
    assert await native.stores["db"].load(key) == Loaded({}, key)
    assert django.ask("stored", engine="db", key=key) == {}


async def test_one_round_trip_each(native: NativeSide) -> None:
    """On a connection that has prepared the statement before."""
    async with counted(native) as (counting, trips):
        store = counting.stores["db"]
        for warm in (False, True):
            key = await store.create({"a": 1}, an_hour())
            created = trips.taken()
            assert await store.load(key) == Loaded({"a": 1}, key)
            loaded = trips.taken()
            await store.update(key, {"a": 2}, an_hour())
            updated = trips.taken()
            await store.delete(key)
            if warm:
                assert (created, loaded, updated, trips.taken()) == (1, 1, 1, 1)
            trips.taken()


async def test_a_copy_saves_the_database_a_question(native: NativeSide) -> None:
    async with counted(native) as (counting, trips):
        store = counting.stores["cached_db"]
        key = await store.create({"a": 1}, an_hour())
        trips.taken()
        assert await store.load(key) == Loaded({"a": 1}, key)
        assert trips.taken() == 0
        for _ in range(2):
            trips.taken()
            await native.cache.delete(CACHED + key)
            assert await store.load(key) == Loaded({"a": 1}, key)
            assert await native.cache.get(CACHED + key) == {"a": 1}
        assert trips.taken() == 1


async def test_visitors_without_a_session_cost_none(native: NativeSide) -> None:
    async with counted(native) as (counting, trips):
        for key in (None, "short", "x" * 41):
            await counting.session("db", key).load()
        assert trips.taken() == 0


async def test_a_copy_that_only_django_can_read(
    django: DjangoSide, native: NativeSide, caplog: pytest.LogCaptureFixture
) -> None:
    """`mark_safe` texts are JSON in the row and a class in the pickle: the row is read instead."""
    key = await native.stores["cached_db"].create({"a": "x"}, an_hour())
    django.ask("put_in_cache", key=CACHED + key, code="{'a': mark_safe('x')}")
    before = django.ask("cached_octets", key=CACHED + key)
    with caplog.at_level(logging.WARNING):
        assert await native.stores["cached_db"].load(key) == Loaded({"a": "x"}, key)
    assert "it contains a django.utils.safestring.SafeString" in caplog.text
    assert django.ask("cached_octets", key=CACHED + key) == before


async def test_a_session_that_only_django_can_read(django: DjangoSide, native: NativeSide) -> None:
    django.ask("put_in_cache", key="django.contrib.sessions.cache" + "k" * 32, code="{'a': moment}")
    with pytest.raises(UnreadableSessionError, match=r"datetime\.datetime"):
        await native.stores["cache"].load("k" * 32)


async def test_a_cache_that_is_down(native: NativeSide, caplog: pytest.LogCaptureFixture) -> None:
    """The row is the truth: only log-out needs the cache, whose copy would keep it alive."""
    codec = SessionCodec(SECRETS, SessionSettings().salt)
    database = DatabaseStore(native.engine, codec)
    once = Retry(NoBackoff(), 0)
    async with Redis.from_url("redis://127.0.0.1:1", retry=once) as nowhere:
        store = CachedDatabaseStore(database, RedisCache(nowhere, CacheSettings()), codec)
        with caplog.at_level(logging.WARNING):
            key = await store.create({"a": 1}, an_hour())
            assert await store.load(key) == Loaded({"a": 1}, key)
            await store.update(key, {"a": 2}, an_hour())
        assert await database.load(key) == Loaded({"a": 2}, key)
        assert len(caplog.records) == 3
        with pytest.raises(CacheError):
            await store.delete(key)


async def run(native: NativeSide, statement: str) -> None:
    async with native.engine.begin() as connection:
        await connection.execute(text(statement))
