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

    The tables are written as SQL: quoted, and qualified where the search path does not lead there.
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
    """`unique`: each set of columns that identifies a row. `estimate`: number of rows, about.

    `references` are this table's own foreign keys, `referenced_by` those of other tables to it.
    `triggers`: those that somebody made, and that are enabled.
    """

    schema: str
    name: str
    columns: Mapping[str, ColumnFacts]
    unique: frozenset[frozenset[str]]
    references: tuple[Reference, ...]
    referenced_by: tuple[Reference, ...]
    estimate: int
    triggers: tuple[str, ...] = ()


def read_catalogue(connection: Connection, names: Iterable[str]) -> dict[str, TableFacts]:
    """The tables of these names that the search path leads to; others are missing."""
    found = connection.execute(
        """
        SELECT wanted, c.oid, n.nspname, c.relname, c.reltuples::bigint,
               ARRAY (SELECT tgname::text FROM pg_trigger
                      WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled IN ('O', 'A')
                            AND NOT starts_with(tgname::text, 'bridge_')
                      ORDER BY 1)
        FROM unnest(%s::text[]) AS wanted
        JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(wanted))
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        """,
        [list(names)],
    ).fetchall()
    tables = [oid for _, oid, *_ in found]
    columns, unique = _columns(connection, tables), _unique(connection, tables)
    own, others = _references(connection, tables)
    return {
        wanted: TableFacts(
            schema=schema,
            name=name,
            columns={facts.name: facts for facts in columns.get(oid, ())},
            unique=frozenset(unique.get(oid, ())),
            references=tuple(own.get(oid, ())),
            referenced_by=tuple(others.get(oid, ())),
            estimate=max(estimate, 0),
            triggers=tuple(triggers),
        )
        for wanted, oid, schema, name, estimate, triggers in found
    }


def _columns(connection: Connection, tables: list[int]) -> dict[int, list[ColumnFacts]]:
    found = connection.execute(
        """
        SELECT attrelid, attname, format_type(atttypid, atttypmod), format_type(atttypid, -1),
               NOT attnotnull, atthasdef OR attidentity <> '', attgenerated <> ''
        FROM pg_attribute
        WHERE attrelid = ANY (%s::oid[]) AND attnum > 0 AND NOT attisdropped
        ORDER BY attrelid, attnum
        """,
        [tables],
    )
    columns: dict[int, list[ColumnFacts]] = {}
    for table, *facts in found:
        columns.setdefault(table, []).append(ColumnFacts(*facts))
    return columns


def _unique(connection: Connection, tables: list[int]) -> dict[int, set[frozenset[str]]]:
    found = connection.execute(
        """
        SELECT i.indrelid, array_agg(a.attname::text)
        FROM pg_index AS i
        CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = ANY (%s::oid[]) AND i.indisunique AND i.indisvalid AND i.indimmediate
              AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
        GROUP BY i.indrelid, i.indexrelid
        """,
        [tables],
    )
    unique: dict[int, set[frozenset[str]]] = {}
    for table, columns in found:
        unique.setdefault(table, set()).add(frozenset(columns))
    return unique


_ByTable = dict[int, list[Reference]]


def _references(connection: Connection, tables: list[int]) -> tuple[_ByTable, _ByTable]:
    """By table: its own foreign keys, and those of any table to it."""
    found = connection.execute(
        """
        SELECT conrelid, confrelid,
               conname, conrelid::regclass::text, array_agg(c.attname::text ORDER BY k.place),
               confrelid::regclass::text, array_agg(p.attname::text ORDER BY k.place),
               condeferrable, confdeltype <> 'a' OR confupdtype <> 'a'
        FROM pg_constraint AS f
        CROSS JOIN unnest(conkey, confkey) WITH ORDINALITY AS k (attnum, parent_attnum, place)
        JOIN pg_attribute AS c ON c.attrelid = conrelid AND c.attnum = k.attnum
        JOIN pg_attribute AS p ON p.attrelid = confrelid AND p.attnum = k.parent_attnum
        WHERE contype = 'f' AND (conrelid = ANY (%(tables)s::oid[])
                                 OR confrelid = ANY (%(tables)s::oid[]))
        GROUP BY f.oid, conname, conrelid, confrelid, condeferrable, confdeltype, confupdtype
        ORDER BY conname
        """,
        {"tables": tables},
    )
    own: _ByTable = {}
    others: _ByTable = {}
    for child_oid, parent_oid, name, child, columns, parent, theirs, deferrable, acts in found:
        reference = Reference(name, child, tuple(columns), parent, tuple(theirs), deferrable, acts)
        own.setdefault(child_oid, []).append(reference)
        if parent_oid != child_oid:
            others.setdefault(parent_oid, []).append(reference)
    return own, others
