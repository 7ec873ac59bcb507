"""The record of changes: who changed what, when, why, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.rows import class_row

from legacy_bridge.replication.connections import Connection

PAGE = 50


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row of `ownership_changes`."""

    id: int
    at: datetime
    domain: str
    action: str
    before: str
    after: str
    made_by: str
    why: str
    result: str
    reason: str
    pause_seconds: float | None
    steps: list[dict[str, Any]]


def read_changes(
    native: Connection,
    *,
    domain: str | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE + 1,
) -> list[Recorded]:
    """The newest first; those with smaller ids than `before` and larger ones than `after`."""
    cursor = native.cursor(row_factory=class_row(Recorded))
    asked = {"domain": domain, "before": before, "after": after, "limit": limit}
    return cursor.execute(_CHANGES, asked).fetchall()


_CHANGES: LiteralString = """
SELECT id, at, domain, action, before, after, made_by, why, result, reason, pause_seconds, steps
FROM ownership_changes
WHERE (%(domain)s::text IS NULL OR domain = %(domain)s)
      AND (%(before)s::bigint IS NULL OR id < %(before)s)
      AND (%(after)s::bigint IS NULL OR id > %(after)s)
ORDER BY id DESC LIMIT %(limit)s
"""
