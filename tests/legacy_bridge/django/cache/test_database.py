"""The table: ends of entries, how it is culled, round trips, what is not readable."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.cache.choosing import cache_settings, shared_cache
from legacy_bridge.django.cache.contract import CacheError, UnreadableValueError
from legacy_bridge.django.cache.database import DatabaseCache
from legacy_bridge.django.settings import CacheSettings
from proxy.databases import open_engine
from tests.legacy_bridge.django.cache.shared import DATABASE, TABLE, SharedCache
from tests.legacy_bridge.django.django_side import DjangoSide
from tests.legacy_bridge.django.sessions.native_side import NativeSide
from tests.legacy_bridge.django.sessions.trips import counted
from tests.legacy_bridge.django.vectors import NOW

KEYS = ["a", "b", "c", "d", "e", "f", "g", "h", "Z", "é"]
ENTRY = {"BACKEND": DATABASE, "LOCATION": TABLE}


@pytest.mark.parametrize("verb", ["set", "add"])
@pytest.mark.parametrize("seconds", [100, 100.4, 100.6, 0, -7, 0.3, None, 1e12], ids=str)
async def test_ends(
    in_table: SharedCache, engine: AsyncEngine, verb: str, seconds: float | None
) -> None:
    """To the second, from the same moment; Django cannot write one beyond the year 9999."""
    await run(engine, f'DELETE FROM "{TABLE}"')
    ours = DatabaseCache(engine, TABLE, CacheSettings(), clock=lambda: NOW)
    await getattr(ours, verb)("ours", "v", seconds)
    asked = {"verb": verb, "of": ["theirs", "v", None if seconds == 1e12 else seconds]}
    in_table.django.ask("in_cache", entry=ENTRY, now=NOW, **asked)
    rows = await run(engine, f'SELECT cache_key, value, expires FROM "{TABLE}" ORDER BY 1')
    assert [row[0] for row in rows] == [":1:ours", ":1:theirs"]
    assert rows[0][1:] == rows[1][1:]


async def test_an_entry_that_is_over_is_removed_when_it_is_read(
    in_table: SharedCache, engine: AsyncEngine
) -> None:
    await in_table.ours.set("over", "v", -1)
    await in_table.ours.set("there", "v", 100)
    assert await in_table.ours.get("over") is None
    assert await keys_of(engine, "site:2:") == {"there"}


@pytest.mark.parametrize("verb", ["get", "add", "set"])
@pytest.mark.parametrize("key", ["k", "other"])
async def test_what_ends_within_this_second(
    django_with_servers: DjangoSide, in_table: SharedCache, engine: AsyncEngine, verb: str, key: str
) -> None:
    """Over for who reads it, but neither for `add` nor for who makes room."""
    entry = {**ENTRY, "OPTIONS": {"MAX_ENTRIES": 0}}
    ours = DatabaseCache(engine, TABLE, cache_settings(entry), clock=lambda: NOW)
    outcomes = []
    for side in ("theirs", "ours"):
        await run(engine, f'DELETE FROM "{TABLE}"')
        await DatabaseCache(engine, TABLE, CacheSettings(), clock=lambda: NOW).set("k", "old", 0.4)
        of = [key] if verb == "get" else [key, "new", 100]
        answer: Any
        if side == "ours":
            answer = await getattr(ours, verb)(*of)
        else:
            answer = django_with_servers.ask(
                "in_cache", entry=entry, verb=verb, of=of, moment=NOW, now=NOW
            )
        outcomes.append((answer, await values_of(engine)))
    assert outcomes[0] == outcomes[1]


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    present=st.dictionaries(st.sampled_from(KEYS), st.sampled_from([100, -5]), max_size=10),
    key=st.sampled_from(KEYS),
    verb=st.sampled_from(["set", "add"]),
    max_entries=st.integers(0, 8),
    cull_frequency=st.integers(0, 4),
)
@example({"a": 100, "b": 100, "c": -5}, "d", "set", 2, 2)  # enough are over
@example({"a": 100, "b": 100, "c": -5}, "d", "set", 1, 2)
@example({"a": 100, "b": 100}, "a", "add", 1, 0)
async def test_culled_as_django_does(
    django_with_servers: DjangoSide,
    in_table: SharedCache,
    engine: AsyncEngine,
    present: dict[str, int],
    key: str,
    verb: str,
    max_entries: int,
    cull_frequency: int,
) -> None:
    options = {"MAX_ENTRIES": max_entries, "CULL_FREQUENCY": cull_frequency}
    entry = {**ENTRY, "OPTIONS": options}
    ours = shared_cache(entry, engine, None)
    outcomes = []
    for side in ("theirs", "ours"):
        await run(engine, f'DELETE FROM "{TABLE}"')
        filling = DatabaseCache(engine, TABLE, CacheSettings())
        for name, seconds in present.items():
            await filling.set(name, "old", seconds)
        answer: Any
        if side == "ours":
            answer = await getattr(ours, verb)(key, "new", 100)
        else:
            answer = django_with_servers.ask(
                "in_cache", entry=entry, verb=verb, of=[key, "new", 100]
            )
        outcomes.append((answer, await values_of(engine)))
    assert outcomes[0] == outcomes[1]


async def test_one_round_trip_each(
    in_table: SharedCache, django_with_servers: DjangoSide, engine: AsyncEngine
) -> None:
    """On a connection that has prepared the statement before, and while there is room."""
    async with Redis.from_url(django_with_servers.redis) as redis:
        native = NativeSide(django_with_servers.database, engine, redis)
        async with counted(native) as (counting, trips):
            cache = DatabaseCache(counting.engine, TABLE, CacheSettings())
            for _ in range(2):
                taken = []
                for ask in (
                    lambda: cache.set("k", 1, 100),
                    lambda: cache.get("k"),
                    lambda: cache.replace("k", 2, 100),
                    lambda: cache.delete("k"),
                    lambda: cache.add("k", 3, 100),
                ):
                    trips.taken()
                    await ask()
                    taken.append(trips.taken())
            assert taken == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("stored", "reason"),
    [("x", "no base64"), ("gAVL", "neither a pickle nor JSON"), ("é", "neither a pickle nor JSON")],
)
async def test_spoiled_rows(
    in_table: SharedCache, engine: AsyncEngine, stored: str, reason: str
) -> None:
    await in_table.ours.set("spoiled", 1, 100)
    await run(engine, f"UPDATE \"{TABLE}\" SET value = '{stored}' WHERE cache_key ~ 'spoiled'")
    with pytest.raises(UnreadableValueError, match=reason):
        await in_table.ours.get("spoiled")


async def test_a_table_that_is_not_there(engine: AsyncEngine) -> None:
    cache = DatabaseCache(engine, "no such table", CacheSettings())
    for ask in (cache.get("key"), cache.set("key", "a secret", 100), cache.delete("key")):
        with pytest.raises(
            CacheError, match=r"^the cache table no such table: .*not exist"
        ) as error:
            await ask
        assert "a secret" not in str(error.value)


async def test_a_database_that_is_down() -> None:
    nowhere = open_engine("postgresql://nobody@127.0.0.1:1/none", pool_size=1, name="test")
    with pytest.raises(CacheError, match=r"^the cache table t: "):
        await DatabaseCache(nowhere, "t", CacheSettings()).get("k")
    await nowhere.dispose()


async def keys_of(engine: AsyncEngine, before: str) -> set[str]:
    rows = await run(engine, f'SELECT cache_key FROM "{TABLE}"')
    return {row[0].removeprefix(before) for row in rows if row[0].startswith(before)}


async def values_of(engine: AsyncEngine) -> dict[str, str]:
    rows = await run(engine, f'SELECT cache_key, value FROM "{TABLE}"')
    return {row[0]: row[1] for row in rows}


async def run(engine: AsyncEngine, statement: str) -> list[Any]:
    async with engine.begin() as connection:
        done = await connection.execute(text(statement))
        return list(done.all()) if done.returns_rows else []
