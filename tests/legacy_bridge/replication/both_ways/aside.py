"""Writes that nobody carries to the other side, as the bridge's own are: how rows come apart."""

from typing import LiteralString

import psycopg
from psycopg import sql

from legacy_bridge.replication.apply.marks import mark
from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.both_ways.pair import TABLES, TwoWay


def damage(both: TwoWay, side: Owner, statements: LiteralString) -> None:
    """`{os}`, `{files}` and `{releases}` as in `TwoWay.run`."""
    names = zip(("os", "releases", "files"), TABLES[side], strict=True)
    with psycopg.connect(both.url(side)) as connection:
        mark(connection)
        connection.execute(
            sql.SQL(statements).format(**{name: sql.Identifier(table) for name, table in names})
        )
