"""What a subscriber is told: committed transactions, or that some of them cannot be known.

Pure: from a transaction of the stream to events by native names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import (
    UNCHANGED,
    Delete,
    Insert,
    Relation,
    Row,
    Update,
)
from legacy_bridge.replication.pgoutput.transactions import Change, Emptied, Transaction
from legacy_bridge.replication.publication import Tables

Key = tuple[str | None, ...]


class Kind(StrEnum):
    INSERTED = "inserted"
    UPDATED = "updated"
    DELETED = "deleted"
    EMPTIED = "emptied"


@dataclass(frozen=True, slots=True)
class Changed:
    """One row, or with EMPTIED all rows of a table.

    `key` has the values of the subscription's key columns as PostgreSQL writes them; () with
    EMPTIED. (`position`, `ordinal`) is the same whenever the change is told: who remembers the
    largest pair that it has dealt with knows what it has seen before.
    """

    table: str
    key: Key
    kind: Kind
    position: Lsn
    ordinal: int


@dataclass(frozen=True, slots=True)
class Committed:
    """A whole transaction. Readable only until the subscriber returns: it may lie on the disk.

    `position` is where its commit ends in the log; those of later transactions are larger.
    """

    position: Lsn
    at: datetime
    _transaction: Transaction = field(repr=False)
    _keys: Tables = field(repr=False)

    @property
    def tables(self) -> frozenset[str]:
        """Those that it changed, without a look at the rows."""
        return frozenset(relation.name for relation in self._transaction.relations)

    @property
    def changes(self) -> Iterator[Changed]:
        """In the order in which they were made, read one by one. A row whose key changed was
        deleted and inserted."""
        for ordinal, (table, key, kind) in enumerate(self._events()):
            yield Changed(table, key, kind, self.position, ordinal)

    def _events(self) -> Iterator[tuple[str, Key, Kind]]:
        for change in self._transaction.changes:
            match change:
                case Emptied():
                    for relation in change.relations:
                        yield relation.name, (), Kind.EMPTIED
                case Change():
                    places = _places(change.relation, self._keys[change.relation.name])
                    for key, kind in _of_row(change.row, places):
                        yield change.relation.name, key, kind


@dataclass(frozen=True, slots=True)
class Gap:
    """Anything may have changed before `position`: nobody can tell. What comes after is told."""

    position: Lsn


def committed(transaction: Transaction, keys: Tables) -> Committed:
    """`keys` of every table that is published."""
    return Committed(transaction.end_lsn, transaction.committed_at, transaction, keys)


def _places(relation: Relation, key: Sequence[str]) -> tuple[int, ...]:
    names = [column.name for column in relation.columns]
    try:
        return tuple(names.index(name) for name in key)
    except ValueError:
        raise BridgeError(
            f"the table {relation.name} has not all columns of its key ({', '.join(key)}) any more "
            "— run the version of the code that fits the database"
        ) from None


def _of_row(row: Insert | Update | Delete, places: Sequence[int]) -> Iterator[tuple[Key, Kind]]:
    match row:
        case Insert(new=new):
            yield _key(new, None, places), Kind.INSERTED
        case Delete(old=old):
            yield _key(old, None, places), Kind.DELETED
        case Update(old=old, new=new):
            key = _key(new, old, places)
            before = key if old is None else _key(old, None, places)
            if before == key:
                yield key, Kind.UPDATED
            else:
                yield before, Kind.DELETED
                yield key, Kind.INSERTED


def _key(row: Row, old: Row | None, places: Sequence[int]) -> Key:
    return tuple(_text(row, old, place) for place in places)


def _text(row: Row, old: Row | None, place: int) -> str | None:
    value = row[place]
    if value is UNCHANGED and old is not None:
        value = old[place]  # a key too large to be sent twice comes as the old one
    if value is None:
        return None
    if not isinstance(value, bytes):
        raise BridgeError(f"a key came as {value!r}: this stream was asked for text")
    return value.decode()
