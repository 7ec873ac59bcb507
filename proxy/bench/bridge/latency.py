"""From the return of a commit to the moment in which others see its row on the other side.

Transactions come by the clock, whether or not the last one is through: four connections in turn,
each inserting rows of growing ids in a range of its own. A fifth one on the other side asks again
and again for the largest id of each range; a row counts as seen when such an answer has arrived.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from time import perf_counter, sleep

import psycopg
from psycopg import sql

from legacy_bridge.replication.copy import table_pairs
from legacy_bridge.replication.handing_over import hand_over
from legacy_bridge.replication.owners import Owner
from proxy.bench.bridge import helper
from proxy.bench.bridge.figures import Figure, Wanted
from proxy.bench.bridge.plan import LATENCY, BridgePlan
from proxy.bench.bridge.site import NARROW, Site, mapping_of, mappings
from proxy.bench.figures import percentile

WRITERS = 4
RANGE = 10_000_000
LOOK_SECONDS = 0.001
PATIENCE_SECONDS = 30.0
WANTED = {50: Wanted("ours", 10.0, least=False), 99: Wanted("ours", 50.0, least=False)}


def measure(site: Site, plan: BridgePlan) -> Iterator[Figure]:
    site.clear()
    site.fill(NARROW, 1_000)
    helper.done(site, "copy", domains=[NARROW])
    yield from _figures("to native", _forward(site), site, plan)
    helper.done(site, "catch_up")
    _hand_over(site)
    yield from _figures("to legacy", _back(site), site, plan)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where it is written and where it is looked for: URL and table. `first`: id of its rows."""

    source: tuple[str, str]
    target: tuple[str, str]
    columns: Sequence[str]
    first: int


def _forward(site: Site) -> _Way:
    mapping = mapping_of(NARROW)
    columns = [column.legacy for column in mapping.columns]
    return _Way((site.legacy, mapping.legacy), (site.native, mapping.native), columns, RANGE)


def _back(site: Site) -> _Way:
    mapping = mapping_of(NARROW)
    columns = [column.native for column in mapping.columns]
    return _Way(
        (site.native, mapping.native), (site.legacy, mapping.legacy), columns, RANGE * (WRITERS + 1)
    )


def _hand_over(site: Site) -> None:
    with (
        psycopg.connect(site.legacy, autocommit=True) as legacy,
        psycopg.connect(site.native, autocommit=True) as native,
    ):
        pairs, _ = table_pairs(legacy, native, mappings((NARROW,)))
        hand_over(legacy, native, pairs, Owner.NATIVE)


def _figures(title: str, way: _Way, site: Site, plan: BridgePlan) -> Iterator[Figure]:
    with helper.following(site):
        seen = _observed(way, plan.rate, plan.latency_seconds)
    ordered = sorted(seen.milliseconds)
    errors = [] if len(ordered) == seen.committed else ["rows did not arrive"]
    name = f"{title}, {len(ordered) / seen.seconds:,.0f} tx/s"
    for percent in (50, 95, 99, 100):
        yield Figure(
            part=LATENCY,
            name=f"{name}: {f'p{percent}' if percent < 100 else 'most'}",
            unit="ms",
            ours=round(percentile(ordered, percent), 2) if ordered else PATIENCE_SECONDS * 1000,
            wanted=WANTED.get(percent),
            errors=errors,
        )
        errors = []  # told once


@dataclass(slots=True)
class _Writer:
    """Its rows have ids from `first` on; `committed_at` of each, in their order."""

    first: int
    committed_at: list[float] = field(default_factory=list)
    seen: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    milliseconds: Sequence[float]
    committed: int
    seconds: float


def _observed(way: _Way, rate: int, seconds: float) -> _Seen:
    writers = [_Writer(way.first + RANGE * number) for number in range(WRITERS)]
    each = int(rate * seconds / WRITERS)
    written = Event()
    with ThreadPoolExecutor(WRITERS + 1) as threads:
        watching = threads.submit(_watch, way, writers, written)
        began = perf_counter() + 0.2  # all are connected by then
        starts = [began + number / rate for number in range(WRITERS)]
        writing = [
            threads.submit(_write, way, writer, start, WRITERS / rate, each)
            for writer, start in zip(writers, starts, strict=True)
        ]
        try:
            for one in writing:
                one.result()
        finally:
            ended = perf_counter()
            written.set()
        latencies = watching.result()
    return _Seen(latencies, WRITERS * each, ended - began)


def _write(way: _Way, writer: _Writer, start: float, every: float, count: int) -> None:
    url, table = way.source
    insert = sql.SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES (%s, now(), now(), NULL, NULL, %s, "
        "'what stands in a new box', 'html', '<p>what stands in a new box</p>')"
    ).format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, way.columns)))
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(count):
            sleep(max(0.0, start + number * every - perf_counter()))
            id_ = writer.first + number
            connection.execute(insert, (id_, f"new label {id_}"))
            writer.committed_at.append(perf_counter())


def _watch(way: _Way, writers: Sequence[_Writer], written: Event) -> list[float]:
    """Milliseconds of every row that was seen, until all were or patience ended."""
    url, table = way.target
    largest = sql.SQL("(SELECT max(id) FROM {} WHERE id < {})")
    ends = [largest.format(sql.Identifier(table), w.first + RANGE) for w in writers]
    query = sql.SQL("SELECT ") + sql.SQL(", ").join(ends)
    found: list[float] = []
    give_up: float | None = None
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            all_written = written.is_set()
            row = connection.execute(query).fetchone() or ()
            now = perf_counter()
            for writer, id_ in zip(writers, row, strict=True):
                found += _arrived(writer, id_ or 0, now)
            if all_written:
                give_up = give_up or now + PATIENCE_SECONDS
                if now > give_up or all(w.seen == len(w.committed_at) for w in writers):
                    return found
            sleep(LOOK_SECONDS)


def _arrived(writer: _Writer, largest: int, now: float) -> Iterator[float]:
    """Rows may be seen before the writer was told that they are committed: that is no time."""
    through = min(largest - writer.first + 1, len(writer.committed_at))
    while writer.seen < through:
        yield max(0.0, now - writer.committed_at[writer.seen]) * 1000
        writer.seen += 1
