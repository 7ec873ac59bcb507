"""Changes of which the target may refuse some, each to be done by itself if need be.

In halves and halves of halves, until those that are refused stand alone; and again, as one may
have waited for another. Foreign keys are looked at each time, so that nothing is left to be
cleared up: what the target's own rows forbid is not done.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import psycopg

from legacy_bridge.replication.apply import sql
from legacy_bridge.replication.apply.coalesce import Key, TableChanges
from legacy_bridge.replication.apply.horizons import Unseen
from legacy_bridge.replication.apply.settling import READ_AGAIN
from legacy_bridge.replication.apply.writing import Changes, UnknownRowError, write
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.messages import Row
from legacy_bridge.replication.quarantine import REFUSALS, reason


@dataclass(frozen=True, slots=True)
class Single:
    """What is to become of one row; `row` is None if it is to go, or only to get another key."""

    pair: TablePair
    key: Key
    row: Row | None
    former: Key | None = None  # under which key the target has it
    replaces: bool = False  # another row of this key goes first
    absent: bool = False  # the target has none with this key

    @property
    def keys(self) -> tuple[Key, ...]:
        """Under which the target's rows are not as they should be if it is refused."""
        return (self.key,) if self.former is None else (self.key, self.former)


@dataclass(frozen=True, slots=True)
class Refusal:
    single: Single
    reason: str


def write_carefully(
    target: Connection, changes: Changes, unseen: Unseen | None = None
) -> list[Refusal]:
    """Do as much as can be done, within the caller's transaction. Parents come first. `unseen` as
    for `writing`."""
    return write_singly(target, list(_singles(target, changes)), unseen)


def write_singly(
    target: Connection, todo: Sequence[Single], unseen: Unseen | None
) -> list[Refusal]:
    """The same of what is given one by one."""
    while todo:
        refused = list(_attempt(target, todo, unseen))
        if len(refused) in (0, len(todo)):
            return refused
        todo = [refusal.single for refusal in refused]
    return []


def _attempt(
    target: Connection, singles: Sequence[Single], unseen: Unseen | None
) -> Iterator[Refusal]:
    try:
        with target.transaction():
            target.execute("SET CONSTRAINTS ALL DEFERRED")
            write(target, _together(singles), unseen)
            target.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except (*REFUSALS, UnknownRowError) as error:
        if len(singles) == 1:
            said = reason(error) if isinstance(error, psycopg.Error) else READ_AGAIN
            yield Refusal(singles[0], said)
            return
        middle = len(singles) // 2
        yield from _attempt(target, singles[:middle], unseen)
        yield from _attempt(target, singles[middle:], unseen)


def _singles(target: Connection, changes: Changes) -> Iterator[Single]:
    """Deletions first, children before their parents; then rows, parents first."""
    for pair, table in reversed(changes):
        gone: Iterable[Key] = table.gone
        if table.emptied:
            gone = [tuple(map(str.encode, row)) for row in target.execute(sql.keys(pair))]
        for key in gone:
            if key not in table.rows:
                yield Single(pair, key, None)
    for pair, table in changes:
        for key, row in table.rows.items():
            replaces = key in table.gone
            yield Single(pair, key, row, table.moved.get(key), replaces, key in table.absent)
        for key, former in table.moved.items():
            if key not in table.rows:
                yield Single(pair, key, None, former)


def _together(singles: Sequence[Single]) -> Changes:
    tables: dict[str, tuple[TablePair, TableChanges]] = {}
    for single in singles:
        _, table = tables.setdefault(single.pair.target.name, (single.pair, TableChanges()))
        if (single.row is None and single.former is None) or single.replaces:
            table.gone[single.key] = None
        if single.former is not None:
            table.moved[single.key] = single.former
        if single.row is not None:
            table.rows[single.key] = single.row
        if single.absent:
            table.absent.add(single.key)
    return list(tables.values())
