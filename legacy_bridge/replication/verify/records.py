"""What verifications write down and look up in the native database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pgoutput.lsn import Lsn


@dataclass(frozen=True, slots=True)
class LastVerify:
    """The last verification of a native table. It was clean if no row was `differing`.

    All that the side which owned the rows had committed before `position` was in what was compared.
    """

    table_name: str
    at: datetime
    rows: int
    differing: int
    position: str


def write_down(native: Connection, *, table: str, rows: int, differing: int, position: Lsn) -> None:
    """Replace the record of the last verification, where the database has a place for it."""
    if not _has_place(native):
        return
    native.execute(
        """
        INSERT INTO bridge_verifies (table_name, at, rows, differing, position)
        VALUES (%s, clock_timestamp(), %s, %s, %s)
        ON CONFLICT (table_name) DO UPDATE
        SET at = excluded.at, rows = excluded.rows, differing = excluded.differing,
            position = excluded.position
        """,
        [table, rows, differing, str(position)],
    )


def last_verifies(native: Connection) -> tuple[LastVerify, ...]:
    """By table; none before the first."""
    if not _has_place(native):
        return ()
    cursor = native.cursor(row_factory=class_row(LastVerify))
    return tuple(cursor.execute("SELECT * FROM bridge_verifies ORDER BY table_name").fetchall())


def _has_place(native: Connection) -> bool:
    return native.execute("SELECT to_regclass('bridge_verifies')").fetchone() != (None,)


def copied_at(native: Connection, table: str) -> datetime | None:
    """The moment that the last copy of a table shows."""
    query = "SELECT snapshot_at FROM bridge_copies WHERE table_name = %s"
    found = native.execute(query, [table]).fetchone()
    return found[0] if found else None


def in_quarantine(native: Connection, table: str, keys: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Of each key, whether its row is known to differ."""
    if not keys:
        return []
    query = """
        SELECT EXISTS (SELECT FROM bridge_quarantine AS q WHERE table_name = %s AND q.key = k.key)
        FROM unnest(%s::jsonb[]) WITH ORDINALITY AS k (key, number) ORDER BY number
    """
    found = native.execute(query, [table, [Jsonb(dict(key)) for key in keys]])
    return [known for (known,) in found]
