"""Where each side goes on numbering rows, so that keys born on both at once never meet.

The owner's numbers go on from the largest. The other side, whose rows are strays, numbers from the
middle of the type's range.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair

STRAYS_FROM = {"smallint": 1 << 14, "integer": 1 << 30, "bigint": 1 << 62}
GAP = 100
"""Numbers that are left out when the rows get another owner: of transactions that came to nothing,
or are not seen yet."""


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Of a column. `name` is written as SQL; `base`: a type that holds all numbers it may give."""

    name: str
    column: str
    base: str


def advance(target: Connection, pair: TablePair) -> None:
    """Set the sequences of a table's columns to its largest numbers, never backwards."""
    for one in _sequences(target, pair):
        target.execute(
            sql.SQL(
                "SELECT setval(%s::regclass, largest) FROM (SELECT max({}) AS largest FROM {})"
                " AS t, {} AS s WHERE largest > s.last_value"
                " OR largest = s.last_value AND NOT s.is_called"
            ).format(sql.Identifier(one.column), pair.target_name, sql.SQL(one.name)),
            [one.name],
        )


def keep_apart(target: Connection, pair: TablePair) -> None:
    """Let the target, which does not own the rows, number in the other half."""
    for one in _sequences(target, pair):
        first = STRAYS_FROM[one.base]
        target.execute(
            sql.SQL(
                "SELECT setval(%s::regclass, greatest(%s::bigint, max({}) + 1), false) FROM {}"
                " HAVING (SELECT last_value FROM {}) < %s"
            ).format(sql.Identifier(one.column), pair.target_name, sql.SQL(one.name)),
            [one.name, first, first],
        )


def take_over(source: Connection, target: Connection, pair: TablePair) -> None:
    """Let the target, which is to own the rows, go on where the source is.

    Not before all that the source has numbered is in the target's table.
    """
    theirs = {one.column: one for one in _sequences(source, pair.towards(pair.direction.opposite))}
    by_target = {column.target: column.source for column in pair.columns}
    for one in _sequences(target, pair):
        other = theirs.get(by_target.get(one.column, ""))
        last = _last(source, other) if other else 0
        first = STRAYS_FROM[one.base]
        target.execute(
            sql.SQL(
                "SELECT setval(%s::regclass, greatest(coalesce(max({0}), 0), %s) + %s)"
                " FROM {1} WHERE {0} < %s"
            ).format(sql.Identifier(one.column), pair.target_name),
            [one.name, last if last < first else 0, GAP, first],
        )


def _last(connection: Connection, sequence: _Sequence) -> int:
    row = connection.execute(
        sql.SQL("SELECT last_value FROM {}").format(sql.SQL(sequence.name))
    ).fetchone()
    assert row is not None  # noqa: S101  # a sequence has one row
    return int(row[0])


def _sequences(connection: Connection, pair: TablePair) -> Iterator[_Sequence]:
    """Of the target's table."""
    table = pair.target_name.as_string()
    sources = {column.target: column.source for column in pair.columns}
    for name, facts in pair.target.columns.items():
        row = connection.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, name]).fetchone()
        if row and row[0]:
            theirs = pair.source.columns[sources[name]].base if name in sources else facts.base
            yield _Sequence(row[0], name, _narrower(facts.base, theirs))


def _narrower(one: str, other: str) -> str:
    """A number has to fit on both sides."""
    return min(one, other, key=lambda base: STRAYS_FROM.get(base, STRAYS_FROM["bigint"]))
