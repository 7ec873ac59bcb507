"""Tallies in the native database: fine ones for an hour, then by the hour, for a week.

The buckets of a worker are its own; merged ones belong to nobody. Whatever is read is a sum, so
that it does not matter which of both a tally is in.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from legacy_bridge.replication.connections import Connection
from proxy.parity.finding import Difference
from proxy.parity.tally import Parity, PathTally, RouteTally

FINE_SECONDS = 10
MERGED_AFTER = "1 hour"
KEPT = "7 days"
AT_ONCE = 2000
"""Rows that one call of `trim` takes together, so that it is soon over."""
PATHS_WITH_EXAMPLES = 50
WRITES_KEPT = 10_000


def add(native: Connection, worker: str, parity: Parity, at: float) -> None:
    """Add what a worker found `at` (seconds since 1970) to its bucket, in one transaction."""
    begin = datetime.fromtimestamp(at // FINE_SECONDS * FINE_SECONDS, UTC)
    with native.transaction():
        for tally in parity:
            _merge(native, begin, worker, tally)


def read(native: Connection, domain: str, since: datetime) -> Parity:
    """What was found in the domain in all buckets that began since then."""
    found = native.execute(
        "SELECT tally FROM parity_tallies WHERE domain = %s AND at >= %s", [domain, since]
    )
    return _sum(_tally(row) for (row,) in found)


def trim(native: Connection) -> None:
    """Merge what is old, forget what is older. Of several at a time one does it."""
    with native.transaction():
        alone = native.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('strangler parity_tallies'))"
        ).fetchone()
        if alone == (True,):
            native.execute(
                "DELETE FROM parity_tallies WHERE at < clock_timestamp() - %s::interval", [KEPT]
            )
            native.execute(
                "DELETE FROM parity_writes WHERE at < clock_timestamp() - %s::interval"
                " OR id <= (SELECT max(id) FROM parity_writes) - %s",
                [KEPT, WRITES_KEPT],
            )
            _merge_old(native)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFound:
    """What a rehearsal did, beside what came from the legacy side; everything is masked."""

    domain: str
    route: str
    method: str
    target: str
    at: float
    differences: tuple[Difference, ...] = ()
    note: str = ""


def add_write(native: Connection, found: WriteFound) -> None:
    native.execute(
        """
        INSERT INTO parity_writes (at, domain, route, method, target, equal, differences, note)
        VALUES (to_timestamp(%s), %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            found.at,
            found.domain,
            found.route,
            found.method,
            found.target,
            not found.differences,
            _as_json(found.differences),
            found.note,
        ],
    )


def _merge_old(native: Connection) -> None:
    taken = native.execute(
        """
        DELETE FROM parity_tallies AS t USING (
            SELECT at, worker, domain, route FROM parity_tallies
            WHERE worker <> '' AND at < date_trunc('hour', clock_timestamp() - %s::interval, 'UTC')
            ORDER BY at LIMIT %s
        ) AS old
        WHERE (t.at, t.worker, t.domain, t.route) = (old.at, old.worker, old.domain, old.route)
        RETURNING date_trunc('hour', t.at, 'UTC'), t.at, t.tally
        """,
        [MERGED_AFTER, AT_ONCE],
    ).fetchall()
    by_hour: dict[datetime, tuple[datetime, Parity]] = {}
    for hour, at, row in sorted(taken, key=lambda one: one[1]):
        by_hour.setdefault(hour, (at, Parity()))[1].merge(_sum([_tally(row)]))
    # Under the earliest time of them: a phase begun within the hour keeps what it showed.
    for at, parity in by_hour.values():
        for tally in parity:
            _merge(native, at, "", tally)


def _merge(native: Connection, begin: datetime, worker: str, tally: RouteTally) -> None:
    key = [begin, worker, tally.domain, tally.route]
    there = native.execute(
        "SELECT tally FROM parity_tallies"
        " WHERE at = %s AND worker = %s AND domain = %s AND route = %s FOR UPDATE",
        key,
    ).fetchone()
    both = _sum([tally] if there is None else [_tally(there[0]), tally])
    native.execute(
        "INSERT INTO parity_tallies (at, worker, domain, route, tally) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (at, worker, domain, route) DO UPDATE SET tally = excluded.tally",
        [*key, _written(next(iter(both)))],
    )


def _sum(tallies: Iterable[RouteTally]) -> Parity:
    parity = Parity()
    for tally in tallies:
        one = Parity()
        one.routes[tally.domain, tally.route] = tally
        parity.merge(one)
    return parity


def _tally(row: Any) -> RouteTally:
    """What the driver made of the JSON."""
    return msgspec.convert(row, RouteTally)


def _written(tally: RouteTally) -> str:
    """With examples of the most frequent differences only: a row is to stay small."""
    frequent = sorted(tally.paths.items(), key=lambda one: (-one[1].differing, one[0]))
    paths = {
        path: found if number < PATHS_WITH_EXAMPLES else PathTally(found.differing, found.kinds)
        for number, (path, found) in enumerate(frequent)
    }
    return _as_json(msgspec.structs.replace(tally, paths=paths))


def _as_json(value: object) -> str:
    """PostgreSQL takes no NUL in a text, and pages may say anything."""
    return _NUL.sub(r"\1\\u2400", msgspec.json.encode(value).decode())


_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
