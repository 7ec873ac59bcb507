"""What the load says to a database. Rows without a token are known by their key alone."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.chaos.rows import Table

Connection = psycopg.Connection[tuple[Any, ...]]


def _on(text: str, table: Table, side: Owner, **names: str) -> Composed:
    """`{t}`: the table; `{token}`: its token, or its key."""
    identifiers = {name: Identifier(value) for name, value in names.items()}
    return SQL(text).format(
        t=Identifier(table.name(side)), token=Identifier(table.token or "id"), **identifiers
    )


def near(connection: Connection, table: Table, side: Owner, key: int) -> int | None:
    """A key that is there; as often as not one that was made by itself."""
    query = _on("SELECT id FROM {t} WHERE id >= %s ORDER BY id LIMIT 1", table, side)
    row = connection.execute(query, [key]).fetchone()
    return row[0] if row else None


def lock(connection: Connection, table: Table, side: Owner, key: int) -> str | None:
    """The token of the row that nobody else writes from now on."""
    query = _on("SELECT {token}::text FROM {t} WHERE id = %s FOR UPDATE", table, side)
    row = connection.execute(query, [key]).fetchone()
    return row[0] if row else None


def unique(connection: Connection, table: Table, side: Owner, key: int) -> str | None:
    assert table.unique is not None
    query = _on("SELECT {u} FROM {t} WHERE id = %s FOR UPDATE", table, side, u=table.unique)
    row = connection.execute(query, [key]).fetchone()
    return row[0] if row else None


def insert(
    connection: Connection, table: Table, side: Owner, key: int | None, values: Mapping[str, Any]
) -> int:
    """The key of the new row; None lets the database number it."""
    given = {"id": key} | dict(values) if key is not None else dict(values)
    others = {name: value for name, value in table.columns(side).items() if name not in given}
    statement = SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        Identifier(table.name(side)),
        SQL(", ").join(map(Identifier, [*given, *others])),
        SQL(", ").join([*map(Literal, given.values()), *(SQL(o) for o in others.values())]),
    )
    row = connection.execute(statement).fetchone()
    assert row is not None
    made: int = row[0]
    return made


def update(
    connection: Connection, table: Table, side: Owner, key: int, values: Mapping[str, Any]
) -> bool:
    assignments = SQL(", ").join(
        SQL("{} = {}").format(Identifier(name), Literal(value)) for name, value in values.items()
    )
    statement = SQL("UPDATE {} SET {} WHERE id = {}").format(
        Identifier(table.name(side)), assignments, Literal(key)
    )
    return connection.execute(statement).rowcount == 1


def delete(connection: Connection, table: Table, side: Owner, key: int) -> bool:
    return connection.execute(_on("DELETE FROM {t} WHERE id = %s", table, side), [key]).rowcount > 0


def referring(
    connection: Connection, child: Table, side: Owner, column: str, key: int
) -> list[int]:
    """Keys of the child's rows."""
    query = _on("SELECT id FROM {t} WHERE {c} = %s ORDER BY id", child, side, c=column)
    return [row[0] for row in connection.execute(query, [key])]


def delete_range(
    connection: Connection, table: Table, side: Owner, first: int, count: int
) -> list[tuple[int, str]]:
    """Keys and tokens of the rows that were deleted, in one statement: what others commit while it
    waits for them is none of it, and a look beforehand would not have seen what a later one takes.
    """
    statement = _on("DELETE FROM {t} WHERE id BETWEEN %s AND %s RETURNING id, {token}", table, side)
    return connection.execute(statement, [first, first + count - 1]).fetchall()


def fill(
    connection: Connection, table: Table, side: Owner, first: int, count: int, token: str
) -> Iterator[tuple[int, str]]:
    """Keys and tokens of new rows."""
    assert table.unique is not None
    assert table.large is not None
    others = table.columns(side)
    names = ["id", table.token or "", table.unique, table.large, *others]
    statement = SQL(
        "INSERT INTO {} ({}) SELECT n, %s || '.' || n, 'bulk ' || n, repeat('x', 40), {}"
        " FROM generate_series(%s::int, %s::int) AS n"
    ).format(
        Identifier(table.name(side)),
        SQL(", ").join(map(Identifier, names)),
        SQL(", ").join(SQL(value) for value in others.values()),
    )
    connection.execute(statement, [token, first, first + count - 1])
    return ((key, f"{token}.{key}") for key in range(first, first + count))


def emptied(connection: Connection, table: Table, side: Owner) -> list[tuple[int, str]]:
    """TRUNCATE: the rows that were there."""
    connection.execute(_on("LOCK TABLE {t} IN ACCESS EXCLUSIVE MODE", table, side))
    there = connection.execute(_on("SELECT id, {token}::text FROM {t}", table, side)).fetchall()
    connection.execute(_on("TRUNCATE {t}", table, side))
    return there
