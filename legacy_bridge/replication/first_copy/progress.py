"""How far the first copy of each table is, as written down in the transactions that copy it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.quarantine import Refused
from legacy_bridge.replication.records import CopiedTable
from legacy_bridge.replication.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One row of bridge_chunks; see there."""

    table_name: str
    form: str
    through: Sequence[str] | None
    complete: bool
    rows: int
    inserted: int
    seconds: float
    snapshot_lsn: str
    snapshot_at: datetime
    started_at: datetime

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.snapshot_lsn, self.snapshot_at)

    @property
    def whole_from(self) -> Lsn:
        return Lsn.parse(self.snapshot_lsn)


def read_progress(native: Connection) -> dict[str, Progress]:
    """By native table; none unless a first copy has begun and is not complete."""
    try:
        cursor = native.cursor(row_factory=class_row(Progress))
        return {found.table_name: found for found in cursor.execute("SELECT * FROM bridge_chunks")}
    except psycopg.errors.UndefinedTable:
        raise BridgeError(NOT_UP_TO_DATE) from None


def write_progress(native: Connection, progress: Progress) -> None:
    """Within the transaction that copies what it tells of."""
    native.execute(
        """
        INSERT INTO bridge_chunks (table_name, form, through, complete, rows, inserted, seconds,
                                   snapshot_lsn, snapshot_at, started_at)
        VALUES (%s, %s, %s::text[], %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (table_name) DO UPDATE SET
            through = excluded.through, complete = excluded.complete, rows = excluded.rows,
            inserted = excluded.inserted, seconds = excluded.seconds,
            snapshot_lsn = excluded.snapshot_lsn, snapshot_at = excluded.snapshot_at
        """,
        [
            progress.table_name,
            progress.form,
            None if progress.through is None else list(progress.through),
            progress.complete,
            progress.rows,
            progress.inserted,
            progress.seconds,
            progress.snapshot_lsn,
            progress.snapshot_at,
            progress.started_at,
        ],
    )


def forget(native: Connection) -> None:
    """The copy is complete, or is begun anew."""
    native.execute("DELETE FROM bridge_chunks")


def copied(native: Connection, pair: TablePair, progress: Progress) -> CopiedTable:
    """What a table's copy came to, with the rows that it left in quarantine."""
    found = native.execute(
        "SELECT key, reason, outcome FROM bridge_quarantine WHERE table_name = %s ORDER BY key",
        [pair.target.name],
    )
    return CopiedTable(
        domain=pair.domain,
        legacy=pair.legacy.name,
        native=pair.native.name,
        rows=progress.rows,
        inserted=progress.inserted,
        updated=0,
        deleted=0,
        seconds=round(progress.seconds, 3),
        refused=tuple(Refused(*row) for row in found),
    )
