"""Whether both sides have the same rows, table by table, on a live system.

Of each table the side that owns the rows is right, and the other one is its replica.

The way of a table: one pass over both sides → keys that seem to differ → looked at again until it
is clear → what is in quarantine is known and counted apart → written down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

from legacy_bridge.replication import preflight
from legacy_bridge.replication.copy import require_tables, table_pairs, told
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.owners import Owner, travelling
from legacy_bridge.replication.pairs import Carried, Direction, TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.quarantine import named_key
from legacy_bridge.replication.verify.chunks import look_through
from legacy_bridge.replication.verify.fingerprints import WHOLE_NUMBERS, Key
from legacy_bridge.replication.verify.positions import position_of
from legacy_bridge.replication.verify.records import in_quarantine, write_down
from legacy_bridge.replication.verify.settle import Differing, Settled, hash_of, settle
from legacy_bridge.replication.verify.sides import Sides, both_sides, require_records

UNCHANGED = "nothing was changed"
MISSING = "missing"
EXTRA = "extra"
DIFFERS = "differs"
MOST_PASSES = 5


class Watch(Protocol):
    """Who wants to know how far a verification is."""

    def reading(self, table: str, rows: int, expected: int) -> None:
        """`rows` of the table have been read on the owner's side, of about `expected`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that the replica lacks (missing), has alone (extra), or has otherwise (differs).

    `columns`: native names of those that differ. `key` as in the quarantine: no secret in it.
    """

    key: Mapping[str, Any]
    kind: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedTable:
    """One table. `rows` are those of the owner. `quarantined`: rows that differ as is known. Not
    `complete`: there are more.

    `unsettled`: rows that changed whenever they were looked at and were never seen equal.
    `as_of`: until when, by the owner's clock, rows were brought over; None if they never were.
    `streaming`: whether differences were judged with an applier running; without one, rows that
    have changed since `as_of` are differences.
    `position`: what was committed on the owner's side before it has been looked at.
    """

    domain: str
    legacy: str
    native: str
    owner: Owner
    rows: int
    replica_rows: int
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


def verify_domains(
    legacy_url: str,
    native_url: str,
    domains: Mapping[str, Sequence[TableMapping]],
    watch: Watch,
) -> VerifyReport:
    """Compare all tables of `domains` but of those that are retired. Raises `BridgeError` if that
    cannot be done."""
    started_at, started = datetime.now(UTC), monotonic()
    with both_sides(legacy_url, native_url) as sides, sides.limited(lambda: UNCHANGED):
        pairs, warnings = prepared(sides, domains)
        found = [verify_table(sides, pair, watch) for pair in pairs]
        sides.require_same_owners()
    return VerifyReport(
        tables=tuple(table.report for table in found),
        warnings=warnings,
        started_at=started_at,
        seconds=round(monotonic() - started, 3),
    )


def prepared(
    sides: Sides, domains: Mapping[str, Sequence[TableMapping]]
) -> tuple[tuple[TablePair, ...], tuple[str, ...]]:
    """The tables, each in the direction of its owner, and what is to be known of them; none of a
    retired domain. `BridgeError` where a mapping does not fit."""
    domains = travelling(domains, sides.owners)
    mappings = [mapping for mapped in domains.values() for mapping in mapped]
    require_tables(sides.legacy, sides.native, mappings, rights=("SELECT",))
    found, doubts = table_pairs(sides.legacy, sides.native, domains)
    pairs = tuple(pair.towards(sides.owners.of(pair.domain).owner.direction) for pair in found)
    require_records(sides, pairs)
    return pairs, (*preflight.warnings(sides.legacy, sides.native), *doubts)


def verify_table(sides: Sides, pair: TablePair, watch: Watch) -> FoundTable:
    started = monotonic()
    estimate = max(pair.legacy.estimate, pair.native.estimate)

    def on_rows(rows: int) -> None:
        watch.reading(pair.native.name, rows, pair.source.estimate)

    on_rows(0)
    owner, replica = sides.of(pair)
    with told(f"while comparing {pair.native.name}", left=UNCHANGED):
        position = position_of(owner.connection)
        for _ in range(MOST_PASSES):
            seen = look_through(owner, replica, estimate, on_rows)
            settled = settle_rows(sides, pair, seen.suspects)
            if seen.complete or settled.differing:
                break
        differing, quarantined = known_apart(sides, pair, settled.differing)
        report = VerifiedTable(
            domain=pair.domain,
            legacy=pair.legacy.name,
            native=pair.native.name,
            owner=sides.owners.of(pair.domain).owner,
            rows=seen.rows,
            replica_rows=seen.replica_rows,
            differences=tuple(described(pair, row) for row in differing),
            quarantined=quarantined,
            unsettled=tuple(_named(pair, key) for key in settled.unsettled),
            complete=seen.complete,
            seconds=round(monotonic() - started, 3),
            as_of=sides.as_of(pair),
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
    sides: Sides, pair: TablePair, rows: Sequence[Differing]
) -> tuple[tuple[Differing, ...], int]:
    """The rows that are not in quarantine on the replica's side, and how many are."""
    keys = [_kept_key(pair, row.key) for row in rows]
    known = in_quarantine(sides.target(pair.direction), pair.target.name, keys)
    new = tuple(row for row, is_known in zip(rows, known, strict=True) if not is_known)
    return new, len(rows) - len(new)


def settle_rows(sides: Sides, pair: TablePair, keys: Sequence[Key]) -> Settled:
    """Look at these rows until it is clear of each whether it differs."""
    if not keys:
        return Settled()
    stream = sides.streams[pair.direction].carrying(pair.domain)
    strays = sides.streams[pair.direction.opposite].carrying_now(pair.domain) if stream else None
    return settle(*sides.of(pair), keys, stream, strays)


def described(pair: TablePair, row: Differing) -> Difference:
    """What a person or a program may know of it."""
    key = _named(pair, row.key)
    if row.replica is None or row.owner is None:
        return Difference(key, MISSING if row.replica is None else EXTRA)
    differing = (
        column.native
        for number, column in enumerate(pair.mapping.columns)
        if hash_of(row.owner, number) != hash_of(row.replica, number)
    )
    return Difference(key, DIFFERS, tuple(differing))


def _named(pair: TablePair, key: Key) -> dict[str, Any]:
    """As it is natively."""
    bases = [pair.native.columns[name].base for name in pair.mapping.key]
    values = [
        int(text) if base in WHOLE_NUMBERS else text for text, base in zip(key, bases, strict=True)
    ]
    return named_key(pair.towards(Direction.FORWARD), values)


def _kept_key(pair: TablePair, key: Key) -> dict[str, Any]:
    """As the replica's quarantine has it."""
    if pair.direction is Direction.FORWARD:
        return _named(pair, key)
    by_native = {column.source: column for column in pair.columns}
    given = zip(pair.mapping.key, key, strict=True)
    return named_key(pair, [_value(pair, by_native[name], text) for name, text in given])


def _value(pair: TablePair, column: Carried, text: str) -> object:
    """A key's transform takes texts, unless it is none."""
    if pair.legacy.columns[column.target].base in WHOLE_NUMBERS and column.same:
        return int(text)
    return column.convert(text)
