"""What is written down of a stream: from where to where, and how far it has been applied."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import psycopg
from psycopg.rows import class_row

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.copy import Domains
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.publication import Tables
from legacy_bridge.replication.slots import AGAIN
from legacy_bridge.replication.source import System

FORWARD, REVERSE = Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRecord:
    """One row of bridge_streams; see there."""

    name: str
    slot: str
    publication: str
    system_id: str
    timeline: int
    database: str
    domains: Sequence[str]
    applied_lsn: str
    source_at: datetime
    applied_at: datetime
    copied_at: datetime | None
    transactions: int
    rows: int
    epoch: int
    fault: str | None
    horizon: int | None = None
    own_xids: Sequence[int] = ()
    whole_from: str | None = None

    @property
    def applied(self) -> Lsn:
        return Lsn.parse(self.applied_lsn)

    @property
    def whole(self) -> bool:
        """The rows are those of one moment, `applied`. After a first copy that was interrupted
        they are of several, until the stream is past the last of them."""
        if self.copied_at is None:
            return False
        return self.whole_from is None or self.applied >= Lsn.parse(self.whole_from)

    def at(self, position: Lsn) -> "StreamRecord":
        return replace(self, applied_lsn=str(position))


def new_record(
    direction: Direction, names: tuple[str, str], system: System, domains: Sequence[str]
) -> StreamRecord:
    """Of a stream that has not begun. `names`: of its slot and its publication."""
    now = datetime.now(UTC)
    return StreamRecord(
        name=direction,
        slot=names[0],
        publication=names[1],
        system_id=system.id,
        timeline=system.timeline,
        database=system.database,
        domains=tuple(domains),
        applied_lsn=str(Lsn(0)),
        source_at=now,
        applied_at=now,
        copied_at=None,
        transactions=0,
        rows=0,
        epoch=0,
        fault=None,
    )


def published_tables(domains: Domains, direction: Direction = Direction.FORWARD) -> Tables:
    """The source's tables that a stream of these domains needs, each with its key."""
    mappings = [mapping for mapped in domains.values() for mapping in mapped]
    if direction is Direction.FORWARD:
        return {mapping.legacy: mapping.legacy_key for mapping in mappings}
    return {mapping.native: mapping.key for mapping in mappings}


def require_same_source(record: StreamRecord, system: System) -> None:
    """Raises `BridgeError` where a position written down means nothing any more."""
    before = (record.system_id, record.database)
    if (system.id, system.database) != before:
        raise BridgeError(
            f"the stream comes from database {record.database} of server {record.system_id}, but "
            f"{_SETTINGS[Direction(record.name)]} leads to {system.database} of {system.id} — "
            f"correct the setting, or {AGAIN}"
        )
    if system.timeline != record.timeline:
        origin = Direction(record.name).origin
        raise BridgeError(
            f"the {origin} server is on timeline {system.timeline}, the stream began on timeline "
            f"{record.timeline}: there was a failover, or a backup was restored, and changes may "
            f"be missing or done twice — {AGAIN}"
        )


_SETTINGS = {FORWARD: "STRANGLER_LEGACY_DATABASE_URL", REVERSE: "STRANGLER_DATABASE_URL"}


class SupersededError(BridgeError):
    """Another applier has taken over; nothing of this one's last transaction was kept."""


def read_stream(native: Connection, name: str) -> StreamRecord | None:
    """None before `sync init`. Raises `BridgeError` for a database that was never upgraded."""
    try:
        cursor = native.cursor(row_factory=class_row(StreamRecord))
        return cursor.execute("SELECT * FROM bridge_streams WHERE name = %s", [name]).fetchone()
    except psycopg.errors.UndefinedTable:
        raise BridgeError(NOT_UP_TO_DATE) from None


def write_stream(native: Connection, record: StreamRecord) -> None:
    """As it is before its copy is complete, whatever there was before."""
    native.execute(
        """
        INSERT INTO bridge_streams (name, slot, publication, system_id, timeline, database,
                                    domains, applied_lsn, source_at, applied_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s::text[], %s, %s, clock_timestamp())
        ON CONFLICT (name) DO UPDATE SET
            slot = excluded.slot, publication = excluded.publication,
            system_id = excluded.system_id, timeline = excluded.timeline,
            database = excluded.database, domains = excluded.domains,
            applied_lsn = excluded.applied_lsn, source_at = excluded.source_at,
            applied_at = excluded.applied_at, copied_at = NULL,
            whole_from = NULL, fault = NULL,
            transactions = 0, rows = 0, horizon = NULL, own_xids = '{}',
            epoch = bridge_streams.epoch + 1
        """,
        [
            record.name,
            record.slot,
            record.publication,
            record.system_id,
            record.timeline,
            record.database,
            list(record.domains),
            record.applied_lsn,
            record.source_at,
        ],
    )


def mark_copied(native: Connection, name: str, whole_from: Lsn | None = None) -> None:
    """Within the transaction that completes the copy; see `StreamRecord.whole`."""
    native.execute(
        "UPDATE bridge_streams SET copied_at = clock_timestamp(), whole_from = %s WHERE name = %s",
        [None if whole_from is None else str(whole_from), name],
    )


def take_over(native: Connection, name: str) -> int:
    """The epoch of a new applier: those before it cannot write any more."""
    row = native.execute(
        "UPDATE bridge_streams SET epoch = epoch + 1, fault = NULL WHERE name = %s RETURNING epoch",
        [name],
    ).fetchone()
    assert row is not None  # noqa: S101  # it has just been read
    epoch: int = row[0]
    return epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one position to the next. `source_at`: None where the source did not say when.

    `horizon` and `own_xids` are those of `horizons.Seen`, as of `after`.
    """

    before: Lsn
    after: Lsn
    source_at: datetime | None
    transactions: int = 0
    rows: int = 0
    horizon: int | None = None
    own_xids: Collection[int] = ()


def advance(native: Connection, name: str, epoch: int, step: Step) -> None:
    """Within the transaction that applies what lies between. Raises `SupersededError`."""
    moved = native.execute(
        """
        UPDATE bridge_streams
        SET applied_lsn = %s, applied_at = clock_timestamp(),
            source_at = greatest(source_at, %s),
            transactions = transactions + %s, rows = rows + %s,
            horizon = %s, own_xids = %s
        WHERE name = %s AND epoch = %s AND applied_lsn = %s
        RETURNING 1
        """,
        [
            str(step.after),
            step.source_at,
            step.transactions,
            step.rows,
            step.horizon,
            list(step.own_xids),
            name,
            epoch,
            str(step.before),
        ],
    ).fetchone()
    if moved is None:
        raise SupersededError(
            f"another applier has taken over the stream {name}, or `strangler sync init` has made "
            "it anew — this one has written nothing since; `strangler sync status` shows who runs"
        )


def write_fault(native: Connection, name: str, epoch: int, fault: str) -> None:
    """Why the applier of this epoch stops."""
    native.execute(
        "UPDATE bridge_streams SET fault = %s WHERE name = %s AND epoch = %s", [fault, name, epoch]
    )
