"""What a run of changes comes to, table by table: of each row only how it is in the end. Pure.

Applied one after the other, or what is left of them here at once: the target is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from legacy_bridge.replication.pgoutput.messages import (
    UNCHANGED,
    Delete,
    Insert,
    Relation,
    Row,
    Update,
    Value,
)
from legacy_bridge.replication.pgoutput.transactions import Change, Emptied

Key = tuple[Value, ...]


class Form(Protocol):
    """Where the values of a table are in its messages."""

    @property
    def table(self) -> str: ...

    @property
    def pick(self) -> Callable[[Row], Row]:
        """The values that are wanted."""

    @property
    def key(self) -> Callable[[Row], Key]:
        """Those that identify a row."""


@dataclass(slots=True)
class TableChanges:
    """To be done in this order, in one transaction:

    1. `emptied`: take out all rows; nothing of `moved` and `gone` is left to do then
    2. `moved`: take out the rows with these old keys (new key → old key), and keep them
    3. `gone`: delete the rows with these keys
    4. put the kept ones back, under their new keys
    5. `rows`: insert or update; UNCHANGED values keep what the target has

    `rows` are in the order of their last changes. `born`: those that came by an insert, so that
    the target is not known to have had them. `absent`: those that it is known not to have.

    `ahead`: the target may have later versions of rows, and later rows at any key. So no row is
    moved: it goes at its old key and comes at its new one, as far as it is known.
    """

    emptied: bool = False
    gone: dict[Key, None] = field(default_factory=dict)
    moved: dict[Key, Key] = field(default_factory=dict)
    rows: dict[Key, Row] = field(default_factory=dict)
    born: set[Key] = field(default_factory=set)
    absent: set[Key] = field(default_factory=set)
    ahead: bool = False
    # Keys of the target's rows that are dealt with: deleted, or taken away to another key.
    _spent: set[Key] = field(default_factory=set)

    def put(self, key: Key, row: Row, *, inserted: bool = False) -> None:
        """A row is like this now, or was inserted."""
        if inserted:
            self.born.add(key)
        before = self.rows.pop(key, None)
        self.rows[key] = row if before is None else _completed(row, before)

    def move(self, old: Key, new: Key, row: Row) -> None:
        """A row got another key."""
        if self.ahead:
            row = _completed(row, self.rows.get(old))
            self.delete(old)
            self.put(new, row)
            return
        before = self.rows.pop(old, None)
        if old in self.born:
            self.born.remove(old)
            self.born.add(new)
        origin = self._take(old)
        if origin == new:
            self._spent.discard(new)
        elif origin is not None:
            self.moved[new] = origin
        self.rows[new] = _completed(row, before)

    def delete(self, key: Key) -> None:
        self.rows.pop(key, None)
        self.born.discard(key)
        origin = self._take(key)
        if origin is not None:
            self.gone[origin] = None

    def empty(self) -> None:
        self.emptied = True
        for kept in (self.gone, self.moved, self.rows, self.born, self._spent):
            kept.clear()

    def _take(self, key: Key) -> Key | None:
        """The key under which the target has the row that is at `key` now; None if it has not."""
        if key in self.moved:
            return self.moved.pop(key)
        if self.emptied or key in self._spent:
            return None
        self._spent.add(key)
        return key


def _completed(row: Row, before: Row | None) -> Row:
    """With the values that came earlier in place of those that did not come again."""
    if before is None or UNCHANGED not in row:
        return row
    return tuple(old if new is UNCHANGED else new for new, old in zip(row, before, strict=True))


F = TypeVar("F", bound=Form)


class Coalesced(Generic[F]):
    """Changes of one or more transactions, in the order of their commits.

    `form` says what is wanted of a table; None: nothing. Rows of one table have the same values
    in the same places, even if the table was altered in between: `tables` has its last form.
    `ahead` as for `TableChanges`.
    """

    def __init__(self, form: Callable[[Relation], F | None], *, ahead: bool = False) -> None:
        self._form = form
        self._ahead = ahead
        self.tables: dict[str, tuple[F, TableChanges]] = {}
        # Of the last change: the next one is mostly of the same table.
        self._relation: Relation | None = None
        self._current: tuple[F, TableChanges] | None = None

    def add(self, change: Change | Emptied) -> None:
        if isinstance(change, Emptied):
            self._relation = None
            for relation in change.relations:
                if emptied := self._form(relation):
                    self.of(emptied).empty()
            return
        relation, row = change
        if relation is not self._relation:
            form = self._form(relation)
            self._current = None if form is None else (form, self.of(form))
            self._relation = relation
        if self._current:
            _add(*self._current, row)

    def of(self, form: F) -> TableChanges:
        known = self.tables.get(form.table)
        if known and known[0] is form:
            return known[1]
        changes = known[1] if known else TableChanges(ahead=self._ahead)
        self.tables[form.table] = (form, changes)
        return changes


def _add(form: Form, table: TableChanges, row: Insert | Update | Delete) -> None:
    if isinstance(row, Insert):
        table.put(form.key(row.new), form.pick(row.new), inserted=True)
    elif isinstance(row, Delete):
        table.delete(form.key(row.old))
    elif row.old is None:
        table.put(form.key(row.new), form.pick(row.new))
    else:
        new = _completed(row.new, row.old) if row.whole_old else row.new
        _update(form, table, row.old, new)


def _update(form: Form, table: TableChanges, old: Row, new: Row) -> None:
    before, after = form.key(old), form.key(new)
    if before == after:
        table.put(after, form.pick(new))
    else:
        table.move(before, after, form.pick(new))
