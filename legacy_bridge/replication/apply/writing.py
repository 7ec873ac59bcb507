"""Coalesced changes into the target, within the caller's transaction: the usual way, on
which nothing is refused. What is raised here is for `settling` to sort out."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from psycopg.sql import Composed

from legacy_bridge.replication.apply import sql
from legacy_bridge.replication.apply.arrays import TextArray, columns, whole_columns
from legacy_bridge.replication.apply.coalesce import Key, TableChanges
from legacy_bridge.replication.apply.horizons import Unseen
from legacy_bridge.replication.apply.marks import DOUBT
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.messages import UNCHANGED, Row

Changes = Sequence[tuple[TablePair, TableChanges]]
"""Parents first. Keys and rows are texts as the target takes them."""


class UnknownRowError(Exception):
    """Large values that did not change belong to rows that are not there: to be read anew."""


def write(target: Connection, changes: Changes, unseen: Unseen | None = None) -> None:
    """`unseen` as for `take_out`. Raises `psycopg.Error` for what the target refuses, and
    `UnknownRowError`."""
    for pair, table in reversed(changes):
        take_out(target, pair, table, unseen)
    for pair, table in changes:
        put_back(target, pair, table)
        if not table.absent and (arrays := whole_columns(table.rows.values())):
            target.execute(sql.upsert(pair), arrays)
        elif table.rows:
            _put_in(target, pair, table)


def _put_in(target: Connection, pair: TablePair, table: TableChanges) -> None:
    """Where some are known to be new, or did not come whole."""
    whole, parts = split(pair, table.rows)
    if absent := table.absent - table.moved.keys():
        key = [[c.target for c in pair.columns].index(name) for name in pair.key]
        new = [row for row in whole if tuple(row[place] for place in key) in absent]
        whole = [row for row in whole if tuple(row[place] for place in key) not in absent]
        if new:
            target.execute(sql.insert(pair), columns(new))
    if whole:
        target.execute(sql.upsert(pair), columns(whole))
    for names, rows in parts.items():
        if list(unknown(target, pair, names, rows)):
            raise UnknownRowError
        target.execute(sql.update_some(pair, names), columns(rows))


def take_out(
    target: Connection, pair: TablePair, table: TableChanges, unseen: Unseen | None = None
) -> None:
    """Rows that are gone, and those that will come back under another key.

    A version that the source, which owns the rows, had not seen may come to it later as a new row:
    with `unseen` the target's log says which were taken out all the same.
    """
    if table.emptied:
        _delete(target, pair, sql.delete_all(pair), [], unseen)
    if table.moved:
        both = columns((*old, *new) for new, old in table.moved.items())
        # Not prepared: the temporary table is another one each time.
        keep, delete = sql.take_away(pair)
        target.execute(keep, both, prepare=False)
        _delete(target, pair, delete, both, unseen, tell=sql.telling_moves)
    for keys, told in ((table.gone.keys() - table.rows.keys(), unseen), (replaced(table), None)):
        if keys:
            _delete(target, pair, sql.delete(pair), columns(keys), told)


def replaced(table: TableChanges) -> set[Key]:
    """Keys that have another row afterwards."""
    return table.gone.keys() & table.rows.keys()


def _delete(
    target: Connection,
    pair: TablePair,
    deletion: Composed,
    keys: list[TextArray],
    unseen: Unseen | None,
    tell: Callable[[TablePair, Composed], Composed] = sql.telling,
) -> None:
    if unseen is None:
        target.execute(deletion, keys)
        return
    told = [DOUBT, pair.target.name, unseen.horizon, unseen.horizon]
    target.execute(tell(pair, deletion), [*keys, *told])


def put_back(target: Connection, pair: TablePair, table: TableChanges) -> None:
    if table.moved:
        free = table.moved.keys() <= table.absent
        for statement in sql.put_back(pair, free=free):
            target.execute(statement, prepare=False)


Parts = Mapping[tuple[str, ...], list[Row]]


def split(pair: TablePair, rows: Mapping[Key, Row]) -> tuple[list[Row], Parts]:
    """Whole rows, and by the names of the columns that came, those of which not all did."""
    whole: list[Row] = []
    parts: dict[tuple[str, ...], list[Row]] = {}
    for row in rows.values():
        if UNCHANGED not in row:
            whole.append(row)
            continue
        known = [place for place, value in enumerate(row) if value is not UNCHANGED]
        names = tuple(pair.columns[place].target for place in known)
        parts.setdefault(names, []).append(tuple(row[place] for place in known))
    return whole, parts


def unknown(
    target: Connection, pair: TablePair, names: Sequence[str], rows: Sequence[Row]
) -> Iterator[Key]:
    """Keys of those rows that the target does not have."""
    places = [names.index(name) for name in pair.key]
    keys = [tuple(row[place] for place in places) for row in rows]
    for (place,) in target.execute(sql.absent(pair), columns(keys)).fetchall():
        yield keys[place - 1]
