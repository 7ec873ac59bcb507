"""Rows of a domain that are not as they should be: conflicts, and those in quarantine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row

from legacy_bridge.replication import home
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.copy import Domains
from legacy_bridge.replication.owners import Strays, read_owners
from legacy_bridge.replication.resolving import Conflicts, Kept
from proxy.console.reading.state import Tables

MOST = 100


@dataclass(frozen=True, slots=True)
class Apart:
    """A row that `side` does not take as it is. `outcome` says what it has instead."""

    side: str
    table: str
    key: Mapping[str, Any]
    reason: str
    outcome: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Troubled:
    """Of one domain; at most a hundred each, and how many there are. `strays`: what becomes of
    changes on the side that does not own the rows."""

    strays: Strays
    conflicts: Sequence[Kept]
    conflict_count: int
    apart: Sequence[Apart]
    apart_count: int


def read_troubled(
    legacy_url: str, native_url: str, domains: Domains, domain: str, tables: Tables
) -> Troubled:
    """`domains` are all, with their tables. Raises `BridgeError`."""
    with connected(native_url, NATIVE) as native, connected(legacy_url, LEGACY) as legacy:
        for connection in (native, legacy):
            connection.execute("SET statement_timeout = '5s'")
        strays = read_owners(native).of(domain).strays
        kept = Conflicts(legacy, native, domains).read(domain)
        apart = _apart(native, "native", list(tables.native))
        if home.found(legacy):
            apart += _apart(legacy, "legacy", list(tables.legacy))
    return Troubled(strays, kept[:MOST], len(kept), apart[:MOST], len(apart))


def _apart(connection: Connection, side: str, tables: list[str]) -> list[Apart]:
    cursor = connection.cursor(row_factory=class_row(Apart))
    try:
        return cursor.execute(_APART, {"side": side, "tables": tables}).fetchall()
    except psycopg.errors.UndefinedTable:
        return []


_APART: LiteralString = """
SELECT %(side)s AS side, table_name AS "table", key, reason, outcome, since
FROM bridge_quarantine WHERE table_name = ANY (%(tables)s) ORDER BY since, table_name, key
"""
