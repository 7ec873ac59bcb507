"""Whoever wrote on one side reads it from the other, however slow what lies between is."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Iterator
from statistics import quantiles
from time import monotonic
from typing import Any, LiteralString

import pytest
from psycopg import sql
from sqlalchemy import event, text

from legacy_bridge.replication.causality import POLL_SECONDS, Arrivals, written
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pgoutput.lsn import Lsn
from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.apply.live import process, wait_for
from tests.legacy_bridge.replication.both_ways.pair import TABLES, TwoWay, other, prepared
from tests.legacy_bridge.replication.conftest import drop_slots, run_outside
from tests.legacy_bridge.replication.sides import ROWS, Sides, run

SECONDS = 30.0
WRITES = 20
WAITERS_EACH = 10
DOUBLINGS = 6
"""Until the pauses between two looks have grown to the longest."""
APPLIES: LiteralString = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture(scope="module")
def both(stack: EmbeddedStack, empty_sides: tuple[str, str]) -> Iterator[TwoWay]:
    """The few rows of most tests, in databases that write their logs at once."""
    legacy, native = (stack.create_database(f"causal_{name}", name) for name in empty_sides)
    for url in (legacy, native):
        name = sql.Identifier(url.rpartition("/")[2])
        setting = sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(name)
        run_outside(stack.postgres_url("postgres"), setting)
    run(legacy, ROWS)
    yield prepared(Sides(legacy, native))
    for url in (legacy, native):
        drop_slots(url)


@pytest.fixture(scope="module")
def applier(both: TwoWay) -> Iterator["subprocess.Popen[str]"]:
    """A process that applies both ways."""
    with process(both) as started:
        for url in (both.legacy, both.native):
            wait_for(url, APPLIES, [(1,)])
        yield started


@pytest.fixture
def following(applier: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """Not frozen."""
    yield applier
    applier.send_signal(signal.SIGCONT)


@pytest.fixture(params=Owner)
def side(request: pytest.FixtureRequest) -> Owner:
    """Where the visitor writes."""
    where: Owner = request.param
    return where


class Visitor:
    """Writes a row on `side` that nobody writes on the other one, and reads it there; that side is
    asked `queries` times for how far the stream is."""

    def __init__(self, both: TwoWay, side: Owner) -> None:
        self.side, self.there = side, other(side)
        self.row = list(Owner).index(side) + 1
        self.engines = {
            one: open_engine(both.url(one), pool_size=3, name="visitor") for one in Owner
        }
        self.watched = open_engine(both.url(self.there), pool_size=1, name="arrivals")
        self.arrivals = Arrivals(self.watched, side)
        self.queries = 0
        event.listen(self.watched.sync_engine, "before_cursor_execute", self._count)

    async def write(self, name: str) -> Lsn:
        statement = text(f"UPDATE {TABLES[self.side][0]} SET name = :name WHERE id = {self.row}")
        async with self.engines[self.side].begin() as connection:
            await connection.execute(statement, {"name": name})
        return await written(self.engines[self.side])

    async def read(self) -> str:
        query = text(f"SELECT name FROM {TABLES[self.there][0]} WHERE id = {self.row}")
        async with self.engines[self.there].connect() as connection:
            return str((await connection.execute(query)).scalar_one())

    async def nobody_asks(self) -> None:
        """Until the last look, for whose answer nobody waits, has left the only connection."""
        async with self.watched.connect():
            pass

    async def close(self) -> None:
        await self.arrivals.close()
        for engine in (*self.engines.values(), self.watched):
            await engine.dispose()

    def _count(self, *_: Any) -> None:
        self.queries += 1


@pytest.fixture
async def visitor(both: TwoWay, side: Owner) -> AsyncIterator[Visitor]:
    one = Visitor(both, side)
    yield one
    await one.close()


async def timed(awaited: Awaitable[bool]) -> tuple[bool, float]:
    began = monotonic()
    return await awaited, monotonic() - began


async def test_every_write_is_read(visitor: Visitor, following: "subprocess.Popen[str]") -> None:
    """How long that took is printed with -s."""
    waited = []
    for number in range(WRITES):
        position = await visitor.write(f"write {number}")
        arrived, seconds = await timed(visitor.arrivals.wait_for(position, SECONDS))
        assert arrived
        assert await visitor.read() == f"write {number}"
        waited.append(1000 * seconds)
    cuts = quantiles(waited, n=20, method="inclusive")
    print(f"from {visitor.side}: p50 {cuts[9]:.1f} ms, p95 {cuts[18]:.1f}, max {max(waited):.1f}")


async def test_what_is_known_to_have_arrived_is_not_asked_for(
    visitor: Visitor, following: "subprocess.Popen[str]"
) -> None:
    position = await visitor.write("write")
    assert not visitor.arrivals.arrived(position)
    assert await visitor.arrivals.wait_for(position, SECONDS)
    before = visitor.queries
    assert visitor.arrivals.arrived(position)
    assert await visitor.arrivals.wait_for(position, SECONDS)
    assert visitor.queries == before


async def test_an_applier_that_is_frozen(
    visitor: Visitor, following: "subprocess.Popen[str]"
) -> None:
    first = await visitor.write("before")
    assert await visitor.arrivals.wait_for(first, SECONDS)
    following.send_signal(signal.SIGSTOP)
    position = await visitor.write("after")
    known = None
    while visitor.arrivals.known != known:  # what it had sent by then may be done a little later
        known = visitor.arrivals.known
        arrived, seconds = await timed(visitor.arrivals.wait_for(position, 0.2))
    assert (arrived, await visitor.read()) == (False, "before")
    assert seconds >= 0.2
    # Nothing moved: others are not held up for it again, as long as that is so.
    await visitor.nobody_asks()
    before = visitor.queries
    assert not await visitor.arrivals.wait_for(position, SECONDS)
    assert visitor.queries == before + 1
    following.send_signal(signal.SIGCONT)
    deadline = monotonic() + SECONDS
    while not await visitor.arrivals.wait_for(position, SECONDS):
        assert monotonic() < deadline
    assert await visitor.read() == "after"


async def test_many_wait_and_few_ask(visitor: Visitor, following: "subprocess.Popen[str]") -> None:
    assert await visitor.arrivals.wait_for(await visitor.write("first"), SECONDS)
    following.send_signal(signal.SIGSTOP)
    positions = [await visitor.write(f"write {number}") for number in range(WRITES)]
    before, began = visitor.queries, monotonic()
    waiting = [
        asyncio.create_task(visitor.arrivals.wait_for(position, SECONDS))
        for position in positions * WAITERS_EACH
    ]
    done, _ = await asyncio.wait(waiting, timeout=0.5)
    assert len(done) == 0
    while_frozen, seconds = visitor.queries - before, monotonic() - began
    assert while_frozen <= DOUBLINGS + seconds / POLL_SECONDS[1]
    following.send_signal(signal.SIGCONT)
    assert await asyncio.gather(*waiting) == [True] * len(waiting)
    assert visitor.queries - before < len(waiting)
    assert await visitor.read() == f"write {WRITES - 1}"


async def test_whoever_comes_later_is_not_kept_by_those_before(
    visitor: Visitor, following: "subprocess.Popen[str]"
) -> None:
    """A wait in vain, of which the pauses have grown, and a write that is there at once."""
    assert await visitor.arrivals.wait_for(await visitor.write("first"), SECONDS)
    never = Lsn(visitor.arrivals.known + (1 << 40))
    vain = asyncio.create_task(visitor.arrivals.wait_for(never, 10 * SECONDS))
    positions = [await visitor.write(f"write {number}") for number in range(5)]
    assert await visitor.arrivals.wait_for(positions[-1], SECONDS)
    assert not vain.done()
    await visitor.arrivals.close()
    assert not await vain
