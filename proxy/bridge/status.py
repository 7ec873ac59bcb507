"""How the bridge is doing, as metrics and warnings need it: read from both databases at once."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

import msgspec

from legacy_bridge.replication.connections import NATIVE, connected
from legacy_bridge.replication.lag import StreamStatus, stream_statuses
from legacy_bridge.replication.verify.records import last_verifies


class StreamReading(msgspec.Struct, frozen=True, kw_only=True):
    """As `StreamStatus` has it. `fault`: why the stream does not go on, whatever the reason."""

    name: str
    copied: bool
    lag_bytes: int
    lag_seconds: float
    retained_bytes: int
    left_bytes: int | None
    transactions: int
    rows: int
    applier: str | None
    fault: str | None

    @classmethod
    def of(cls, status: StreamStatus) -> Self:
        copied = status.copied_at is not None
        slot_fault = f"the slot {status.slot}: {status.slot_fault}" if status.slot_fault else None
        incomplete = None if copied else "the first copy is not complete"
        return cls(
            name=status.name,
            copied=copied,
            lag_bytes=status.lag_bytes,
            lag_seconds=status.lag_seconds,
            retained_bytes=status.retained_bytes,
            left_bytes=status.left_bytes,
            transactions=status.transactions,
            rows=status.rows,
            applier=status.applier,
            fault=status.fault or slot_fault or incomplete,
        )


class VerifyReading(msgspec.Struct, frozen=True, kw_only=True):
    """The last verification of a table; `at` in seconds since 1970."""

    table: str
    at: float
    differing: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was so at `at`, in seconds since 1970. Of all streams, by table: rows `quarantined`, and
    `conflicts`, changes that lost against the owner's.
    """

    at: float
    streams: tuple[StreamReading, ...] = ()
    quarantined: dict[str, int] = {}
    conflicts: dict[str, int] = {}
    verifies: tuple[VerifyReading, ...] = ()


def read(legacy_url: str, native_url: str) -> Reading:
    """Raises `BridgeError` or `psycopg.Error` if one of the databases cannot be asked."""
    at = time.time()
    statuses = stream_statuses(legacy_url, native_url)
    with connected(native_url, NATIVE) as native:
        verifies = last_verifies(native)
    return Reading(
        at=at,
        streams=tuple(map(StreamReading.of, statuses)),
        quarantined=_summed(status.quarantined for status in statuses),
        conflicts=_summed(status.conflicts for status in statuses),
        verifies=tuple(
            VerifyReading(table=one.table_name, at=one.at.timestamp(), differing=one.differing)
            for one in verifies
        ),
    )


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)
