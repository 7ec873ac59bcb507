"""The SQL of a copy, written from a mapping and the two tables. Pure: nothing is run here.

Staging tables are temporary: no WAL, and gone with the connection. They have the target's column
names and types without limits, so that a row the target refuses still gets that far.
"""

from collections.abc import Iterable

from psycopg.sql import SQL, Composable, Composed, Identifier

from legacy_bridge.replication.catalogue import Reference
from legacy_bridge.replication.pairs import Carried, TablePair


def copy_out(pair: TablePair) -> Composed:
    """Read the source's table, transformed, as binary rows of the staging table."""

    def value(column: Carried) -> Composed:
        base = SQL(pair.target.columns[column.target].base)
        return SQL("({})::{}").format(column.expression(Identifier(column.source)), base)

    return SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT BINARY)").format(
        _list(value(column) for column in pair.columns), pair.source_name
    )


def create_staging(pair: TablePair) -> Composed:
    columns = (
        SQL("{} {}").format(Identifier(c.target), SQL(pair.target.columns[c.target].base))
        for c in pair.columns
    )
    return SQL("CREATE TEMPORARY TABLE {} ({})").format(pair.staging, _list(columns))


def copy_in(pair: TablePair) -> Composed:
    return SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(pair.staging)


def delete_vanished(pair: TablePair) -> Composed:
    return SQL("DELETE FROM {} AS n WHERE NOT EXISTS (SELECT FROM {} AS s WHERE {})").format(
        pair.target_name, pair.staging, _same_key(pair)
    )


def keep_preserved(pair: TablePair) -> list[Composed]:
    """Give staged rows back what the target has, where it means the same as what was staged."""
    kept = (
        SQL(
            "UPDATE {} AS s SET {} = n.{} FROM {} AS n WHERE {} AND {} IS NOT DISTINCT FROM {}"
        ).format(
            pair.staging,
            Identifier(column.target),
            Identifier(column.target),
            pair.target_name,
            _same_key(pair),
            column.back(SQL("n.{}").format(Identifier(column.target))),
            column.back(SQL("s.{}").format(Identifier(column.target))),
        )
        for column in pair.values
        if column.preserved
    )
    return list(kept)


def update_changed(pair: TablePair) -> Composed:
    """Only rows that differ: repeating a copy writes nothing."""
    assignments = (SQL("{0} = s.{0}").format(Identifier(column.target)) for column in pair.values)
    return SQL("UPDATE {} AS n SET {} FROM {} AS s WHERE {} AND {}").format(
        pair.target_name, _list(assignments), pair.staging, _same_key(pair), _differs(pair)
    )


def insert_new(pair: TablePair) -> Composed:
    names = [column.target for column in pair.columns]
    return SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS s"
        " WHERE NOT EXISTS (SELECT FROM {} AS n WHERE {}) ORDER BY {}"
    ).format(
        pair.target_name,
        _names(names),
        _names(names, "s"),
        pair.staging,
        pair.target_name,
        _same_key(pair),
        _names(pair.key, "s"),
    )


def unequal_keys(pair: TablePair) -> Composed:
    """Keys of rows that were read and are not like that in the target, in key order."""
    return SQL(
        "SELECT {} FROM {} AS s LEFT JOIN {} AS n ON {} WHERE n.{} IS NULL OR {} ORDER BY {}"
    ).format(
        _names(pair.key, "s"),
        pair.staging,
        pair.target_name,
        _same_key(pair),
        Identifier(pair.key[0]),
        _differs(pair),
        _names(pair.key, "s"),
    )


def take_out_changed(pair: TablePair) -> tuple[Composed, ...]:
    """Number the new and changed rows by key, keep the rows they replace, delete these."""
    changed, former = pair.temporary("changed"), pair.temporary("former")
    number = SQL(
        "CREATE TEMPORARY TABLE {} AS SELECT row_number() OVER (ORDER BY {}) AS place, s.*"
        " FROM {} AS s LEFT JOIN {} AS n ON {} WHERE n.{} IS NULL OR {}"
    ).format(
        changed,
        _names(pair.key, "s"),
        pair.staging,
        pair.target_name,
        _same_key(pair),
        Identifier(pair.key[0]),
        _differs(pair),
    )
    keep = SQL(
        "CREATE TEMPORARY TABLE {} AS SELECT s.place, n.* FROM {} AS n JOIN {} AS s ON {}"
    ).format(former, pair.target_name, changed, _same_key(pair))
    take_out = SQL("DELETE FROM {} AS n USING {} AS s WHERE {}").format(
        pair.target_name, former, _same_key(pair)
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
    target alone knows of them."""
    mapped = [column.target for column in pair.columns]
    changed, former = pair.temporary("changed"), pair.temporary("former")
    new = SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS s"
        " WHERE place BETWEEN %(first)s AND %(last)s"
    ).format(pair.target_name, _names(mapped), _names(mapped, "s"), changed)
    if not pair.target_only:
        return [new]
    replaced = SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS s JOIN {} AS f"
        " USING (place) WHERE place BETWEEN %(first)s AND %(last)s"
    ).format(
        pair.target_name,
        _names([*mapped, *pair.target_only]),
        _list([_names(mapped, "s"), _names(pair.target_only, "f")]),
        changed,
        former,
    )
    unknown = SQL(" AND NOT EXISTS (SELECT FROM {} AS f WHERE f.place = s.place)").format(former)
    return [new + unknown, replaced]


def restore(pair: TablePair) -> Composed:
    """Insert the row that was replaced at place %s, as it was."""
    names = _names([*(column.target for column in pair.columns), *pair.target_only])
    return SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} WHERE place = %s"
    ).format(pair.target_name, names, names, pair.temporary("former"))


def former_places(pair: TablePair) -> Composed:
    """Those of the places %s at which there was a row before."""
    return SQL("SELECT place FROM {} WHERE place = ANY (%s::bigint[]) ORDER BY place").format(
        pair.temporary("former")
    )


def keys_at(pair: TablePair) -> Composed:
    """Place and key of the rows at the places %s, in key order."""
    return SQL("SELECT place, {} FROM {} WHERE place = ANY (%s::bigint[]) ORDER BY place").format(
        _names(pair.key), pair.temporary("changed")
    )


def delete_orphans(pair: TablePair, reference: Reference) -> Composed:
    """Rows whose parent is missing. Returns their keys."""
    columns = list(zip(reference.columns, reference.parent_columns, strict=True))
    given = (SQL("n.{} IS NOT NULL").format(Identifier(child)) for child, _ in columns)
    same = (SQL("p.{} = n.{}").format(Identifier(p), Identifier(c)) for c, p in columns)
    return SQL(
        "DELETE FROM {} AS n WHERE {} AND NOT EXISTS (SELECT FROM {} AS p WHERE {}) RETURNING {}"
    ).format(
        pair.target_name,
        SQL(" AND ").join(given),
        SQL(reference.parent),
        SQL(" AND ").join(same),
        _names(pair.key, "n"),
    )


def _same_key(pair: TablePair) -> Composed:
    return SQL(" AND ").join(SQL("n.{0} = s.{0}").format(Identifier(name)) for name in pair.key)


def _differs(pair: TablePair) -> Composable:
    """Compared as stored, bit by bit: `=` takes some unequal values for equal, and is missing for
    types such as json. The casts keep the parser from comparing column by column."""
    names = [column.target for column in pair.values]
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
