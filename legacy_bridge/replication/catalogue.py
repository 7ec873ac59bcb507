"""What a database says about its tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from legacy_bridge.replication.connections import Connection


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """`type` as declared ("character varying(200)"), `base` without its limit."""

    name: str
    type: str
    base: str
    nullable: bool
    has_default: bool  # an identity counts
    generated: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: `columns` of `table` refer to `parent_columns` of `parent`.

    `parent` is quoted, and qualified where the search path does not lead to it.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    deferrable: bool
    acts: bool  # ON DELETE or ON UPDATE does something by itself: CASCADE, SET NULL, RESTRICT


@dataclass(frozen=True, slots=True)
class TableFacts:
    """`unique` are the sets of columns that identify a row; `estimate` is a number of rows."""

    schema: str
    name: str
    columns: Mapping[str, ColumnFacts]
    unique: frozenset[frozenset[str]]
    references: tuple[Reference, ...]
    estimate: int


def read_catalogue(connection: Connection, names: Iterable[str]) -> dict[str, TableFacts]:
    """The tables of these names that the search path leads to; others are missing."""
    found = connection.execute(_TABLES, [list(names)]).fetchall()
    return {
        name: TableFacts(
            schema=schema,
            name=name,
            columns={facts.name: facts for facts in _columns(connection, oid)},
            unique=_unique(connection, oid),
            references=_references(connection, oid),
            estimate=max(int(estimate), 0),
        )
        for oid, schema, name, estimate in found
    }


_TABLES = """
SELECT c.oid, c.relnamespace::regnamespace::text, wanted, c.reltuples
FROM unnest(%s::text[]) AS wanted
JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(wanted))
"""


def _columns(connection: Connection, table: int) -> list[ColumnFacts]:
    found = connection.execute(
        """
        SELECT attname, format_type(atttypid, atttypmod), format_type(atttypid, -1),
               NOT attnotnull, atthasdef OR attidentity <> '', attgenerated <> ''
        FROM pg_attribute
        WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped
        ORDER BY attnum
        """,
        [table],
    )
    return [ColumnFacts(*row) for row in found]


def _unique(connection: Connection, table: int) -> frozenset[frozenset[str]]:
    found = connection.execute(
        """
        SELECT array_agg(a.attname::text)
        FROM pg_index AS i
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[:i.indnkeyatts - 1])
        WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
              AND i.indexprs IS NULL
        GROUP BY i.indexrelid
        """,
        [table],
    )
    return frozenset(frozenset(columns) for (columns,) in found)


def _references(connection: Connection, table: int) -> tuple[Reference, ...]:
    found = connection.execute(
        """
        SELECT conname, conrelid::regclass::text, names(conrelid, conkey),
               confrelid::regclass::text, names(confrelid, confkey),
               condeferrable, confdeltype <> 'a' OR confupdtype <> 'a'
        FROM pg_constraint,
        LATERAL (SELECT array_agg(attname::text ORDER BY place) AS names FROM)
        WHERE conrelid = %s AND contype = 'f'
        """,
        [table],
    )
    return tuple(Reference(n, t, tuple(c), p, tuple(pc), d, a) for n, t, c, p, pc, d, a in found)
