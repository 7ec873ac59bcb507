"""How far a stream is behind, and whether anything stands in its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from legacy_bridge.replication import home
from legacy_bridge.replication.clock import ask
from legacy_bridge.replication.conflicts import counted
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.owners import read_owners
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.records import quarantined
from legacy_bridge.replication.slots import read_slot
from legacy_bridge.replication.standbys import what_for
from legacy_bridge.replication.streams import read_stream
from legacy_bridge.replication.turns import appliers


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStatus:
    """`lag_seconds`: how long ago, by the source's clock, it was what is applied now.

    `copied_at` is None as long as the first copy is not complete. `retained_bytes`: log that the
    source keeps for the stream, of which it takes `left_bytes` more; None without a limit.
    Not `whole`: a copy that was interrupted is there, the changes since are not all applied yet.
    `conflicts`: changes that lost against the owner's, to be looked at by a person. `retired`:
    domains that it carried, and of which nothing travels any more.
    `waits`: for which standby the applier waits, if it does. `slot_fault`: why the stream cannot go
    on. `fault`: why the last applier stopped.
    """

    name: str
    domains: tuple[str, ...]
    retired: tuple[str, ...] = ()
    slot: str
    copied_at: datetime | None
    applied_lsn: str
    applied_at: datetime
    source_lsn: str
    whole: bool
    lag_bytes: int
    lag_seconds: float
    retained_bytes: int
    left_bytes: int | None
    slot_fault: str | None
    transactions: int
    rows: int
    quarantined: Mapping[str, int]
    conflicts: Mapping[str, int]
    applier: str | None
    standbys: tuple[str, ...]
    waits: str | None = None
    fault: str | None

    @property
    def healthy(self) -> bool:
        """Nothing is set apart and nothing is broken; it may be behind, but not in parts."""
        broken = self.fault or self.slot_fault or not self.whole
        return not broken and not self.quarantined


def stream_statuses(legacy_url: str, native_url: str) -> tuple[StreamStatus, ...]:
    """Of each stream that there is: none before `sync init`. Raises `BridgeError` if one of the
    databases cannot be asked."""
    with connected(native_url, NATIVE) as native, connected(legacy_url, LEGACY) as legacy:
        gone = read_owners(native).retired
        found = [_status(legacy, native, Direction.FORWARD, gone)]
        if home.found(legacy):
            found.append(_status(native, legacy, Direction.REVERSE, gone))
        return tuple(status for status in found if status)


def _status(
    source: Connection, target: Connection, direction: Direction, gone: frozenset[str]
) -> StreamStatus | None:
    record = read_stream(target, direction)
    if record is None:
        return None
    reading = ask(source)
    slot = read_slot(source, record.slot)
    behind = max(0, reading.position - record.applied)
    applier, standbys = appliers(target, direction)
    return StreamStatus(
        name=record.name,
        domains=tuple(name for name in record.domains if name not in gone),
        retired=tuple(sorted(gone)),
        slot=record.slot,
        copied_at=record.copied_at,
        applied_lsn=record.applied_lsn,
        applied_at=record.applied_at,
        source_lsn=str(reading.position),
        whole=record.whole,
        lag_bytes=behind,
        lag_seconds=max(0.0, (reading.at - record.source_at).total_seconds()) if behind else 0.0,
        retained_bytes=slot.retained_bytes if slot else 0,
        left_bytes=slot.left_bytes if slot else None,
        slot_fault="it is not there" if slot is None else slot.lost,
        transactions=record.transactions,
        rows=record.rows,
        quarantined=quarantined(target),
        conflicts=counted(target),
        applier=applier,
        standbys=standbys,
        waits=what_for(source, target, direction),
        fault=record.fault,
    )
