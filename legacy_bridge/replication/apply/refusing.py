"""What the target does not take of the owner's rows, and what leaves quarantine again."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from psycopg.errors import ForeignKeyViolation

from legacy_bridge.replication.apply import marks
from legacy_bridge.replication.apply.carefully import (
    Refusal,
    Single,
    write_carefully,
    write_singly,
)
from legacy_bridge.replication.apply.coalesce import Key, TableChanges
from legacy_bridge.replication.apply.forms import key_names
from legacy_bridge.replication.apply.horizons import Unseen
from legacy_bridge.replication.apply.settling import settle_changes
from legacy_bridge.replication.apply.writing import Changes, unknown
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.messages import UNCHANGED
from legacy_bridge.replication.quarantine import KEPT_OLD, KEPT_OUT, Refused, remove_orphans
from legacy_bridge.replication.records import kept, release

ByTable = dict[str, list[Refused]]


def refused(target: Connection, changes: Changes, unseen: Unseen | None) -> ByTable:
    """Rows that are not as they are on the source. Foreign keys are not looked at."""
    settled = settle_changes(target, changes, unseen)
    for pair, _ in changes:
        name = pair.target.name
        texts = named(target, pair, settled.texts.get(name, ()))
        settled.refused.setdefault(name, []).extend(texts)
    return settled.refused


def refused_singly(
    target: Connection, changes: Changes, unseen: Unseen | None, owned: Sequence[TablePair]
) -> ByTable:
    """The same where rows that the source does not own, or does not have, refer to what is to go.

    1. what is to go goes, row by row where need be, and with foreign keys
    2. the other rows come; unique values may change places among them; rows of `owned` tables
       whose parents are missing go
    3. what could not go is tried again: what referred to it may refer to another row by now
    4. rows come whose keys were given up only then
    """
    going = write_carefully(target, [(pair, _going(table)) for pair, table in changes], unseen)
    waiting, held = _waiting([one.single for one in going], changes)
    soon = [
        (pair, _coming(table, table.rows.keys() - held[_name(pair)])) for pair, table in changes
    ]
    found = _come(target, soon, unseen, owned)
    left = write_singly(target, waiting, unseen)
    _add(found, _singly(target, left))
    for one in left:
        held[_name(one.single.pair)].discard(one.single.former)
    late = [(pair, _coming(table, held[_name(pair)])) for pair, table in changes]
    if any(table.rows for _, table in late):
        _add(found, _come(target, late, unseen, owned))
    return found


def _waiting(
    singles: Sequence[Single], changes: Changes
) -> tuple[list[Single], dict[str, set[Key | None]]]:
    """What of those that could not go is to be tried again, a row that comes in the place of one
    being all that is wanted there; and, by table, the keys that are still to be given up."""
    rows = {_name(pair): table.rows for pair, table in changes}
    waiting = [one for one in singles if one.former or one.key not in rows[_name(one.pair)]]
    held: dict[str, set[Key | None]] = {_name(pair): set() for pair, _ in changes}
    for one in waiting:
        held[_name(one.pair)].add(one.former)
    return waiting, held


def _name(pair: TablePair) -> str:
    return pair.target.name


def _come(
    target: Connection, changes: Changes, unseen: Unseen | None, owned: Sequence[TablePair]
) -> ByTable:
    """A row that is refused, and whose old version cannot return, would be missing: where others
    refer to it, it stays as it is."""
    left: ByTable = {}
    while True:
        found: ByTable = {}
        try:
            with target.transaction():
                target.execute("SET CONSTRAINTS ALL DEFERRED")
                found = refused(target, changes, unseen)
                _add(found, remove_orphans(target, owned))
        except ForeignKeyViolation:
            lost = [(pair, table, _of(pair, table, found)) for pair, table in changes]
            if not any(rows for *_, rows in lost):
                _add(left, _singly(target, write_carefully(target, changes, unseen)))
                return left
            for pair, table, rows in lost:
                for key, _ in rows:
                    del table.rows[key]
                    table.gone.pop(key, None)
                _add(left, {pair.target.name: named(target, pair, rows)})
        else:
            _add(found, left)
            return found


def _of(pair: TablePair, table: TableChanges, found: ByTable) -> list[tuple[Key, str]]:
    """Those rows of the table that were refused, and why."""
    known = found.get(pair.target.name)
    if not known:
        return []
    return [
        (key, one.reason) for key in table.rows for one in known if one.key == key_names(pair, key)
    ]


def _singly(target: Connection, refusals: Iterable[Refusal]) -> ByTable:
    found: ByTable = {}
    for refusal in refusals:
        pair = refusal.single.pair
        # Under its former key a row that was to move is still there, and not as it should be.
        rows = named(target, pair, [(key, refusal.reason) for key in refusal.single.keys])
        _add(found, {pair.target.name: rows})
    return found


def _add(found: ByTable, more: Mapping[str, list[Refused]]) -> None:
    for name, rows in more.items():
        found.setdefault(name, []).extend(rows)


def _going(table: TableChanges) -> TableChanges:
    """With the rows that only get another key, which has to be free: who has it may be still to
    move away from there."""
    gone = {key: None for key in table.gone if key not in table.rows}
    rows = {key: row for key, row in table.rows.items() if key in table.moved}
    moved = dict(table.moved)
    return TableChanges(emptied=table.emptied, gone=gone, moved=moved, rows=rows, absent=set(moved))


def _coming(table: TableChanges, keys: Container[Key | None]) -> TableChanges:
    """With the rows that take the place of others."""
    rows = {k: row for k, row in table.rows.items() if k in keys and k not in table.moved}
    return TableChanges(gone={key: None for key in table.gone if key in rows}, rows=rows)


def named(target: Connection, pair: TablePair, lost: Sequence[tuple[Key, str]]) -> list[Refused]:
    """Rows of which only the texts of their keys are known."""
    keys = [key for key, _ in lost]
    absent = set(unknown(target, pair, pair.key, keys)) if keys else set()
    return [
        Refused(key_names(pair, key), why, KEPT_OUT if key in absent else KEPT_OLD)
        for key, why in lost
    ]


def take_out_doubtful(
    target: Connection, pair: TablePair, table: TableChanges, *, ahead: bool
) -> Iterator[Key]:
    """Rows in quarantine, under their keys or former ones, of which not all values came: what the
    target has of the others may be older than they are. `ahead`: it may have rows that came later
    than these changes, so that a row that moves with such values may be another one."""
    parts = [key for key, row in table.rows.items() if UNCHANGED in row]
    there = {key: key_names(pair, table.moved.get(key, key)) for key in parts}
    names = [*there.values(), *(key_names(pair, key) for key in parts if key in table.moved)]
    known = kept(target, pair.target.name, names) if names else []
    for key in parts:
        moved = ahead and key in table.moved
        if moved or there[key] in known or key_names(pair, key) in known:
            del table.rows[key]
            yield key


def let_go(
    target: Connection,
    pair: TablePair,
    table: TableChanges,
    again: Sequence[Mapping[str, Any]],
    unseen: Unseen | None,
) -> int:
    """Whatever came anew, or went, leaves quarantine, unless it was refused `again`.

    What leaves it as the source has no such row may have been a stray that is on its way there,
    and fits when it comes. The target's log says so (`unseen` as for `writing`).
    """
    if table.emptied:
        left = release(target, pair.target.name, None)
    else:
        touched = {**table.gone, **dict.fromkeys(table.moved.values()), **table.rows}
        keys = [key_names(pair, key) for key in touched]
        left = release(target, pair.target.name, [key for key in keys if key not in again])
    if unseen and not pair.mapping.secret_key:
        texts = (tuple(str(key[part]).encode() for part in pair.key) for key in left)
        marks.doubt(target, pair.target.name, [key for key in texts if key not in table.rows])
    return len(left)
