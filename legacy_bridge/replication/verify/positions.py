"""How far the changes of one side have come, where a stream carries them to the other."""

from datetime import datetime
from functools import cached_property
from time import monotonic, sleep
from typing import LiteralString

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.standbys import told
from legacy_bridge.replication.streams import StreamRecord, read_stream
from legacy_bridge.replication.turns import appliers
from legacy_bridge.replication.visible import await_shown

PATIENCE_SECONDS = 20.0
"""With an applier, without progress. A stream without traffic moves on every second."""
SHOWN_SECONDS = 20.0
"""For what a log has to be seen. There may be a standby that is slow."""
STRAYS_SECONDS = 5.0
"""As long for changes of the side that does not own the rows: without them rows can be judged."""
APPLIER_SECONDS = 6.0
"""An applier that has lost its connection is back by then."""
POLL_SECONDS = 0.05


def position_of(side: Connection) -> Lsn:
    """All that this side showed until now was committed before this position of its log."""
    row = side.execute(_POSITION).fetchone()
    assert row is not None  # noqa: S101  # a SELECT without FROM has one row
    return Lsn.parse(row[0])


def require_shown(side: Connection, seconds: float | None = None) -> None:
    """Wait until whoever reads there sees all that its log has by now, and thus all that a stream
    has carried. Raises `BridgeError` if that takes too long: rows would be taken for others."""
    if not await_shown(side, SHOWN_SECONDS if seconds is None else seconds):
        raise BridgeError(
            f"the database {side.info.dbname} does not show yet what its log has, so that rows "
            f"cannot be compared: {told(side)}"
        )


_POSITION: LiteralString = """
SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            ELSE pg_current_wal_insert_lsn() END::text
"""


class Stream:
    """What carries rows one way, if anything does; asked for once for all tables.

    `kept`: whether `target` has a place where the stream could be written down.
    """

    def __init__(
        self, source: Connection, target: Connection, direction: Direction, *, kept: bool = True
    ) -> None:
        self._source, self._target = source, target
        self._direction, self._kept = direction, kept

    def carrying(self, domain: str) -> "Carrying | None":
        """None where nothing but copies, or runs with --once, bring rows over."""
        record = self.record(domain)
        if record is None or not self._has_applier:
            return None
        return Carrying(self._source, self._target, record)

    def carrying_now(self, domain: str) -> "Carrying | None":
        """The same without waiting for an applier that may come back."""
        record = self.record(domain)
        if record is None or self._applier() is None:
            return None
        return Carrying(self._source, self._target, record)

    def record(self, domain: str) -> StreamRecord | None:
        """That it is written down does not mean that it runs."""
        record = read_stream(self._target, self._direction) if self._kept else None
        carries = record is not None and record.copied_at is not None and domain in record.domains
        return record if carries else None

    def as_of(self, domain: str, copied_at: datetime | None) -> datetime | None:
        """By the source's clock: until when rows were brought over."""
        record = self.record(domain)
        return record.source_at if record else copied_at

    @cached_property
    def _has_applier(self) -> bool:
        deadline = monotonic() + APPLIER_SECONDS
        while not (found := self._applier()) and monotonic() < deadline:
            sleep(POLL_SECONDS)
        return found is not None

    def _applier(self) -> str | None:
        return appliers(self._target, self._direction)[0]


class Carrying:
    """A stream with an applier, and what of it is waited for."""

    def __init__(self, source: Connection, target: Connection, record: StreamRecord) -> None:
        self._source, self._target = source, target
        self._record = record
        self.name = record.name
        self.mark()

    def mark(self) -> None:
        """From now on: what the source has shown so far."""
        self._position = position_of(self._source)
        self._deadline = monotonic() + PATIENCE_SECONDS

    def passed(self) -> bool:
        """Whether all of that is in the target's tables.

        Raises `BridgeError` if the stream does not get there: then nothing can be said about rows.
        """
        record = read_stream(self._target, self.name)
        if record is None:
            raise BridgeError(f"the stream {self.name} was removed meanwhile — verify again")
        if record.applied != self._record.applied:
            self._deadline = monotonic() + PATIENCE_SECONDS
        self._record = record
        if record.applied >= self._position:
            return True
        if record.fault or monotonic() > self._deadline:
            raise BridgeError(_behind(record, self._position))
        return False

    def pass_if_it_can(self) -> None:
        """Wait until all that the source shows now is in the target's tables, unless the stream
        does not get on: a change that is not carried is a difference."""
        position, deadline = position_of(self._source), monotonic() + STRAYS_SECONDS
        while monotonic() < deadline:
            record = read_stream(self._target, self.name)
            if record is None or record.fault or record.applied >= position:
                return
            sleep(POLL_SECONDS)


def _behind(stream: StreamRecord, position: Lsn) -> str:
    why = stream.fault or "is its applier stopped? `strangler sync status` shows more"
    return (
        f"the stream {stream.name} is {position - stream.applied} bytes behind the "
        f"{Direction(stream.name).origin} database "
        f"and does not get on (last applied at {stream.applied_at:%Y-%m-%d %H:%M:%S %Z}), "
        f"so that rows cannot be compared — {why}"
    )
