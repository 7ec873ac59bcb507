"""Who owns what, which phase each domain has been let, and what became of the last flips."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.owners import Owners, read_owners
from proxy.ownership.store import Let, read_phases


@dataclass(frozen=True, slots=True)
class Tables:
    """Names of a domain's tables on each side; none where the domain has no rows of its own."""

    native: tuple[str, ...] = ()
    legacy: tuple[str, ...] = ()
    movable: bool = False


@dataclass(frozen=True, slots=True)
class Flipped:
    """The last change of a domain: what somebody asked for, or what happened without that."""

    domain: str
    at: datetime
    action: str
    before: str
    after: str
    made_by: str
    why: str
    pause_seconds: float | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Of one native table. `differing`: as of the last comparison, None where there was none."""

    table: str
    differing: int | None
    copied: int | None
    quarantined: int


@dataclass(frozen=True, slots=True)
class State:
    """By domain, and by table. `troubles`: why the last hand-over of rows came to nothing, where
    none went well since. `owned_since`: when the rows got the owner that they have."""

    owners: Owners
    owned_since: Mapping[str, datetime]
    let: Mapping[str, Let]
    flipped: Mapping[str, Flipped]
    troubles: Mapping[str, str]
    fenced: frozenset[str]
    rows: Mapping[str, Rows]
    workers: tuple[tuple[str, str], ...]
    """Those with a lease: name, and digest of the routing.yaml that they have in force."""


def read_state(native: Connection) -> State:
    flipped = native.cursor(row_factory=class_row(Flipped)).execute(_FLIPPED)
    rows = native.cursor(row_factory=class_row(Rows)).execute(_ROWS)
    return State(
        owners=read_owners(native),
        owned_since=dict(native.execute("SELECT domain, since FROM bridge_owners").fetchall()),
        let=read_phases(native),
        flipped={one.domain: one for one in flipped},
        troubles=dict(native.execute(_TROUBLES).fetchall()),
        fenced=frozenset(domain for (domain,) in native.execute(_FENCED)),
        rows={one.table: one for one in rows},
        workers=tuple((worker, digest) for worker, digest in native.execute(_WORKERS)),
    )


# What was let or handed over since somebody asked for it is told as theirs: also `reads`, in which
# a domain is until its rows are native.
_FLIPPED: LiteralString = """
SELECT DISTINCT ON (domain) domain, at, action, before, after, made_by, why,
       (SELECT o.pause_seconds FROM ownership_changes AS o
        WHERE o.domain = c.domain AND o.action = 'owner' AND o.result = 'done' AND o.id > c.id
        ORDER BY o.id DESC LIMIT 1) AS pause_seconds
FROM ownership_changes AS c
WHERE action = 'phase' OR (action = 'retire' AND result = 'done')
      OR (action IN ('owner', 'let') AND result = 'done' AND NOT EXISTS (
    SELECT FROM ownership_changes AS asked
    WHERE asked.domain = c.domain AND asked.action = 'phase' AND asked.id < c.id
          AND asked.at > c.at - interval '1 day'
          AND (asked.after = c.after OR (asked.after, c.after) = ('native', 'reads')))
    AND NOT (action = 'owner' AND EXISTS (
        SELECT FROM ownership_changes AS asked
        WHERE asked.domain = c.domain AND asked.action = 'phase' AND asked.id < c.id
              AND asked.at > c.at - interval '1 day')))
ORDER BY domain, id DESC
"""
_TROUBLES: LiteralString = """
SELECT domain, reason FROM (
    SELECT DISTINCT ON (domain) domain, result, reason FROM ownership_changes
    WHERE action = 'owner' ORDER BY domain, id DESC) AS last
WHERE result <> 'done'
"""
_FENCED: LiteralString = "SELECT domain FROM ownership_fences WHERE until > clock_timestamp()"
_ROWS: LiteralString = """
SELECT name AS table, v.differing, c.rows_read AS copied, coalesce(q.number, 0) AS quarantined
FROM (SELECT table_name AS name FROM bridge_verifies UNION SELECT table_name FROM bridge_copies
      UNION SELECT table_name FROM bridge_quarantine) AS names
LEFT JOIN bridge_verifies AS v ON v.table_name = name
LEFT JOIN bridge_copies AS c ON c.table_name = name
LEFT JOIN (SELECT table_name, count(*) AS number FROM bridge_quarantine GROUP BY 1) AS q
          ON q.table_name = name
"""
_WORKERS: LiteralString = """
SELECT worker, digest FROM ownership_workers WHERE lease_until > clock_timestamp() ORDER BY worker
"""
