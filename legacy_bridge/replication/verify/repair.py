"""Rows that a verification found to differ are copied again, and only these.

The way of a row: its key, found by `compare` → the legacy row as it is now → staging → the same
merge as of a copy, in one native transaction → compared once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from psycopg.sql import SQL, Composed, Identifier

from legacy_bridge.replication import preflight
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.copy import told
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.merge import Merged, lock, merge
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.quarantine import Refused
from legacy_bridge.replication.records import set_apart
from legacy_bridge.replication.snapshot import snapshot
from legacy_bridge.replication.statements import copy_in, create_staging
from legacy_bridge.replication.verify.compare import (
    UNCHANGED,
    Difference,
    FoundTable,
    Sides,
    VerifiedTable,
    Watch,
    both_sides,
    described,
    known_apart,
    prepared,
    settle_rows,
    verify_table,
)
from legacy_bridge.replication.verify.fingerprints import Key, TableSide
from legacy_bridge.replication.verify.records import write_down
from legacy_bridge.replication.verify.settle import batches


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedTable:
    """What was found, what was written, and what `remains` different after that.

    `refused` rows were put into quarantine: the native table does not take them.
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
    """Make the differing rows of `domains` equal. Raises `BridgeError` if that cannot be done.

    1. verify all tables
    2. copy the differing rows of all of them in one native transaction
    3. verify these rows
    """
    started_at, started = datetime.now(UTC), monotonic()
    with both_sides(legacy_url, native_url) as sides:
        pairs, warnings = prepared(sides, domains)
        tables = [pair.native.name for pair in pairs]
        preflight.require_rights(sides.native, tables, () if dry_run else WRITING)
        found = [verify_table(sides, pair, watch) for pair in pairs]
        damaged = [] if dry_run else [table for table in found if table.differing]
        with told("while writing the native tables", left=UNCHANGED):
            merged = _copy_again(sides, damaged) if damaged else {}
            repaired = tuple(_repaired(sides, table, merged) for table in found)
    return RepairReport(
        tables=repaired,
        warnings=warnings,
        dry_run=dry_run,
        started_at=started_at,
        seconds=round(monotonic() - started, 3),
    )


WRITING = ("INSERT", "UPDATE", "DELETE")


def _copy_again(sides: Sides, damaged: Sequence[FoundTable]) -> dict[str, Merged]:
    """Native table → what was done.

    Writers are kept out before the legacy rows are read: what a stream applies later is newer
    than these, or the same once more.
    """
    pairs = [table.pair for table in damaged]
    keys = {table.pair.native.name: [row.key for row in table.differing] for table in damaged}
    with sides.native.transaction():
        lock(sides.native, pairs)
        with snapshot(sides.legacy, [pair.legacy.name for pair in pairs]):
            for pair in pairs:
                _stage(sides, pair, keys[pair.native.name])
        merged = merge(
            sides.native, pairs, lambda pair: delete_vanished(pair, keys[pair.native.name])
        )
        for pair in pairs:
            set_apart(sides.native, pair.native.name, merged[pair.native.name].refused)
        failpoint("repair.before_commit")
    _drop_staging(sides.native, pairs)
    return merged


def _stage(sides: Sides, pair: TablePair, keys: Sequence[Key]) -> None:
    sides.native.execute(create_staging(pair))
    with sides.legacy.cursor() as source, sides.native.cursor() as target:
        for batch in batches(keys):
            query = copy_out(pair, batch)
            with source.copy(query) as rows, target.copy(copy_in(pair)) as staged:
                for data in rows:
                    staged.write(data)


def copy_out(pair: TablePair, keys: Sequence[Key]) -> Composed:
    """Read the legacy rows with these keys, transformed, as binary rows of the staging table."""
    side = TableSide(pair, legacy=True)
    values = SQL(", ").join(side.native_form(column) for column in pair.mapping.columns)
    return SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT BINARY)").format(
        values, side.with_keys(keys)
    )


def delete_vanished(pair: TablePair, keys: Sequence[Key]) -> Composed:
    """Delete those of the native rows with these keys that the legacy side does not have."""
    columns = [Identifier(name) for name in pair.mapping.key]

    def same(left: str, right: str) -> Composed:
        both = (SQL(f"{left}.{{0}} = {right}.{{0}}").format(column) for column in columns)
        return SQL(" AND ").join(both)

    return SQL(
        "DELETE FROM {} AS n USING (SELECT t.* FROM {}) AS w"
        " WHERE {} AND NOT EXISTS (SELECT FROM {} AS s WHERE {})"
    ).format(
        pair.target_name,
        TableSide(pair, legacy=False).with_keys(keys),
        same("n", "w"),
        pair.staging,
        same("n", "s"),
    )


def _drop_staging(native: Connection, pairs: Sequence[TablePair]) -> None:
    for pair in pairs:
        native.execute(SQL("DROP TABLE {}").format(pair.staging))


def _repaired(sides: Sides, table: FoundTable, merged: Mapping[str, Merged]) -> RepairedTable:
    """Look at the rows of a table once more, if any were copied again."""
    pair, report = table.pair, table.report
    done = merged.get(pair.native.name)
    if done is None:
        return RepairedTable(
            found=report, inserted=0, updated=0, deleted=0, refused=(), remains=report.differences
        )
    settled = settle_rows(sides, pair, [row.key for row in table.differing])
    remaining, _ = known_apart(sides.native, pair, settled.differing)
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
