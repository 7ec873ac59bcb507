"""What comparing both sides' answers and rows has found in the last day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg.rows import class_row

from legacy_bridge.replication.connections import Connection
from proxy.parity.tally import RouteTally

SINCE_HOURS = 24
MOST_TALLIES = 5000
MOST_WRITES = 50
_decode = msgspec.json.Decoder(RouteTally).decode


@dataclass(frozen=True, slots=True)
class Compared:
    """Answers of one domain. `left` and `failed` ones were not compared."""

    asked: int = 0
    equal: int = 0
    left: int = 0
    failed: int = 0

    @property
    def compared(self) -> int:
        return self.asked - self.left - self.failed

    @property
    def share(self) -> float | None:
        """Of those compared, how many were alike."""
        return self.equal / self.compared if self.compared else None


@dataclass(frozen=True, slots=True)
class Write:
    """A row of `parity_writes`."""

    at: datetime
    route: str
    method: str
    target: str
    equal: bool
    differences: Any
    note: str


def read_compared(native: Connection) -> Mapping[str, Compared]:
    """By domain."""
    found = native.execute(_COMPARED, [SINCE_HOURS])
    return {domain: Compared(*counts) for domain, *counts in found}


def read_tallies(native: Connection, domain: str) -> tuple[list[RouteTally], int]:
    """Of each route of a domain that was compared, and how many rows could not be read."""
    routes: dict[str, RouteTally] = {}
    unread = 0
    for route, text in native.execute(_TALLIES, [domain, SINCE_HOURS, MOST_TALLIES]):
        try:
            tally = _decode(text)
        except (msgspec.DecodeError, msgspec.ValidationError):
            unread += 1  # of another version
            continue
        if route in routes:
            routes[route].add(tally)
        else:
            routes[route] = tally
    return [routes[name] for name in sorted(routes)], unread


def read_writes(native: Connection, domain: str) -> list[Write]:
    """The newest first, those that differ before those that do not."""
    cursor = native.cursor(row_factory=class_row(Write))
    return cursor.execute(_WRITES, [domain, MOST_WRITES]).fetchall()


def read_write_counts(native: Connection, domain: str) -> tuple[int, int]:
    """How many writes were compared in the last day, and how many of them were alike."""
    row = native.execute(_WRITE_COUNTS, [domain, SINCE_HOURS]).fetchone()
    return (row[0], row[1]) if row else (0, 0)


_COMPARED: LiteralString = """
SELECT domain, coalesce(sum((tally->>'asked')::bigint), 0)::bigint,
       coalesce(sum((tally->>'equal')::bigint), 0)::bigint,
       coalesce(sum((tally->>'left')::bigint), 0)::bigint,
       coalesce(sum((tally->>'failed')::bigint), 0)::bigint
FROM parity_tallies WHERE at > clock_timestamp() - make_interval(hours => %s) GROUP BY domain
"""
_TALLIES: LiteralString = """
SELECT route, tally::text FROM parity_tallies
WHERE domain = %s AND at > clock_timestamp() - make_interval(hours => %s)
ORDER BY at DESC LIMIT %s
"""
_WRITES: LiteralString = """
SELECT at, route, method, target, equal, differences, note FROM parity_writes
WHERE domain = %s ORDER BY equal, id DESC LIMIT %s
"""
_WRITE_COUNTS: LiteralString = """
SELECT count(*), count(*) FILTER (WHERE equal) FROM parity_writes
WHERE domain = %s AND at > clock_timestamp() - make_interval(hours => %s)
"""
