"""One table in ranges of its key: where a range ends, and the SQL that copies it. Pure.

A range is told by the source's key, as texts. Together the ranges of a table hold every key that
there can be, each once, so that it does not matter if rows come or go meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from psycopg.sql import SQL, Composed, Identifier, Literal

from legacy_bridge.replication.pairs import Carried, TablePair

FIRST_ROWS = 10_000
MOST_ROWS = 100_000
FEWEST_ROWS = 1_000
GOOD_BYTES = 16 << 20
"""Of a chunk: little enough to be lost with a kill, and enough that a commit costs nothing."""

Key = Sequence[str]


@dataclass(frozen=True, slots=True)
class Range:
    """Keys larger than `after`, up to `through`; None: without an end there."""

    after: Key | None = None
    through: Key | None = None


EVERYTHING = Range()


def rows_at_a_time(rows: int, size: int) -> int:
    """How many rows the next range should have, if the last one had `rows` of `size` bytes."""
    return min(max(GOOD_BYTES * rows // size, FEWEST_ROWS), MOST_ROWS) if size else FIRST_ROWS


def splits(pair: TablePair) -> bool:
    """Whether a range of it may be written down; a key that lets people in may not."""
    return not pair.mapping.secret_key


def end_of(pair: TablePair, after: Key | None, rows: int) -> Composed:
    """The key at the end of the next `rows` rows; no row if there are fewer."""
    return SQL("SELECT {} FROM {} AS l WHERE {} ORDER BY {} OFFSET {} LIMIT 1").format(
        SQL(", ").join(SQL("l.{}::text").format(Identifier(name)) for name in pair.source_key),
        pair.source_name,
        _within(pair, Range(after)),
        _key(pair),
        Literal(rows - 1),
    )


def copy_out(pair: TablePair, range_: Range, *, strict: bool) -> Composed:
    """Read the rows of a range in the order of the key, transformed, as binary rows of the target.

    `strict`: for its table itself, which shall refuse what it would cut; else for staging.
    """
    values = SQL(", ").join(_value(pair, column, strict=strict) for column in pair.columns)
    return SQL(
        "COPY (SELECT {} FROM {} AS l WHERE {} ORDER BY {}) TO STDOUT (FORMAT BINARY)"
    ).format(values, pair.source_name, _within(pair, range_), _key(pair))


def copy_in(pair: TablePair) -> Composed:
    """Into the target's table; identity columns take what they are given."""
    names = SQL(", ").join(Identifier(column.target) for column in pair.columns)
    return SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(pair.target_name, names)


def keeps_values(pair: TablePair) -> bool:
    """Whether COPY into the table keeps or refuses every value, and rounds and pads none."""
    return all(_exact(pair, column) or _varies(pair, column) for column in pair.columns)


def form(pair: TablePair) -> str:
    """Changes with whatever decides what is written of a row, and under which key."""
    statements = (copy_out(pair, EVERYTHING, strict=True), copy_in(pair))
    return sha256("".join(each.as_string() for each in statements).encode()).hexdigest()


def _value(pair: TablePair, column: Carried, *, strict: bool) -> Composed:
    facts = pair.target.columns[column.target]
    expression = column.expression(Identifier(column.source))
    value = SQL("({})::{}").format(expression, SQL(facts.base))
    if not strict or _exact(pair, column):
        return value
    # Blanks at the end that do not fit would be cut without a word; with a dot behind they are not.
    return SQL(
        "CASE WHEN char_length({0}) > char_length(({0})::{1}) THEN {0} || '.' ELSE {0} END"
    ).format(value, SQL(facts.type))


def _exact(pair: TablePair, column: Carried) -> bool:
    """The type has no limits, or those that the value has come through already."""
    facts = pair.target.columns[column.target]
    source = pair.source.columns[column.source]
    return facts.type == facts.base or (column.same and facts.type == source.type)


def _varies(pair: TablePair, column: Carried) -> bool:
    return pair.target.columns[column.target].base == "character varying"


def _within(pair: TablePair, range_: Range) -> Composed:
    conditions = [
        SQL("({}) {} ({})").format(_key(pair), SQL(comparison), _literals(pair, end))
        for comparison, end in ((">", range_.after), ("<=", range_.through))
        if end is not None
    ]
    return SQL(" AND ").join(conditions) if conditions else Composed([SQL("true")])


def _literals(pair: TablePair, key: Key) -> Composed:
    return SQL(", ").join(
        SQL("{}::{}").format(Literal(text), SQL(pair.source.columns[name].base))
        for name, text in zip(pair.source_key, key, strict=True)
    )


def _key(pair: TablePair) -> Composed:
    # By the table's name: a bare one would be that of a value as it is selected, which sorts anew.
    return SQL(", ").join(SQL("l.{}").format(Identifier(name)) for name in pair.source_key)
