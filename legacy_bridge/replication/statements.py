"""The SQL of a copy, written from a mapping and the two tables. Pure: nothing is run here.

Staging tables are temporary: no WAL, and gone with the connection. They have the native column
names and types without limits, so that a row the native table refuses still gets that far.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Composed, Identifier

from legacy_bridge.replication.catalogue import Reference, TableFacts
from legacy_bridge.replication.mapping import Column, TableMapping


@dataclass(frozen=True, slots=True)
class TablePair:
    """One table on both sides: its mapping, and what the two catalogues say."""

    domain: str
    mapping: TableMapping
    legacy: TableFacts
    native: TableFacts

    @property
    def legacy_name(self) -> Identifier:
        return Identifier(self.legacy.schema, self.legacy.name)

    @property
    def native_name(self) -> Identifier:
        return Identifier(self.native.schema, self.native.name)

    def temporary(self, purpose: str) -> Identifier:
        return Identifier("pg_temp", f"{purpose} {self.native.name}")

    @property
    def staging(self) -> Identifier:
        return self.temporary("staged")

    @property
    def native_only(self) -> tuple[str, ...]:
        """Columns that no legacy column feeds; they keep their values."""
        fed = {column.native for column in self.mapping.columns}
        return tuple(
            name
            for name, facts in self.native.columns.items()
            if name not in fed and not facts.generated
        )


def copy_out(pair: TablePair) -> Composed:
    """Read the legacy table, transformed, as binary rows of the staging table."""

    def value(column: Column) -> Composed:
        base = SQL(pair.native.columns[column.native].base)
        up = SQL(column.transform.up_sql).format(Identifier(column.legacy))
        return SQL("({})::{}").format(up, base)

    return SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT BINARY)").format(
        _list(value(column) for column in pair.mapping.columns), pair.legacy_name
    )


def create_staging(pair: TablePair) -> Composed:
    columns = (
        SQL("{} {}").format(Identifier(c.native), SQL(pair.native.columns[c.native].base))
        for c in pair.mapping.columns
    )
    return SQL("CREATE TEMPORARY TABLE {} ({})").format(pair.staging, _list(columns))


def copy_in(pair: TablePair) -> Composed:
    return SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(pair.staging)


def delete_vanished(pair: TablePair) -> Composed:
    return SQL("DELETE FROM {} AS n WHERE NOT EXISTS (SELECT FROM {} AS s WHERE {})").format(
        pair.native_name, pair.staging, _same_key(pair)
    )


def update_changed(pair: TablePair) -> Composed:
    """Only rows that differ: repeating a copy writes nothing."""
    assignments = (
        SQL("{0} = s.{0}").format(Identifier(column.native)) for column in pair.mapping.values
    )
    return SQL("UPDATE {} AS n SET {} FROM {} AS s WHERE {} AND {}").format(
        pair.native_name, _list(assignments), pair.staging, _same_key(pair), _differs(pair)
    )


def insert_new(pair: TablePair) -> Composed:
    names = [column.native for column in pair.mapping.columns]
    return SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS s"
        " WHERE NOT EXISTS (SELECT FROM {} AS n WHERE {}) ORDER BY {}"
    ).format(
        pair.native_name,
        _names(names),
        _names(names, "s"),
        pair.staging,
        pair.native_name,
        _same_key(pair),
        _names(pair.mapping.key, "s"),
    )


def unequal_keys(pair: TablePair) -> Composed:
    """Keys of rows that were read and are not like that in the native table, in key order."""
    return SQL(
        "SELECT {} FROM {} AS s LEFT JOIN {} AS n ON {} WHERE n.{} IS NULL OR {} ORDER BY {}"
    ).format(
        _names(pair.mapping.key, "s"),
        pair.staging,
        pair.native_name,
        _same_key(pair),
        Identifier(pair.mapping.key[0]),
        _differs(pair),
        _names(pair.mapping.key, "s"),
    )


def take_out_changed(pair: TablePair) -> tuple[Composed, ...]:
    """Number the new and changed rows by key, keep the native rows they replace, delete these."""
    changed, former = pair.temporary("changed"), pair.temporary("former")
    number = SQL(
        "CREATE TEMPORARY TABLE {} AS SELECT row_number() OVER (ORDER BY {}) AS place, s.*"
        " FROM {} AS s LEFT JOIN {} AS n ON {} WHERE n.{} IS NULL OR {}"
    ).format(
        changed,
        _names(pair.mapping.key, "s"),
        pair.staging,
        pair.native_name,
        _same_key(pair),
        Identifier(pair.mapping.key[0]),
        _differs(pair),
    )
    keep = SQL(
        "CREATE TEMPORARY TABLE {} AS SELECT s.place, n.* FROM {} AS n JOIN {} AS s ON {}"
    ).format(former, pair.native_name, changed, _same_key(pair))
    take_out = SQL("DELETE FROM {} AS n USING {} AS s WHERE {}").format(
        pair.native_name, former, _same_key(pair)
    )
    found = (
        SQL("CREATE INDEX ON {} (place); ANALYZE {}").format(name, name)
        for name in (changed, former)
    )
    return (number, keep, *found, take_out)


def count_changed(pair: TablePair) -> Composed:
    """Number of new and changed rows together, and of changed ones."""
    return SQL("SELECT (SELECT count(*) FROM {}), (SELECT count(*) FROM {})").format(
        pair.temporary("changed"), pair.temporary("former")
    )


def put_in(pair: TablePair) -> list[Composed]:
    """Insert the rows at places %(first)s to %(last)s: new ones, then changed ones with what the
    native side alone knows of them."""
    mapped = [column.native for column in pair.mapping.columns]
    changed, former = pair.temporary("changed"), pair.temporary("former")
    new = SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS s"
        " WHERE place BETWEEN %(first)s AND %(last)s"
    ).format(pair.native_name, _names(mapped), _names(mapped, "s"), changed)
    if not pair.native_only:
        return [new]
    replaced = SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS s JOIN {} AS f"
        " USING (place) WHERE place BETWEEN %(first)s AND %(last)s"
    ).format(
        pair.native_name,
        _names([*mapped, *pair.native_only]),
        _list([_names(mapped, "s"), _names(pair.native_only, "f")]),
        changed,
        former,
    )
    unknown = SQL(" AND NOT EXISTS (SELECT FROM {} AS f WHERE f.place = s.place)").format(former)
    return [new + unknown, replaced]


def restore(pair: TablePair) -> Composed:
    """Insert the row that was replaced at place %s, as it was."""
    names = _names([*(column.native for column in pair.mapping.columns), *pair.native_only])
    return SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} WHERE place = %s"
    ).format(pair.native_name, names, names, pair.temporary("former"))


def former_places(pair: TablePair) -> Composed:
    """Those of the places %s at which there was a row before."""
    return SQL("SELECT place FROM {} WHERE place = ANY (%s::bigint[]) ORDER BY place").format(
        pair.temporary("former")
    )


def keys_at(pair: TablePair) -> Composed:
    """Place and key of the rows at the places %s, in key order."""
    return SQL("SELECT place, {} FROM {} WHERE place = ANY (%s::bigint[]) ORDER BY place").format(
        _names(pair.mapping.key), pair.temporary("changed")
    )


def delete_orphans(pair: TablePair, reference: Reference) -> Composed:
    """Rows whose parent is missing. Returns their keys."""
    columns = list(zip(reference.columns, reference.parent_columns, strict=True))
    given = (SQL("n.{} IS NOT NULL").format(Identifier(child)) for child, _ in columns)
    same = (SQL("p.{} = n.{}").format(Identifier(p), Identifier(c)) for c, p in columns)
    return SQL(
        "DELETE FROM {} AS n WHERE {} AND NOT EXISTS (SELECT FROM {} AS p WHERE {}) RETURNING {}"
    ).format(
        pair.native_name,
        SQL(" AND ").join(given),
        SQL(reference.parent),
        SQL(" AND ").join(same),
        _names(pair.mapping.key, "n"),
    )


def _same_key(pair: TablePair) -> Composed:
    return SQL(" AND ").join(
        SQL("n.{0} = s.{0}").format(Identifier(name)) for name in pair.mapping.key
    )


def _differs(pair: TablePair) -> Composable:
    """Compared as stored, bit by bit: `=` takes some unequal values for equal, and is missing for
    types such as json. The casts keep the parser from comparing column by column."""
    names = [column.native for column in pair.mapping.values]
    if not names:
        return SQL("false")
    return SQL("ROW({})::record OPERATOR(pg_catalog.*<>) ROW({})::record").format(
        _names(names, "n"), _names(names, "s")
    )


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)


def _names(names: Iterable[str], alias: str = "") -> Composed:
    prefix = SQL(f"{alias}." if alias else "")
    return _list(prefix + Identifier(name) for name in names)
