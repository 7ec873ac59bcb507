"""Staged rows become the target's tables, in one transaction: readers see all of it or nothing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from psycopg import Error, errors, sql
from psycopg.sql import Composed

from legacy_bridge.replication import statements
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.quarantine import (
    DIFFERS,
    REFUSALS,
    Refused,
    named_key,
    remove_orphans,
    settle,
)
from legacy_bridge.replication.sequences import advance


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What changed in one table. `refused` rows are not as they are on the source."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    seconds: float = 0.0
    refused: tuple[Refused, ...] = ()


def merge(
    target: Connection,
    pairs: Sequence[TablePair],
    vanished: Callable[[TablePair], Composed] = statements.delete_vanished,
) -> dict[str, Merged]:
    """Make the target's tables equal to the staged rows; call it inside a transaction.

    `vanished` deletes the rows that are not staged; another one where only some rows are.

    1. keep other writers out (readers go on)
    2. delete what vanished, children first
    3. update what changed and insert what is new, parents first; on refusal see `quarantine`
    4. take out rows whose parent was refused
    5. look again whether what was written is what was read
    6. move the sequences on
    """
    lock(target, pairs)
    target.execute("SET CONSTRAINTS ALL DEFERRED")
    done = {pair.target.name: Merged() for pair in pairs}
    for pair in reversed(pairs):
        deleted = target.execute(vanished(pair)).rowcount
        done[pair.target.name] = Merged(deleted=deleted)
    for pair in pairs:
        done[pair.target.name] = write_staged(target, pair, done[pair.target.name])
    _take_out_orphans(target, pairs, done)
    for pair in pairs:
        done[pair.target.name] = _look_again(target, pair, done[pair.target.name])
        advance(target, pair)
    return done


def lock(target: Connection, pairs: Sequence[TablePair]) -> None:
    """Keep other writers out until the transaction ends."""
    names = sql.SQL(", ").join(pair.target_name for pair in pairs)
    try:
        target.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
    except errors.LockNotAvailable:
        raise BridgeError(
            f"another transaction is writing to the {pairs[0].direction.destination} tables and "
            "does not end — find it in pg_stat_activity, then repeat the copy"
        ) from None


def write_staged(target: Connection, pair: TablePair, so_far: Merged) -> Merged:
    """Update what differs from the staged rows and insert what is new, or as much as fits."""
    started = time.monotonic()
    for statement in statements.keep_preserved(pair):
        target.execute(statement)
    try:
        with target.transaction():
            updated = target.execute(statements.update_changed(pair)).rowcount if pair.values else 0
            inserted = target.execute(statements.insert_new(pair)).rowcount
        refused: tuple[Refused, ...] = ()
    except REFUSALS:
        settled = settle(target, pair)
        inserted, updated, refused = settled.inserted, settled.updated, settled.refused
    return replace(
        so_far,
        inserted=inserted,
        updated=updated,
        refused=refused,
        seconds=time.monotonic() - started,
    )


def _take_out_orphans(
    target: Connection, pairs: Sequence[TablePair], done: dict[str, Merged]
) -> None:
    try:
        orphans = remove_orphans(target, pairs)
    except errors.ForeignKeyViolation as error:
        raise BridgeError(
            f"rows that vanished from the {pairs[0].direction.origin} database are still "
            f"referred to: {_said(error)} — copy all domains together (leave out --domain)"
        ) from None
    for table, rows in orphans.items():
        merged = done[table]
        done[table] = replace(merged, refused=(*merged.refused, *rows))


def _said(error: Error) -> str:
    return error.diag.message_detail or error.diag.message_primary or str(error)


def _look_again(target: Connection, pair: TablePair, merged: Merged) -> Merged:
    """A trigger, or a cast that cuts, may have made other values of those written."""
    if not merged.inserted and not merged.updated:
        return merged
    known = {tuple(row.key.values()) for row in merged.refused}
    keys = (named_key(pair, row) for row in target.execute(statements.unequal_keys(pair)))
    kept = "keeps other values than were written: a trigger or a type"
    reason = f"the {pair.direction.destination} table {kept}"
    unequal = [Refused(key, reason, DIFFERS) for key in keys if tuple(key.values()) not in known]
    return replace(merged, refused=(*merged.refused, *unequal))
