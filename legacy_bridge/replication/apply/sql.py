"""The SQL that applies changes, written from a mapping and the two tables. Pure.

Rows come as parameters: `%s` once for each column, arrays of text (`arrays`). Statements do not
depend on how many rows there are, so that the server prepares each only once.
"""

from collections.abc import Iterable, Sequence

from psycopg.sql import SQL, Composable, Composed, Identifier

from legacy_bridge.replication.statements import TablePair


def upsert(pair: TablePair) -> Composed:
    """Insert the rows, or make those that are there like them: only what differs is written, and
    columns of the native side alone keep their values."""
    names = [column.native for column in pair.mapping.columns]
    values = [column.native for column in pair.mapping.values]
    head = SQL(
        "INSERT INTO {} AS n ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} ON CONFLICT ({}) DO "
    ).format(
        pair.native_name,
        _names(names),
        _names(names, "s"),
        given(pair, names),
        _names(pair.mapping.key),
    )
    if not values:
        return head + SQL("NOTHING")
    return head + SQL("UPDATE SET {} WHERE {}").format(
        _list(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in values),
        _differs(values, "excluded"),
    )


def update_some(pair: TablePair, names: Sequence[str]) -> Composed:
    """Of rows that are there, the columns `names`; these include the key."""
    values = [name for name in names if name not in pair.mapping.key]
    return SQL("UPDATE {} AS n SET {} FROM {} WHERE {} AND {}").format(
        pair.native_name,
        _list(SQL("{0} = s.{0}").format(Identifier(name)) for name in values),
        given(pair, names),
        _same(pair.mapping.key, "s"),
        _differs(values, "s"),
    )


def absent(pair: TablePair) -> Composed:
    """The places, from 1, of those given keys that no row has."""
    return SQL("SELECT s.place FROM {} WHERE NOT EXISTS (SELECT FROM {} AS n WHERE {})").format(
        given(pair, pair.mapping.key, place=True),
        pair.native_name,
        _same(pair.mapping.key, "s"),
    )


def delete(pair: TablePair) -> Composed:
    """The rows with the given keys."""
    return SQL("DELETE FROM {} AS n USING {} WHERE {}").format(
        pair.native_name, given(pair, pair.mapping.key), _same(pair.mapping.key, "s")
    )


def delete_all(pair: TablePair) -> Composed:
    """Not TRUNCATE, which readers would have to wait for, and foreign keys forbid."""
    return SQL("DELETE FROM {}").format(pair.native_name)


def take_away(pair: TablePair) -> tuple[Composed, Composed]:
    """Keep the rows with old keys under their new ones, then delete them.

    Parameters of both: the arrays of the old key, then those of the new one.
    """
    key = pair.mapping.key
    old, new = [f"old {name}" for name in key], [f"new {name}" for name in key]
    types = [*key, *key]
    moves = _given(pair, [*old, *new], types)
    found = SQL(" AND ").join(
        SQL("n.{} = s.{}").format(Identifier(name), Identifier(before))
        for name, before in zip(key, old, strict=True)
    )
    rest = _kept(pair)
    keep = SQL("CREATE TEMPORARY TABLE {} AS SELECT {} FROM {} AS n, {} WHERE {}").format(
        pair.temporary("moved"),
        _list(
            [
                *(
                    SQL("s.{} AS {}").format(Identifier(after), Identifier(name))
                    for name, after in zip(key, new, strict=True)
                ),
                *(SQL("n.{}").format(Identifier(name)) for name in rest),
            ]
        ),
        pair.native_name,
        moves,
        found,
    )
    delete_ = SQL("DELETE FROM {} AS n USING {} WHERE {}").format(pair.native_name, moves, found)
    return keep, delete_


def put_back(pair: TablePair) -> tuple[Composed, Composed]:
    """Insert the kept rows; a key that is taken stays with who has it."""
    names = _names([*pair.mapping.key, *_kept(pair)])
    insert = SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} ON CONFLICT DO NOTHING"
    ).format(pair.native_name, names, names, pair.temporary("moved"))
    return insert, SQL("DROP TABLE {}").format(pair.temporary("moved"))


def stage(pair: TablePair) -> Composed:
    """Put whole rows into the staging table."""
    names = [column.native for column in pair.mapping.columns]
    return SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        pair.staging, _names(names), _names(names, "s"), given(pair, names)
    )


def stage_some(pair: TablePair, names: Sequence[str]) -> Composed:
    """The same for rows of which `names` are given: the rest is as the native table has it."""
    rest = [column.native for column in pair.mapping.columns if column.native not in names]
    return SQL("INSERT INTO {} ({}) SELECT {}, {} FROM {} JOIN {} AS n ON {}").format(
        pair.staging,
        _names([*names, *rest]),
        _names(names, "s"),
        _names(rest, "n"),
        given(pair, names),
        pair.native_name,
        _same(pair.mapping.key, "s"),
    )


def drop_temporary(pair: TablePair) -> Composed:
    purposes = ("staged", "changed", "former")
    return SQL("DROP TABLE IF EXISTS {}").format(_list(map(pair.temporary, purposes)))


def given(pair: TablePair, names: Sequence[str], *, place: bool = False) -> Composed:
    """The parameters as rows `s` with columns `names`, typed as the native table has them."""
    return _given(pair, names, names, place=place)


def _given(
    pair: TablePair, names: Sequence[str], types: Sequence[str], *, place: bool = False
) -> Composed:
    """`types`: native columns. Without limits of length: those are for the table to enforce."""
    cells = [Identifier(f"c{number}") for number in range(len(names))]
    typed = [
        SQL("{}::{} AS {}").format(cell, SQL(pair.native.columns[column].base), Identifier(name))
        for cell, name, column in zip(cells, names, types, strict=True)
    ]
    return SQL("(SELECT {} FROM unnest({}){} AS t ({})) AS s").format(
        _list([*typed, *([SQL("place")] if place else [])]),
        _list(SQL("%s::text[]") for _ in names),
        SQL(" WITH ORDINALITY" if place else ""),
        _list([*cells, *([SQL("place")] if place else [])]),
    )


def _kept(pair: TablePair) -> list[str]:
    """Every column that can be written, apart from the key."""
    return [
        name
        for name, facts in pair.native.columns.items()
        if name not in pair.mapping.key and not facts.generated
    ]


def _same(key: Sequence[str], alias: str) -> Composed:
    return SQL(" AND ").join(
        SQL("n.{0} = {1}.{0}").format(Identifier(name), SQL(alias)) for name in key
    )


def _differs(names: Sequence[str], alias: str) -> Composed:
    """As in `statements`: bit by bit."""
    return SQL("ROW({})::record OPERATOR(pg_catalog.*<>) ROW({})::record").format(
        _names(names, "n"), _names(names, alias)
    )


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)


def _names(names: Iterable[str], alias: str = "") -> Composed:
    prefix = SQL(f"{alias}." if alias else "")
    return _list(prefix + Identifier(name) for name in names)
