"""Staged rows become the native tables, in one transaction: readers see all of it or nothing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from psycopg import Error, errors, sql
from psycopg.sql import Composed

from legacy_bridge.replication import statements
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.quarantine import (
    DIFFERS,
    REFUSALS,
    Refused,
    named_key,
    remove_orphans,
    settle,
)
from legacy_bridge.replication.sequences import advance
from legacy_bridge.replication.statements import TablePair


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What changed in one native table. `refused` rows are not as they are on the legacy side."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    seconds: float = 0.0
    refused: tuple[Refused, ...] = ()


def merge(
    native: Connection,
    pairs: Sequence[TablePair],
    vanished: Callable[[TablePair], Composed] = statements.delete_vanished,
) -> dict[str, Merged]:
    """Make the native tables equal to the staged rows; call it inside a transaction.

    `vanished` deletes the rows that are not staged; another one where only some rows are.

    1. keep other writers out (readers go on)
    2. delete what vanished, children first
    3. update what changed and insert what is new, parents first; on refusal see `quarantine`
    4. take out rows whose parent was refused
    5. look again whether what was written is what was read
    6. move the sequences on
    """
    lock(native, pairs)
    native.execute("SET CONSTRAINTS ALL DEFERRED")
    done = {pair.native.name: Merged() for pair in pairs}
    for pair in reversed(pairs):
        deleted = native.execute(vanished(pair)).rowcount
        done[pair.native.name] = Merged(deleted=deleted)
    for pair in pairs:
        done[pair.native.name] = write_staged(native, pair, done[pair.native.name])
    _take_out_orphans(native, pairs, done)
    for pair in pairs:
        done[pair.native.name] = _look_again(native, pair, done[pair.native.name])
        advance(native, pair)
    return done


def lock(native: Connection, pairs: Sequence[TablePair]) -> None:
    """Keep other writers out until the transaction ends."""
    names = sql.SQL(", ").join(pair.native_name for pair in pairs)
    try:
        native.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
    except errors.LockNotAvailable:
        raise BridgeError(
            "another transaction is writing to the native tables and does not end — "
            "find it in pg_stat_activity, then repeat the copy"
        ) from None


def write_staged(native: Connection, pair: TablePair, so_far: Merged) -> Merged:
    """Update what differs from the staged rows and insert what is new, or as much as fits."""
    started = time.monotonic()
    try:
        with native.transaction():
            updated = (
                native.execute(statements.update_changed(pair)).rowcount
                if pair.mapping.values
                else 0
            )
            inserted = native.execute(statements.insert_new(pair)).rowcount
        refused: tuple[Refused, ...] = ()
    except REFUSALS:
        settled = settle(native, pair)
        inserted, updated, refused = settled.inserted, settled.updated, settled.refused
    return replace(
        so_far,
        inserted=inserted,
        updated=updated,
        refused=refused,
        seconds=time.monotonic() - started,
    )


def _take_out_orphans(
    native: Connection, pairs: Sequence[TablePair], done: dict[str, Merged]
) -> None:
    try:
        orphans = remove_orphans(native, pairs)
    except errors.ForeignKeyViolation as error:
        raise BridgeError(
            f"rows that vanished from the legacy database are still referred to: {_said(error)} — "
            "copy all domains together (leave out --domain)"
        ) from None
    for table, rows in orphans.items():
        merged = done[table]
        done[table] = replace(merged, refused=(*merged.refused, *rows))


def _said(error: Error) -> str:
    return error.diag.message_detail or error.diag.message_primary or str(error)


def _look_again(native: Connection, pair: TablePair, merged: Merged) -> Merged:
    """A trigger, or a cast that cuts, may have made other values of those written."""
    if not merged.inserted and not merged.updated:
        return merged
    known = {tuple(row.key.values()) for row in merged.refused}
    keys = (named_key(pair, row) for row in native.execute(statements.unequal_keys(pair)))
    reason = "the native table keeps other values than were written: a trigger or a type"
    unequal = [Refused(key, reason, DIFFERS) for key in keys if tuple(key.values()) not in known]
    return replace(merged, refused=(*merged.refused, *unequal))
