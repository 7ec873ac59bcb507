"""What the bridge writes down about copies, and what it can say about the last ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from legacy_bridge.replication.connections import NATIVE, Connection, connected, who
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.quarantine import Refused
from legacy_bridge.replication.snapshot import Snapshot

TABLES = (
    "bridge_chunks",
    "bridge_copies",
    "bridge_let_in",
    "bridge_owners",
    "bridge_quarantine",
    "bridge_streams",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCopy:
    """The last copy of one native table. The rows are those of the legacy side at `snapshot_at`."""

    table_name: str
    domain: str
    rows_read: int
    inserted: int
    updated: int
    deleted: int
    quarantined: int
    snapshot_lsn: str
    snapshot_at: datetime
    started_at: datetime
    finished_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedTable:
    """One table of a copy; `refused` rows are not as they are on the legacy side.

    Rows that were put in and taken out again, as their parent was refused, count as inserted.
    """

    domain: str
    legacy: str
    native: str
    rows: int
    inserted: int
    updated: int
    deleted: int
    seconds: float
    refused: tuple[Refused, ...]


def last_copies(database_url: str) -> tuple[LastCopy, ...]:
    """The last copy of every table, by domain; none before the first one.

    Raises `BridgeError` for a database that cannot be reached, or was never upgraded.
    """
    with connected(database_url, NATIVE) as native:
        cursor = native.cursor(row_factory=class_row(LastCopy))
        try:
            found = cursor.execute("SELECT * FROM bridge_copies ORDER BY domain, table_name")
        except psycopg.errors.UndefinedTable:
            raise BridgeError(NOT_UP_TO_DATE) from None
        return tuple(found.fetchall())


def write_down(
    native: Connection, snapshot: Snapshot, started_at: datetime, tables: Sequence[CopiedTable]
) -> None:
    """Within the transaction that changes the tables: the records never say more than is so."""
    for table in tables:
        _write_copy(native, snapshot, started_at, table)
        _write_quarantine(native, table)


def _write_copy(
    native: Connection, snapshot: Snapshot, started_at: datetime, table: CopiedTable
) -> None:
    values = {
        "table_name": table.native,
        "domain": table.domain,
        "rows_read": table.rows,
        "inserted": table.inserted,
        "updated": table.updated,
        "deleted": table.deleted,
        "quarantined": len(table.refused),
        "snapshot_lsn": snapshot.lsn,
        "snapshot_at": snapshot.taken_at,
        "started_at": started_at,
        "made_by": who(),
    }
    names = [*values, "finished_at"]
    native.execute(
        sql.SQL(
            "INSERT INTO bridge_copies ({}) VALUES ({}, clock_timestamp())"
            " ON CONFLICT (table_name) DO UPDATE SET {}"
        ).format(
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(map(sql.Placeholder, values)),
            sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in names
            ),
        ),
        values,
    )


def _write_quarantine(native: Connection, table: CopiedTable) -> None:
    """Make the quarantine of a table what it is now; a row that was in it keeps its `since`."""
    refused = [Jsonb(dict(row.key)) for row in table.refused]
    native.execute(_RELEASE.format(LEAVE="key <> ALL (%s::jsonb[])"), [table.native, refused])
    set_apart(native, table.native, table.refused)


def set_apart(native: Connection, table: str, refused: Sequence[Refused]) -> None:
    """Put rows into the quarantine; one that was in it keeps its `since`."""
    with native.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bridge_quarantine (table_name, key, reason, outcome)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (table_name, key)"
            " DO UPDATE SET reason = excluded.reason, outcome = excluded.outcome",
            [(table, Jsonb(dict(row.key)), row.reason, row.outcome) for row in refused],
        )


def kept(
    native: Connection, table: str, keys: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Those of the keys that are in quarantine."""
    found = native.execute(
        "SELECT key FROM bridge_quarantine WHERE table_name = %s AND key = ANY (%s::jsonb[])",
        [table, [Jsonb(dict(key)) for key in keys]],
    )
    return [key for (key,) in found]


def kept_at(
    native: Connection, table: str, keys: Sequence[Mapping[str, Any]], position: Lsn
) -> list[Mapping[str, Any]]:
    """Those that are, or were at this position of the database's log. In one look: a row that is
    let in between two would be found by neither."""
    wanted = [table, [Jsonb(dict(key)) for key in keys]]
    found = native.execute(
        """
        SELECT key FROM bridge_quarantine WHERE table_name = %s AND key = ANY (%s::jsonb[])
        UNION ALL SELECT key FROM bridge_let_in
        WHERE table_name = %s AND key = ANY (%s::jsonb[]) AND position::pg_lsn > %s::pg_lsn
        """,
        [*wanted, *wanted, str(position)],
    )
    return [key for (key,) in found]


def release(
    native: Connection, table: str, keys: Sequence[Mapping[str, Any]] | None
) -> list[Mapping[str, Any]]:
    """Rows that are not refused any more, None: all of the table. Returns the keys of those that
    had been.

    To be called when they are written: what others wrote to them before lies before this position.
    """
    if keys is None:
        found = native.execute(_RELEASE.format(LEAVE="true"), [table])
    else:
        wanted = [Jsonb(dict(key)) for key in keys]
        found = native.execute(_RELEASE.format(LEAVE="key = ANY (%s::jsonb[])"), [table, wanted])
    return [key for (key,) in found]


# What nobody can come with any more: changes that every reader of this database's log has passed.
_RELEASE: LiteralString = """
WITH gone AS (
    DELETE FROM bridge_quarantine WHERE table_name = %s AND {LEAVE} RETURNING table_name, key
), passed AS (
    DELETE FROM bridge_let_in
    WHERE EXISTS (SELECT FROM gone) AND (table_name, key) NOT IN (SELECT table_name, key FROM gone)
      AND NOT EXISTS (
        SELECT FROM pg_replication_slots
        WHERE database = current_database() AND confirmed_flush_lsn <= position::pg_lsn)
), let_in AS (
    INSERT INTO bridge_let_in (table_name, key, position)
    SELECT table_name, key, pg_current_wal_insert_lsn()::text FROM gone
    ON CONFLICT (table_name, key) DO UPDATE SET position = excluded.position
)
SELECT key FROM gone
"""


def quarantined(native: Connection) -> dict[str, int]:
    """How many rows of each table are set apart now; tables without any are missing."""
    found = native.execute(
        "SELECT table_name, count(*) FROM bridge_quarantine GROUP BY table_name ORDER BY 1"
    )
    return dict(found.fetchall())
