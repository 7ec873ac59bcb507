"""Rows that a verification found to differ are copied again from their owner, and only these.

The way of a row: its key, found by `compare` → the owner's row as it is now → staging → the same
merge as of a copy, in one transaction of each database that has something to be repaired →
compared once more. That transaction is marked as the bridge's own: the opposite stream leaves it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from psycopg.sql import SQL, Composed, Identifier

from legacy_bridge.replication import preflight
from legacy_bridge.replication.apply.marks import mark
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.copy import told
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.merge import Merged, lock, merge
from legacy_bridge.replication.pairs import Carried, Direction, TablePair
from legacy_bridge.replication.quarantine import Refused
from legacy_bridge.replication.records import set_apart
from legacy_bridge.replication.snapshot import snapshot
from legacy_bridge.replication.statements import copy_in, create_staging
from legacy_bridge.replication.verify.compare import (
    Difference,
    FoundTable,
    VerifiedTable,
    Watch,
    described,
    known_apart,
    prepared,
    settle_rows,
    verify_table,
)
from legacy_bridge.replication.verify.fingerprints import Key, T, TableSide
from legacy_bridge.replication.verify.positions import STRAYS_SECONDS, require_shown
from legacy_bridge.replication.verify.records import write_down
from legacy_bridge.replication.verify.settle import batches
from legacy_bridge.replication.verify.sides import Sides, both_sides


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedTable:
    """What was found, what was written, and what `remains` different after that.

    `refused` rows were put into quarantine: the replica's table does not take them.
    """

    found: VerifiedTable
    inserted: int
    updated: int
    deleted: int
    refused: tuple[Refused, ...]
    remains: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        return not (self.remains or self.refused or self.found.unsettled) and self.found.complete


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReport:
    """`tables`: all that were looked at. Of a dry run every difference remains."""

    tables: tuple[RepairedTable, ...]
    warnings: tuple[str, ...]
    dry_run: bool
    started_at: datetime
    seconds: float

    @property
    def equal(self) -> bool:
        return all(table.equal for table in self.tables)


def repair_domains(
    legacy_url: str,
    native_url: str,
    domains: Mapping[str, Sequence[TableMapping]],
    watch: Watch,
    *,
    dry_run: bool = False,
) -> RepairReport:
    """Make the differing rows of `domains` as their owners have them. Raises `BridgeError` if that
    cannot be done.

    1. verify all tables
    2. copy the differing rows: one native transaction for those of the legacy side, then one
       legacy transaction for those of the native side
    3. verify these rows
    """
    started_at, started = datetime.now(UTC), monotonic()
    written: set[Direction] = set()
    with both_sides(legacy_url, native_url) as sides, sides.limited(lambda: _left(written)):
        pairs, warnings = prepared(sides, domains)
        if not dry_run:
            _require_writable(sides, pairs)
        found = [verify_table(sides, pair, watch) for pair in pairs]
        merged: dict[str, Merged] = {}
        for direction in Direction:
            damaged = [t for t in found if t.differing and t.pair.direction is direction]
            if damaged and not dry_run:
                warnings += _unheard(sides, damaged)
                tables = f"the {direction.destination} tables"
                left = f"{_left(written)}; {tables} are as they were"
                with told(f"while writing {tables}", left=left):
                    merged |= _copy_again(sides, damaged, written)
        with told("while comparing what was repaired", left="the rows were written"):
            repaired = tuple(_repaired(sides, table, merged) for table in found)
    return RepairReport(
        tables=repaired,
        warnings=warnings,
        dry_run=dry_run,
        started_at=started_at,
        seconds=round(monotonic() - started, 3),
    )


WRITING = ("INSERT", "UPDATE", "DELETE")


def _require_writable(sides: Sides, pairs: Sequence[TablePair]) -> None:
    for direction in Direction:
        tables = [pair.target.name for pair in pairs if pair.direction is direction]
        wanted = [*tables, "bridge_quarantine"] if tables else []
        preflight.require_rights(sides.target(direction), wanted, WRITING)


def _left(written: Iterable[Direction]) -> str:
    tables = " and ".join(f"the {direction.destination} tables" for direction in sorted(written))
    if not tables:
        return "nothing was repaired"
    return f"{tables} are repaired, and not yet compared again"


def _unheard(sides: Sides, damaged: Sequence[FoundTable]) -> tuple[str, ...]:
    """Where nobody carries changes of the replica: they would come to the owner after this."""
    direction = damaged[0].pair.direction
    opposite = sides.streams[direction.opposite]
    domains = {table.pair.domain for table in damaged}
    names = sorted(d for d in domains if opposite.record(d) and not opposite.carrying_now(d))
    if not names:
        return ()
    warning = (
        f"changes of {', '.join(names)} on the {direction.destination} side that were not carried "
        "to the owner yet are overwritten there, and carried later: if these rows differ again "
        "after `strangler sync run --once`, repair them again"
    )
    return (warning,)


def _copy_again(
    sides: Sides, damaged: Sequence[FoundTable], written: set[Direction]
) -> dict[str, Merged]:
    """Native table → what was done. All tables have one direction, which joins those `written`
    before the commit: it may wait for a standby, and is done on its server then.

    Writers are kept out before the owner's rows are read: what a stream applies later is newer
    than these, or the same once more; and what they have changed until then has gone to the owner.
    What a stream has applied before is among them as soon as the owner shows it.
    """
    pairs = [table.pair for table in damaged]
    keys = {table.pair.target.name: [row.key for row in table.differing] for table in damaged}
    direction = pairs[0].direction
    source, target = sides.source(direction), sides.target(direction)
    with target.transaction():
        target.execute("SET TRANSACTION READ WRITE")
        mark(target)
        lock(target, pairs)
        if strays := sides.streams[direction.opposite].carrying_now(pairs[0].domain):
            strays.pass_if_it_can()
        require_shown(source, STRAYS_SECONDS)
        with snapshot(source, [pair.source.name for pair in pairs]):
            for pair in pairs:
                _stage(source, target, pair, keys[pair.target.name])
        merged = merge(target, pairs, lambda pair: delete_vanished(pair, keys[pair.target.name]))
        for pair in pairs:
            set_apart(target, pair.target.name, merged[pair.target.name].refused)
        sides.require_same_owners()
        failpoint("repair.before_commit")
        for pair in pairs:
            target.execute(SQL("DROP TABLE {}").format(pair.staging))
        written.add(direction)
    return {pair.native.name: merged[pair.target.name] for pair in pairs}


def _stage(source: Connection, target: Connection, pair: TablePair, keys: Sequence[Key]) -> None:
    target.execute(create_staging(pair))
    with source.cursor() as reading, target.cursor() as writing:
        for batch in batches(keys):
            query = copy_out(pair, batch)
            with reading.copy(query) as rows, writing.copy(copy_in(pair)) as staged:
                for data in rows:
                    staged.write(data)


def copy_out(pair: TablePair, keys: Sequence[Key]) -> Composed:
    """Read the owner's rows with these keys, transformed, as binary rows of the staging table."""
    side = TableSide(pair, legacy=pair.direction is Direction.FORWARD)

    def value(column: Carried) -> Composed:
        base = SQL(pair.target.columns[column.target].base)
        return SQL("({})::{}").format(column.expression(Identifier(T, column.source)), base)

    return SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT BINARY)").format(
        SQL(", ").join(map(value, pair.columns)), side.with_keys(keys)
    )


def delete_vanished(pair: TablePair, keys: Sequence[Key]) -> Composed:
    """Delete those of the replica's rows with these keys that the owner does not have."""
    columns = [Identifier(name) for name in pair.key]

    def same(left: str, right: str) -> Composed:
        both = (SQL(f"{left}.{{0}} = {right}.{{0}}").format(column) for column in columns)
        return SQL(" AND ").join(both)

    return SQL(
        "DELETE FROM {} AS n USING (SELECT t.* FROM {}) AS w"
        " WHERE {} AND NOT EXISTS (SELECT FROM {} AS s WHERE {})"
    ).format(
        pair.target_name,
        TableSide(pair, legacy=pair.direction is Direction.REVERSE).with_keys(keys),
        same("n", "w"),
        pair.staging,
        same("n", "s"),
    )


def _repaired(sides: Sides, table: FoundTable, merged: Mapping[str, Merged]) -> RepairedTable:
    """Look at the rows of a table once more, if any were copied again."""
    pair, report = table.pair, table.report
    done = merged.get(pair.native.name)
    if done is None:
        return RepairedTable(
            found=report, inserted=0, updated=0, deleted=0, refused=(), remains=report.differences
        )
    settled = settle_rows(sides, pair, [row.key for row in table.differing])
    remaining, _ = known_apart(sides, pair, settled.differing)
    write_down(
        sides.native,
        table=pair.native.name,
        rows=report.rows,
        differing=len(remaining) + len(settled.unsettled) + len(report.unsettled),
        position=report.position,
    )
    return RepairedTable(
        found=report,
        inserted=done.inserted,
        updated=done.updated,
        deleted=done.deleted,
        refused=done.refused,
        remains=tuple(described(pair, row) for row in remaining),
    )
