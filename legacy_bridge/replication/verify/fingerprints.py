"""The SQL of a verification: both sides compute numbers from their rows that can be compared.

Values are compared in native form: what a copy would write. A row's fingerprint is the XOR of a
hash of 64 bits for each mapped column, a chunk's the XOR of its rows'. Each hash begins with a seed
made of the row's key and the column's number, so that values which trade places, between rows or
columns, do not even out. Pure: nothing is run here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from legacy_bridge.replication.catalogue import TableFacts
from legacy_bridge.replication.mapping import IDENTITY, Column
from legacy_bridge.replication.pairs import TablePair

WHOLE_NUMBERS = ("smallint", "integer", "bigint")
# Hashed over every bit of the value, and alike on every server from version 15 on.
DIRECT = {
    "smallint": "hashint2extended({value}, {seed})",
    "integer": "hashint4extended({value}, {seed})",
    "boolean": "hashint4extended({value}::integer, {seed})",
    "uuid": "uuid_hash_extended({value}, {seed})",
}
# The own hashes of these take different values for equal (0.0 and -0.0, 1.0 and 1.00), or fold 64
# bits to 32 first. Their binary form is the same everywhere, and independent of settings.
SENT = {
    "bigint": "int8send",
    "numeric": "numeric_send",
    "real": "float4send",
    "double precision": "float8send",
    "timestamp with time zone": "timestamptz_send",
    "timestamp without time zone": "timestamp_send",
    "time with time zone": "timetz_send",
    "time without time zone": "time_send",
    "interval": "interval_send",
    "bpchar": "bpcharsend",
}
SETTINGS = {
    "default_transaction_read_only": "on",
    # The planner takes every chunk for a row of its own, and would sort whole rows to group them.
    "enable_sort": "off",
}

T = "t"

Key = tuple[str, ...]
"""The native key of a row, its values as texts."""


def hashed(value: Composable, base: str, seed: Composable, *, recode: bool) -> Composed:
    """A bigint that equal values of type `base` share, and unequal ones do not; NULL for NULL.

    `recode`: the two databases store text in different encodings.
    """
    if base in DIRECT:
        return SQL(f"pg_catalog.{DIRECT[base]}").format(value=value, seed=seed)
    if base in SENT:
        text = SQL(f"encode(pg_catalog.{SENT[base]}({{}}), 'hex')").format(value)
    elif recode:
        text = SQL("encode(convert_to({}::text, 'UTF8'), 'hex')").format(value)
    else:
        text = SQL("{}::text").format(value)
    return SQL('pg_catalog.hashtextextended({} COLLATE "C", {})').format(text, seed)


@dataclass(frozen=True, slots=True)
class TableSide:
    """One side of a table. Statements give whole numbers and texts only."""

    pair: TablePair
    legacy: bool
    recode: bool = False

    @property
    def table(self) -> Composed:
        name = _name(self.pair.legacy if self.legacy else self.pair.native)
        return SQL("{} AS {}").format(name, SQL(T))

    @property
    def ordered_by_number(self) -> bool:
        """Chunks are ranges of the key, which an index finds; otherwise of the key's hash."""
        key = self.pair.mapping.key
        column = self._column(key[0])
        legacy = self.pair.legacy.columns[column.legacy].base
        numbers = {legacy, self._base(column)} <= set(WHOLE_NUMBERS)
        return len(key) == 1 and numbers and column.transform is IDENTITY

    def extent(self) -> Composed:
        """Smallest and largest key, or nothing to go by; pages of the table on disk."""
        ends = (
            SQL("(SELECT min({0}) FROM {1}), (SELECT max({0}) FROM {1})").format(
                self._number(), self.table
            )
            if self.ordered_by_number
            else SQL("NULL, NULL")
        )
        facts = self.pair.legacy if self.legacy else self.pair.native
        name = Literal(Identifier(facts.schema, facts.name).as_string())
        return SQL(
            "SELECT {}, pg_relation_size({}::regclass) / current_setting('block_size')::int"
        ).format(ends, name)

    def chunk_sums(self, shift: int, pages: tuple[int, int | None] | None) -> Composed:
        """Chunk, number of rows, fingerprint; of rows on these pages of the table, or of all."""
        return SQL("SELECT {}, count(*), bit_xor({}) FROM {} WHERE {} GROUP BY 1").format(
            self._chunk(shift), self._row_hash(), self.table, _on_pages(pages)
        )

    def rows_of(self, shift: int, chunks: Sequence[int]) -> Composed:
        """Place, fingerprint and key of the rows in these chunks, by place and key."""
        place = self._place()
        keys = [SQL('({}::text COLLATE "C")').format(self._value(name)) for name in self._key]
        return SQL("SELECT {}, {}, {} FROM {} WHERE {} ORDER BY {}").format(
            place,
            self._row_hash(),
            _list(keys),
            self.table,
            self._within(shift, chunks),
            place if self.ordered_by_number else _list([place, *keys]),
        )

    def states(self, keys: Sequence[Key]) -> Composed:
        """Number, version and column hashes of the rows with these keys, numbered from 1."""
        hashes = (
            SQL("int8send(coalesce({}, 0))").format(self._hash(column, Literal(1)))
            for column in self.pair.mapping.columns
        )
        return SQL("SELECT k.number, {t}.xmin::text || {t}.ctid::text, {} FROM {}").format(
            SQL(" || ").join(hashes), self.with_keys(keys), t=SQL(T)
        )

    def with_keys(self, keys: Sequence[Key]) -> Composed:
        """The table, as `t`, joined to `keys`, as `k`, which numbers them. Not for no keys."""
        names = [Identifier(f"k{number}") for number in range(len(self._key))]
        # No parameters: a transform may have a percent sign.
        arrays = (
            SQL("{}::text[]").format(Literal(list(texts))) for texts in zip(*keys, strict=True)
        )
        return SQL("unnest({}) WITH ORDINALITY AS k ({}, number) JOIN {} ON {}").format(
            _list(arrays),
            _list(names),
            self.table,
            SQL(" AND ").join(map(self._same_key, self._key, names)),
        )

    @property
    def _key(self) -> tuple[str, ...]:
        return self.pair.mapping.key

    def _column(self, native: str) -> Column:
        return next(c for c in self.pair.mapping.columns if c.native == native)

    def _base(self, column: Column) -> str:
        return self.pair.native.columns[column.native].base

    def _stored(self, column: Column) -> Identifier:
        return Identifier(T, column.legacy if self.legacy else column.native)

    def native_form(self, column: Column) -> Composable:
        if not self.legacy:
            return self._stored(column)
        up = SQL(column.transform.up_sql).format(self._stored(column))
        return SQL("({})::{}").format(up, SQL(self._base(column)))

    def _value(self, native: str) -> Composable:
        return self.native_form(self._column(native))

    def _hash(self, column: Column, seed: Composable) -> Composed:
        return hashed(self.native_form(column), self._base(column), seed, recode=self.recode)

    def _number(self) -> Composable:
        """The key as stored, so that an index serves."""
        return self._stored(self._column(self._key[0]))

    def _key_hash(self, number: int = 0) -> Composed:
        """Another one for each number."""
        seeds = (Literal(number * MOST_KEY_COLUMNS + place) for place in range(len(self._key)))
        return SQL(" # ").join(
            self._hash(self._column(name), seed)
            for name, seed in zip(self._key, seeds, strict=True)
        )

    def _row_hash(self) -> Composed:
        return SQL(" # ").join(
            SQL("coalesce({}, 0)").format(self._hash(column, self._key_hash(number)))
            for number, column in enumerate(self.pair.mapping.columns, 1)
        )

    def _place(self) -> Composable:
        return self._number() if self.ordered_by_number else SQL("({})").format(self._key_hash())

    def _chunk(self, shift: int) -> Composed:
        return SQL("({}::bigint >> {})").format(self._place(), Literal(shift))

    def _within(self, shift: int, chunks: Sequence[int]) -> Composable:
        if not self.ordered_by_number or len(chunks) > INDEXED_RANGES:
            return SQL("{} = ANY ({}::bigint[])").format(self._chunk(shift), Literal(list(chunks)))
        return SQL(" OR ").join(
            SQL("{} BETWEEN {} AND {}").format(
                self._number(), Literal(chunk << shift), Literal(((chunk + 1) << shift) - 1)
            )
            for chunk in chunks
        )

    def _same_key(self, native: str, given: Identifier) -> Composed:
        """In the stored form, so that an index serves; a key's transform loses nothing."""
        column = self._column(native)
        value: Composable = SQL("k.{}::{}").format(given, SQL(self._base(column)))
        if self.legacy and column.transform.down_sql:
            value = SQL(column.transform.down_sql).format(value)
        return SQL("{} = {}").format(self._stored(column), value)


MOST_KEY_COLUMNS = 32
"""PostgreSQL's own limit for an index."""
INDEXED_RANGES = 50
"""Up to so many chunks are looked up by index; for more the table is read once more."""


def _name(facts: TableFacts) -> Identifier:
    return Identifier(facts.schema, facts.name)


def _on_pages(pages: tuple[int, int | None] | None) -> Composable:
    if pages is None:
        return SQL("true")
    first, end = pages
    since = SQL("{}.ctid >= {}::tid").format(SQL(T), Literal(f"({first},0)"))
    if end is None:
        return since
    return SQL("{} AND {}.ctid < {}::tid").format(since, SQL(T), Literal(f"({end},0)"))


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)


PROBE = SQL("SELECT {} # {}").format(
    hashed(SQL("'probe'"), "text", SQL("7"), recode=False),
    hashed(SQL("1"), "integer", SQL("7"), recode=False),
)
"""Servers of processors with another byte order give another number."""
