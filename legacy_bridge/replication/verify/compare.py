"""Whether both sides have the same rows, table by table, on a live system.

The way of a table: one pass over both sides → keys that seem to differ → looked at again until it
is clear → what is in quarantine is known and counted apart → written down.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

from legacy_bridge.replication import preflight
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.copy import require_tables, table_pairs, told
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.quarantine import named_key
from legacy_bridge.replication.verify.chunks import Opened, look_through
from legacy_bridge.replication.verify.fingerprints import (
    PROBE,
    SETTINGS,
    WHOLE_NUMBERS,
    Key,
    TableSide,
)
from legacy_bridge.replication.verify.positions import (
    Stream,
    legacy_position,
)
from legacy_bridge.replication.verify.records import copied_at, in_quarantine, write_down
from legacy_bridge.replication.verify.settle import Differing, Settled, hash_of, settle

UNCHANGED = "nothing was changed"
MISSING = "missing"
EXTRA = "extra"
DIFFERS = "differs"
MOST_PASSES = 5


class Watch(Protocol):
    """Who wants to know how far a verification is."""

    def reading(self, table: str, rows: int, expected: int) -> None:
        """`rows` of the table have been read on the legacy side, of about `expected`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that the native side lacks (missing), has alone (extra), or has otherwise (differs).

    `columns`: native names of those that differ. `key` as in the quarantine: no secret in it.
    """

    key: Mapping[str, Any]
    kind: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedTable:
    """One table. `quarantined`: rows that differ as is known. Not `complete`: there are more.

    `unsettled`: rows that changed whenever they were looked at and were never seen equal.
    `as_of`: until when, by the legacy clock, rows were brought over; None before the first copy.
    `streaming`: whether differences were judged with an applier running; without one, rows that
    have changed since `as_of` are differences.
    `position`: what was committed on the legacy side before it has been looked at.
    """

    domain: str
    legacy: str
    native: str
    rows: int
    native_rows: int
    differences: tuple[Difference, ...]
    quarantined: int
    unsettled: tuple[Mapping[str, Any], ...]
    complete: bool
    seconds: float
    as_of: datetime | None
    streaming: bool
    position: Lsn

    @property
    def equal(self) -> bool:
        """But for rows that are known to differ."""
        return not self.differences and not self.unsettled and self.complete


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    tables: tuple[VerifiedTable, ...]
    warnings: tuple[str, ...]
    started_at: datetime
    seconds: float

    @property
    def equal(self) -> bool:
        return all(table.equal for table in self.tables)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table and its differing rows with their real keys, for whoever repairs them."""

    pair: TablePair
    differing: tuple[Differing, ...]
    report: VerifiedTable


@dataclass(frozen=True, slots=True)
class Sides:
    """Two connections whose values are written alike; the legacy one cannot write."""

    legacy: Connection
    native: Connection
    stream: Stream
    recode: bool

    def of(self, pair: TablePair) -> tuple[Opened, Opened]:
        return (
            Opened(TableSide(pair, legacy=True, recode=self.recode), self.legacy),
            Opened(TableSide(pair, legacy=False, recode=self.recode), self.native),
        )


def verify_domains(
    legacy_url: str,
    native_url: str,
    domains: Mapping[str, Sequence[TableMapping]],
    watch: Watch,
) -> VerifyReport:
    """Compare all tables of `domains`. Raises `BridgeError` if that cannot be done."""
    started_at, started = datetime.now(UTC), monotonic()
    with both_sides(legacy_url, native_url) as sides:
        pairs, warnings = prepared(sides, domains)
        found = [verify_table(sides, pair, watch) for pair in pairs]
    return VerifyReport(
        tables=tuple(table.report for table in found),
        warnings=warnings,
        started_at=started_at,
        seconds=round(monotonic() - started, 3),
    )


@contextmanager
def both_sides(legacy_url: str, native_url: str) -> Iterator[Sides]:
    with connected(legacy_url, LEGACY) as legacy, connected(native_url, NATIVE) as native:
        for connection in (legacy, native):
            for name, value in SETTINGS.items():
                connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        native.execute("SET default_transaction_read_only = off")
        if legacy.execute(PROBE).fetchone() != native.execute(PROBE).fetchone():
            raise BridgeError(
                "the two servers compute hashes differently (processors with another byte order): "
                "rows cannot be compared by fingerprint — run both on the same kind of processor"
            )
        encodings = {c.info.parameter_status("server_encoding") for c in (legacy, native)}
        yield Sides(legacy, native, Stream(legacy, native), recode=len(encodings) > 1)


def prepared(
    sides: Sides, domains: Mapping[str, Sequence[TableMapping]]
) -> tuple[tuple[TablePair, ...], tuple[str, ...]]:
    """The tables and what is to be known of them; `BridgeError` where a mapping does not fit."""
    mappings = [mapping for mapped in domains.values() for mapping in mapped]
    require_tables(sides.legacy, sides.native, mappings, rights=("SELECT",))
    pairs, doubts = table_pairs(sides.legacy, sides.native, domains)
    return pairs, (*preflight.warnings(sides.legacy, sides.native), *doubts)


def verify_table(sides: Sides, pair: TablePair, watch: Watch) -> FoundTable:
    started = monotonic()
    estimate = max(pair.legacy.estimate, pair.native.estimate)

    def on_rows(rows: int) -> None:
        watch.reading(pair.native.name, rows, pair.legacy.estimate)

    on_rows(0)
    legacy, native = sides.of(pair)
    with told(f"while comparing {pair.native.name}", left=UNCHANGED):
        position = legacy_position(sides.legacy)
        for _ in range(MOST_PASSES):
            seen = look_through(legacy, native, estimate, on_rows)
            settled = settle_rows(sides, pair, seen.suspects)
            if seen.complete or settled.differing:
                break
        differing, quarantined = known_apart(sides.native, pair, settled.differing)
        report = VerifiedTable(
            domain=pair.domain,
            legacy=pair.legacy.name,
            native=pair.native.name,
            rows=seen.rows,
            native_rows=seen.native_rows,
            differences=tuple(described(pair, row) for row in differing),
            quarantined=quarantined,
            unsettled=tuple(_named(pair, key) for key in settled.unsettled),
            complete=seen.complete,
            seconds=round(monotonic() - started, 3),
            as_of=sides.stream.as_of(pair.domain, copied_at(sides.native, pair.native.name)),
            streaming=settled.streaming,
            position=position,
        )
        write_down(
            sides.native,
            table=pair.native.name,
            rows=seen.rows,
            differing=len(differing) + len(settled.unsettled),
            position=position,
        )
    return FoundTable(pair, differing, report)


def known_apart(
    native: Connection, pair: TablePair, rows: Sequence[Differing]
) -> tuple[tuple[Differing, ...], int]:
    """The rows that are not in quarantine, and how many are."""
    known = in_quarantine(native, pair.native.name, [_named(pair, row.key) for row in rows])
    new = tuple(row for row, is_known in zip(rows, known, strict=True) if not is_known)
    return new, len(rows) - len(new)


def settle_rows(sides: Sides, pair: TablePair, keys: Sequence[Key]) -> Settled:
    """Look at these rows until it is clear of each whether it differs."""
    if not keys:
        return Settled()
    return settle(*sides.of(pair), keys, sides.stream.carrying(pair.domain))


def described(pair: TablePair, row: Differing) -> Difference:
    """What a person or a program may know of it."""
    key = _named(pair, row.key)
    if row.native is None or row.legacy is None:
        return Difference(key, MISSING if row.native is None else EXTRA)
    differing = (
        column.native
        for number, column in enumerate(pair.mapping.columns)
        if hash_of(row.legacy, number) != hash_of(row.native, number)
    )
    return Difference(key, DIFFERS, tuple(differing))


def _named(pair: TablePair, key: Key) -> dict[str, Any]:
    bases = [pair.native.columns[name].base for name in pair.mapping.key]
    values = [
        int(text) if base in WHOLE_NUMBERS else text for text, base in zip(key, bases, strict=True)
    ]
    return named_key(pair, values)
