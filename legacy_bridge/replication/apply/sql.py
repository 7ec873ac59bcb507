"""The SQL that applies changes, written from a mapping and the two tables. Pure.

Rows come as parameters: `%s` once for each column, arrays of text (`arrays`). Statements do not
depend on how many rows there are, so that the server prepares each only once.
"""

from collections.abc import Iterable, Sequence

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from legacy_bridge.replication.apply.horizons import HALF, MASK
from legacy_bridge.replication.pairs import Carried, TablePair


def upsert(pair: TablePair) -> Composed:
    """Insert the rows, or make those that are there like them: only what differs is written, and
    columns of the target alone keep their values."""
    names = [column.target for column in pair.columns]
    values = pair.values
    head = SQL(
        "INSERT INTO {} AS n ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} ON CONFLICT ({}) DO "
    ).format(
        pair.target_name,
        _names(names),
        _names(names, "s"),
        given(pair, names),
        _names(pair.key),
    )
    if not values:
        return head + SQL("NOTHING")
    return head + SQL("UPDATE SET {} WHERE {}").format(
        _list(_assignment(column, "excluded") for column in values),
        _differs(values, "excluded"),
    )


def insert(pair: TablePair) -> Composed:
    """Rows that are not there: one that has come meanwhile is somebody else's."""
    names = [column.target for column in pair.columns]
    return SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
        pair.target_name, _names(names), _names(names, "s"), given(pair, names)
    )


def update_some(pair: TablePair, names: Sequence[str]) -> Composed:
    """Of rows that are there, the columns `names`; these include the key."""
    values = [column for column in pair.values if column.target in names]
    return SQL("UPDATE {} AS n SET {} FROM {} WHERE {} AND {}").format(
        pair.target_name,
        _list(_assignment(column, "s") for column in values),
        given(pair, names),
        _same(pair.key, "s"),
        _differs(values, "s"),
    )


def absent(pair: TablePair) -> Composed:
    """The places, from 1, of those given keys that no row has."""
    return SQL("SELECT s.place FROM {} WHERE NOT EXISTS (SELECT FROM {} AS n WHERE {})").format(
        given(pair, pair.key, place=True),
        pair.target_name,
        _same(pair.key, "s"),
    )


def equal(pair: TablePair, names: Sequence[str]) -> Composed:
    """The places, from 1, of those given rows that are like that already; `names` with the key."""
    values = [column for column in pair.values if column.target in names]
    differs = _differs(values, "s") if values else SQL("false")
    return SQL("SELECT s.place FROM {} JOIN {} AS n ON {} WHERE NOT ({})").format(
        given(pair, names, place=True), pair.target_name, _same(pair.key, "s"), differs
    )


def versions(pair: TablePair, *, lock: bool) -> Composed:
    """Of the given keys that rows have: the places, from 1, and who wrote the rows."""
    return SQL("SELECT s.place, n.xmin::text::bigint FROM {} JOIN {} AS n ON {}{}").format(
        given(pair, pair.key, place=True),
        pair.target_name,
        _same(pair.key, "s"),
        SQL(" FOR UPDATE OF n" if lock else ""),
    )


def keys(pair: TablePair) -> Composed:
    """Of all rows, as texts."""
    texts = _list(SQL("n.{}::text").format(Identifier(name)) for name in pair.key)
    return SQL("SELECT {} FROM {} AS n").format(texts, pair.target_name)


def touch(pair: TablePair) -> Composed:
    """Write the rows with the given keys as they are."""
    return SQL("UPDATE {} AS n SET {} FROM {} WHERE {}").format(
        pair.target_name,
        _list(SQL("{0} = n.{0}").format(Identifier(name)) for name in pair.key),
        given(pair, pair.key),
        _same(pair.key, "s"),
    )


def delete(pair: TablePair) -> Composed:
    """The rows with the given keys."""
    return SQL("DELETE FROM {} AS n USING {} WHERE {}").format(
        pair.target_name, given(pair, pair.key), _same(pair.key, "s")
    )


def delete_all(pair: TablePair) -> Composed:
    """Not TRUNCATE, which readers would have to wait for, and foreign keys forbid."""
    return SQL("DELETE FROM {} AS n").format(pair.target_name)


def telling(pair: TablePair, deletion: Composed) -> Composed:
    """The same deletion; which rows went that are not from before a horizon is said in the log.

    Parameters after its own: the message's prefix, the target's table, twice the horizon.
    """
    return _telling(pair, deletion, [_key_texts(pair.key, "n")])


def telling_moves(pair: TablePair, deletion: Composed) -> Composed:
    """The same for the deletion of `take_away`, with the new keys: values that did not come may
    be other ones there."""
    new = [f"new {name}" for name in pair.key]
    return _telling(pair, deletion, [_key_texts(pair.key, "n"), _key_texts(new, "s")])


def _telling(pair: TablePair, deletion: Composed, keys: Sequence[Composed]) -> Composed:
    return SQL(
        "WITH gone AS ({} RETURNING ARRAY[{}] AS keys, n.xmin::text::bigint AS version)"
        " SELECT pg_logical_emit_message(true, %s, {})"
        " FROM gone, unnest(keys) AS key"
        " WHERE %s::bigint IS NULL OR (version - %s::bigint) & {} < {} HAVING count(*) > 0"
    ).format(deletion, _list(keys), NAMED_KEYS, Literal(MASK), Literal(HALF))


def touch_telling(pair: TablePair) -> Composed:
    """`touch`, and the keys of the rows that are there in a message.

    Parameters after those of `touch`: the message's prefix, the target's table.
    """
    return SQL(
        "WITH touched AS ({} RETURNING {} AS key)"
        " SELECT pg_logical_emit_message(true, %s, {}) FROM touched HAVING count(*) > 0"
    ).format(touch(pair), _key_texts(pair.key, "n"), NAMED_KEYS)


NAMED_KEYS = SQL("json_build_object('table', %s::text, 'keys', json_agg(key))::text")
"""As `marks` writes them."""


def _key_texts(names: Sequence[str], alias: str) -> Composed:
    texts = (SQL("{}.{}::text").format(SQL(alias), Identifier(name)) for name in names)
    return SQL("jsonb_build_array({})").format(_list(texts))


def take_away(pair: TablePair) -> tuple[Composed, Composed]:
    """Keep the rows with old keys under their new ones, then delete them.

    Parameters of both: the arrays of the old key, then those of the new one.
    """
    key = pair.key
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
        pair.target_name,
        moves,
        found,
    )
    delete_ = SQL("DELETE FROM {} AS n USING {} WHERE {}").format(pair.target_name, moves, found)
    return keep, delete_


def put_back(pair: TablePair, *, free: bool) -> tuple[Composed, Composed]:
    """Insert the kept rows. A key that is taken stays with who has it, unless all should be free:
    then that is an error."""
    names = _names([*pair.key, *_kept(pair)])
    insert = SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}{}").format(
        pair.target_name,
        names,
        names,
        pair.temporary("moved"),
        SQL("" if free else " ON CONFLICT DO NOTHING"),
    )
    return insert, SQL("DROP TABLE {}").format(pair.temporary("moved"))


def stage(pair: TablePair) -> Composed:
    """Put whole rows into the staging table."""
    names = [column.target for column in pair.columns]
    return SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        pair.staging, _names(names), _names(names, "s"), given(pair, names)
    )


def stage_some(pair: TablePair, names: Sequence[str]) -> Composed:
    """The same for rows of which `names` are given: the rest is as the target has it."""
    rest = [column.target for column in pair.columns if column.target not in names]
    return SQL("INSERT INTO {} ({}) SELECT {}, {} FROM {} JOIN {} AS n ON {}").format(
        pair.staging,
        _names([*names, *rest]),
        _names(names, "s"),
        _names(rest, "n"),
        given(pair, names),
        pair.target_name,
        _same(pair.key, "s"),
    )


def drop_temporary(pair: TablePair) -> Composed:
    purposes = ("staged", "changed", "former")
    return SQL("DROP TABLE IF EXISTS {}").format(_list(map(pair.temporary, purposes)))


def given(pair: TablePair, names: Sequence[str], *, place: bool = False) -> Composed:
    """The parameters as rows `s` with columns `names`, typed as the target has them."""
    return _given(pair, names, names, place=place)


def _given(
    pair: TablePair, names: Sequence[str], types: Sequence[str], *, place: bool = False
) -> Composed:
    """`types`: target's columns. Without limits of length: those are for the table to enforce."""
    cells = [Identifier(f"c{number}") for number in range(len(names))]
    typed = [
        SQL("{}::{} AS {}").format(cell, SQL(pair.target.columns[column].base), Identifier(name))
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
        for name, facts in pair.target.columns.items()
        if name not in pair.key and not facts.generated
    ]


def _same(key: Sequence[str], alias: str) -> Composed:
    return SQL(" AND ").join(
        SQL("n.{0} = {1}.{0}").format(Identifier(name), SQL(alias)) for name in key
    )


def _assignment(column: Carried, alias: str) -> Composed:
    return SQL("{} = {}").format(Identifier(column.target), _new(column, alias))


def _new(column: Carried, alias: str) -> Composed:
    """The value that the row will have: what came, or what is there if that means the same."""
    name = Identifier(column.target)
    came, there = SQL(f"{alias}.{{}}").format(name), SQL("n.{}").format(name)
    if not column.preserved:
        return came
    return SQL("CASE WHEN ({}) IS NOT DISTINCT FROM ({}) THEN {} ELSE {} END").format(
        column.back(there), column.back(came), there, came
    )


def _differs(columns: Sequence[Carried], alias: str) -> Composed:
    """As in `statements`: bit by bit."""
    return SQL("ROW({})::record OPERATOR(pg_catalog.*<>) ROW({})::record").format(
        _names([column.target for column in columns], "n"),
        _list(_new(column, alias) for column in columns),
    )


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)


def _names(names: Iterable[str], alias: str = "") -> Composed:
    prefix = SQL(f"{alias}." if alias else "")
    return _list(prefix + Identifier(name) for name in names)
