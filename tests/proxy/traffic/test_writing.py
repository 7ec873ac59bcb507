"""A worker's counts in a real database: written once, written again, away and back, trimmed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import asyncpg
import psycopg
import pytest

from legacy_bridge.replication.connections import Connection
from migrations.upgrade import connect, upgrade
from proxy.telemetry import AccessLog, Telemetry
from proxy.traffic import writing
from proxy.traffic.counting import Counting
from proxy.traffic.writing import TrafficWriter, trim
from tests.inside import until
from tests.legacy_bridge.replication.chaos.servers import Server
from tests.proxy.telemetry.records import record
from tests.proxy.traffic.put_down import buckets, put


@pytest.fixture(autouse=True)
def _patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left at the end is written over a new connection, on a machine that may be busy."""
    monkeypatch.setattr(writing, "LAST_SECONDS", 20.0)


@asynccontextmanager
async def counting(folder: Path) -> AsyncIterator[tuple[Telemetry, Counting]]:
    with (folder / "log").open("wb") as out:
        telemetry = Telemetry(AccessLog(out.fileno()))
        yield telemetry, Counting(telemetry)
        telemetry.close()


@asynccontextmanager
async def running(writer: TrafficWriter) -> AsyncIterator[None]:
    task = asyncio.create_task(writer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def written(native: Connection) -> list[tuple[object, ...]]:
    return native.execute(
        "SELECT worker, domain, side, sum(requests)::int, sum(errors)::int FROM traffic"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ).fetchall()


async def comes_about(native: Connection, rows: list[tuple[object, ...]]) -> None:
    await until(lambda: written(native) == rows)


async def test_every_second_and_at_the_end(
    native_url: str, native: Connection, tmp_path: Path
) -> None:
    async with counting(tmp_path) as (telemetry, counts):
        async with running(TrafficWriter(native_url, "one", counts)):
            for _ in range(3):
                record(telemetry, domain="downloads", owner="native")
            counts.hits["downloads", "/downloads/**", "native"] += 3
            await comes_about(native, [("one", "downloads", "native", 3, 0)])
            record(telemetry, domain="downloads", owner="native", status=503)
            await comes_about(native, [("one", "downloads", "native", 4, 1)])
            counts.hits["downloads", "/downloads/**", "native"] += 1
            record(telemetry)
        assert written(native) == [
            ("one", "", "legacy", 1, 0),
            ("one", "downloads", "native", 4, 1),
        ]
    hits = native.execute("SELECT domain, route, side, requests FROM route_hits").fetchall()
    assert hits == [("downloads", "/downloads/**", "native", 4)]
    seconds = native.execute("SELECT extract(epoch FROM at)::int % 2 FROM traffic").fetchall()
    assert set(seconds) == {(0,)}


async def test_nothing_is_written_where_nothing_is_new(
    native_url: str, native: Connection, tmp_path: Path
) -> None:
    async with (
        counting(tmp_path) as (telemetry, counts),
        running(TrafficWriter(native_url, "one", counts)),
    ):
        record(telemetry)
        await comes_about(native, [("one", "", "legacy", 1, 0)])
        before = native.execute("SELECT xmin::text FROM traffic").fetchall()
        await asyncio.sleep(2.1)
        assert native.execute("SELECT xmin::text FROM traffic").fetchall() == before


async def test_a_database_that_crashes_costs_no_count(tmp_path: Path) -> None:
    """What was counted while it was away is there afterwards, and nothing twice."""
    folder = tmp_path / "server"
    folder.mkdir(mode=0o711)
    server = Server(folder)
    try:
        server.execute("CREATE DATABASE {}", "native")
        url = server.url("native")
        with connect(url) as connection:
            upgrade(connection)
        async with counting(tmp_path) as (telemetry, counts):

            def ask(times: int) -> None:
                for _ in range(times):
                    record(telemetry, domain="downloads")
                    counts.hits["downloads", "/downloads/**", "legacy"] += 1

            async with running(TrafficWriter(url, "one", counts)):
                ask(1)
                with psycopg.connect(url, autocommit=True) as native:
                    await comes_about(native, [("one", "downloads", "legacy", 1, 0)])
                crash = asyncio.create_task(asyncio.to_thread(server.crash))
                ask(10)
                await crash
                ask(1)
                with psycopg.connect(url, autocommit=True) as native:
                    await comes_about(native, [("one", "downloads", "legacy", 12, 0)])
                    hits = native.execute("SELECT requests FROM route_hits").fetchall()
                    assert hits == [(12,)]
    finally:
        server.delete()


async def test_what_is_old_is_merged_and_then_deleted(native_url: str, native: Connection) -> None:
    ((now,),) = native.execute("SELECT date_trunc('minute', now())")
    quarter, week = now - timedelta(minutes=20), now - timedelta(days=7, minutes=1)
    for seconds, worker in ((0, "a"), (0, "b"), (58, "a"), (60, "a")):
        put(native, quarter + timedelta(seconds=seconds), "legacy", 0.01, 0.25, worker=worker)
    put(native, now, "legacy", 0.01)
    put(native, week, "legacy", 0.01, worker="")
    connection = await asyncpg.connect(native_url)
    await trim(connection, whole=True)
    merged = [
        (quarter, "", 6, buckets(*[0.01] * 3, *[0.25] * 3)),
        (quarter + timedelta(minutes=1), "", 2, buckets(0.01, 0.25)),
        (now, "a", 1, buckets(0.01)),
    ]
    assert rows(native) == merged
    # A worker that has been away brings what belongs to a minute that is merged already.
    put(native, quarter + timedelta(seconds=2), "legacy", 0.5, worker="c")
    await trim(connection, whole=False)
    merged[0] = (quarter, "", 7, buckets(*[0.01] * 3, *[0.25] * 3, 0.5))
    assert rows(native) == merged
    await connection.close()


async def test_one_worker_trims_at_a_time(native_url: str, native: Connection) -> None:
    ((old,),) = native.execute("SELECT now() - interval '1 hour'")
    put(native, old, "legacy", 0.01)
    first, second = [await asyncpg.connect(native_url) for _ in range(2)]
    async with first.transaction():
        await trim(first, whole=True)
        await trim(second, whole=True)
        assert rows(native)[0][1] == "a"
    assert rows(native)[0][1] == ""
    for connection in (first, second):
        await connection.close()


def rows(native: Connection) -> list[tuple[object, ...]]:
    return native.execute("SELECT at, worker, requests, buckets FROM traffic ORDER BY 1").fetchall()


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/nothing"])
async def test_a_database_that_never_comes_is_said_once(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        counting(tmp_path) as (telemetry, counts),
        running(TrafficWriter(url, "one", counts)),
    ):
        record(telemetry)
        await until(lambda: bool(caplog.records))
        await asyncio.sleep(1.2)  # the next attempt
    said = [one.getMessage() for one in caplog.records]
    assert len(said) == 1
    assert said[0].startswith("traffic is not written down, but kept for some minutes: ")
