"""What is waited for, as the record of a stream says: written here by hand, no stream runs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from itertools import count
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from legacy_bridge.replication import home
from legacy_bridge.replication.causality import Arrivals, written
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pgoutput.lsn import Lsn
from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack

SECONDS = 10.0
NUMBERS = count(1)


@pytest.fixture(params=Owner)
def side(request: pytest.FixtureRequest) -> Owner:
    where: Owner = request.param
    return where


@pytest.fixture(scope="module")
def native(stack: EmbeddedStack, native_template: str) -> str:
    return stack.create_database("arrivals_native", template=native_template)


@pytest.fixture(scope="module")
def legacy(stack: EmbeddedStack) -> str:
    url = stack.create_database("arrivals_legacy")
    with psycopg.connect(url, autocommit=True) as connection:
        home.ensure(connection)
    return url


@pytest.fixture
def database(legacy: str, native: str, side: Owner) -> str:
    """Where what is written on that side arrives."""
    return native if side is Owner.LEGACY else legacy


@pytest.fixture
async def arrivals(database: str, side: Owner) -> AsyncIterator[Arrivals]:
    engine = open_engine(database, pool_size=2, name="arrivals")
    found = Arrivals(engine, side)
    yield found
    await found.close()
    await engine.dispose()


def record(url: str, side: Owner, applied: str | None, *, slot: str = "a", fault: str = "") -> None:
    """How far the stream from this side is; None: there is none."""
    schema, name = ("public", "forward") if side is Owner.LEGACY else ("strangler", "reverse")
    table = sql.Identifier(schema, "bridge_streams")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DELETE FROM {}").format(table))
        if applied is not None:
            connection.execute(
                sql.SQL(
                    "INSERT INTO {} (name, slot, publication, system_id, timeline, database,"
                    " domains, applied_lsn, source_at, applied_at, fault)"
                    " VALUES (%s, %s, '', '', 1, '', '{{}}', %s, now(), now(), %s)"
                ).format(table),
                [name, slot, applied, fault or None],
            )


async def test_where_nothing_comes_nobody_waits(
    database: str, side: Owner, arrivals: Arrivals
) -> None:
    async with asyncio.timeout(SECONDS):
        record(database, side, "0/1", fault="its slot is gone")
        assert not await arrivals.wait_for(Lsn.parse("0/2"), 10 * SECONDS)
        assert arrivals.known == Lsn.parse("0/1")
        record(database, side, None)
        assert not await arrivals.wait_for(Lsn.parse("0/2"), 10 * SECONDS)
        assert arrivals.known == Lsn(0)


async def test_what_a_stream_with_a_fault_has_brought_is_there(
    database: str, side: Owner, arrivals: Arrivals
) -> None:
    record(database, side, "0/2", fault="its slot is gone")
    assert await arrivals.wait_for(Lsn.parse("0/2"), SECONDS)


async def test_a_stream_that_was_begun_anew_counts_from_its_beginning(
    database: str, side: Owner, arrivals: Arrivals
) -> None:
    record(database, side, "FF/0")
    assert await arrivals.wait_for(Lsn.parse("FE/0"), SECONDS)
    record(database, side, "1/0", slot="b")
    assert not await arrivals.wait_for(Lsn.parse("FF/1"), 0.1)
    assert arrivals.known == Lsn.parse("1/0")


async def test_whoever_comes_while_another_waits_in_vain(
    database: str, side: Owner, arrivals: Arrivals
) -> None:
    record(database, side, "0/1")
    vain = asyncio.create_task(arrivals.wait_for(Lsn.parse("FF/0"), SECONDS))
    assert not await arrivals.wait_for(Lsn.parse("0/2"), 0.1)
    record(database, side, "0/3")
    assert await arrivals.wait_for(Lsn.parse("0/3"), SECONDS)
    assert not vain.done()
    await arrivals.close()
    assert await vain is False


async def test_one_after_the_other(database: str, side: Owner, arrivals: Arrivals) -> None:
    """Whoever comes when the last one has just been told is told the truth as well."""
    for position in range(1, 30):
        record(database, side, f"0/{position:X}")
        assert await arrivals.wait_for(Lsn.parse(f"0/{position:X}"), SECONDS)


async def test_a_database_that_is_gone(side: Owner, caplog: pytest.LogCaptureFixture) -> None:
    """Is said once."""
    engine = open_engine("postgresql://127.0.0.1:1/none", pool_size=1, name="nowhere")
    arrivals = Arrivals(engine, side)
    with caplog.at_level(logging.WARNING, "legacy_bridge.replication.causality"):
        assert not await arrivals.wait_for(Lsn.parse("0/1"), SECONDS)
        assert not await arrivals.wait_for(Lsn.parse("0/1"), SECONDS)
    (said,) = caplog.messages
    assert said.startswith(f"what came from the {side} database cannot be asked: ")
    await engine.dispose()


async def test_somebody_who_may_not_write_messages(database: str) -> None:
    """Has the end of the log, which is passed as well, only later."""
    guest = f"guest_{next(NUMBERS)}"
    with psycopg.connect(database, autocommit=True) as connection:
        place = f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"
        connection.execute(REVOKE)
        connection.execute(f"CREATE ROLE {guest} LOGIN PASSWORD 'guest'".encode())
        ((end,),) = connection.execute("SELECT pg_current_wal_insert_lsn()::text").fetchall()
        engine = open_engine(f"postgresql://{guest}:guest@{place}", pool_size=1, name=guest)
        assert await written(engine) >= Lsn.parse(end)
        await engine.dispose()
        connection.execute(f"DROP ROLE {guest}".encode())


REVOKE: LiteralString = """
DO $$ BEGIN EXECUTE (
    SELECT string_agg(format('REVOKE EXECUTE ON FUNCTION %s FROM public', oid::regprocedure), '; ')
    FROM pg_proc WHERE proname = 'pg_logical_emit_message'
); END $$
"""
"""However many arguments it has: that depends on the version."""
