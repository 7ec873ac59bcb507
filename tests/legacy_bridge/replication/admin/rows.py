"""Single rows on both sides, and how long it takes until one is on the other as it is here."""

from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.sides import MAPPINGS

Connection = psycopg.Connection[tuple[Any, ...]]
Values = dict[str, str | None]
"""Legacy names of columns, in the order of the mapping, and values as texts."""
Row = dict[str, Values | None]
"""Legacy table → what it has of the row; None where it has nothing."""

TABLES: dict[str, tuple[str, TableMapping]] = {
    mapping.legacy: (domain, mapping) for domain, mapped in MAPPINGS.items() for mapping in mapped
}
PAGE_COLUMNS = {"authtoken_token": "user_id"}
"""Where the admin calls a row by another column than its key."""
ARRIVAL_SECONDS = 5.0
"""Generous: on a machine with much else to do nothing is to fail for being slow."""


@dataclass(frozen=True)
class Kept:
    """Where rows of one legacy table are: in it, and in those that it is a child of."""

    tables: tuple[TableMapping, ...]

    @cached_property
    def own(self) -> TableMapping:
        return self.tables[0]

    def read(self, side: Owner, connection: Connection, key: str) -> Row:
        return {m.legacy: _read(side, connection, m, key) for m in self.tables}

    def keys(self, side: Owner, connection: Connection) -> set[str]:
        (column,) = self.own.legacy_key if side is Owner.LEGACY else self.own.key
        found = connection.execute(
            sql.SQL("SELECT {}::text FROM {}").format(_id(column), _id(_name(side, self.own)))
        )
        return {key for (key,) in found}

    def page(self, connection: Connection, key: str) -> str:
        """What the admin calls the row."""
        row = self.read(Owner.LEGACY, connection, key)[self.own.legacy]
        assert row is not None
        column = PAGE_COLUMNS.get(self.own.legacy)
        return str(row[column]) if column else key

    def write(self, connection: Connection, key: str, values: Row) -> None:
        """Give columns of the native row these values, in one transaction."""
        with connection.transaction():
            for mapping in self.tables:
                if changed := values.get(mapping.legacy):
                    connection.execute(_update(mapping, changed), [*changed.values(), key])

    def arrives(self, side: Owner, connection: Connection, key: str, expected: Row) -> float:
        """Seconds until the row is like that on this side. Asked without a pause: what is awaited
        is expected within milliseconds."""
        began = perf_counter()
        while (found := self.read(side, connection, key)) != expected:
            waited = perf_counter() - began
            assert waited < ARRIVAL_SECONDS, f"{key}: {difference(expected, found)}"
        return perf_counter() - began


def kept(connection: Connection, table: str) -> Kept:
    """By what the legacy database says; without multi-table inheritance it is the table alone."""
    parents = [name for (name,) in connection.execute(_PARENTS, [table])]
    return Kept(tuple(TABLES[name][1] for name in (table, *parents)))


def difference(one: Row, other: Row) -> Row:
    """What `one` has that `other` has not."""
    found: Row = {}
    for table, values in one.items():
        theirs = other.get(table)
        if values is None or theirs is None:
            if values != theirs:
                found[table] = values
        elif unlike := {k: v for k, v in values.items() if theirs[k] != v}:
            found[table] = unlike
    return found


def _read(side: Owner, connection: Connection, mapping: TableMapping, key: str) -> Values | None:
    names = [c.legacy if side is Owner.LEGACY else c.native for c in mapping.columns]
    (column,) = mapping.legacy_key if side is Owner.LEGACY else mapping.key
    query = sql.SQL("SELECT {} FROM {} WHERE {} = %s").format(
        sql.SQL(", ").join(sql.SQL("{}::text").format(_id(name)) for name in names),
        _id(_name(side, mapping)),
        _id(column),
    )
    row = connection.execute(query, [key]).fetchone()
    if row is None:
        return None
    return {c.legacy: value for c, value in zip(mapping.columns, row, strict=True)}


def _update(mapping: TableMapping, changed: Values) -> sql.Composed:
    native = {column.legacy: column.native for column in mapping.columns}
    (key,) = mapping.key
    assignments = (sql.SQL("{} = %s").format(_id(native[name])) for name in changed)
    return sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        _id(mapping.native), sql.SQL(", ").join(assignments), _id(key)
    )


def _name(side: Owner, mapping: TableMapping) -> str:
    return mapping.legacy if side is Owner.LEGACY else mapping.native


_id = sql.Identifier
# Tables that a table's primary key refers to.
_PARENTS: LiteralString = """
SELECT f.confrelid::regclass::text FROM pg_constraint AS f JOIN pg_constraint AS p USING (conrelid)
WHERE f.conrelid = %s::regclass AND f.contype = 'f' AND p.contype = 'p' AND f.conkey = p.conkey
"""
