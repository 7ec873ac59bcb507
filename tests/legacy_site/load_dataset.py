"""Loads a dump of rows (`COPY` form) into the tables of the legacy site."""

import gzip
import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path

import psycopg
from psycopg import sql

_COPY = re.compile(r"COPY public\.(?P<table>\w+) \((?P<columns>.*)\) FROM stdin;\n")
_IDENTITIES = """
SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE a.attidentity <> '' AND c.relnamespace = 'public'::regnamespace
"""
_END_OF_ROWS = "\\.\n"


def load(database_url: str, path: Path) -> dict[str, int]:
    """Replaces the rows of every table that the gzipped dump at `path` names.

    Returns how many rows each table got. All or nothing: foreign keys are checked when the one
    transaction ends (the dump's own way, switching triggers off, would check none).
    """
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as dump:
            _empty(cursor, [match["table"] for line in dump if (match := _COPY.fullmatch(line))])
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as dump:
            counts = dict(_restore(cursor, dump))
        _lift_sequences(cursor)
        return counts


def _empty(cursor: psycopg.Cursor, tables: Iterable[str]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    # The log of the admin points at users and content types: it goes with them.
    cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))


def _restore(cursor: psycopg.Cursor, dump: Iterator[str]) -> Iterator[tuple[str, int]]:
    for line in dump:
        if match := _COPY.fullmatch(line):
            rows = takewhile(lambda row: row != _END_OF_ROWS, dump)
            yield match["table"], _copy(cursor, line, rows)
        elif line.startswith("SELECT pg_catalog.setval"):
            cursor.execute(line)


def _copy(cursor: psycopg.Cursor, statement: str, rows: Iterable[str]) -> int:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write(row)
    return cursor.rowcount


def _lift_sequences(cursor: psycopg.Cursor) -> None:
    """Rows that came with their own number may be ahead of what the dump says of a sequence."""
    lift = sql.SQL(
        "SELECT setval({sequence}, max({column})) FROM {table}"
        " HAVING max({column}) > (SELECT last_value FROM {relation})"
    )
    for table, column, sequence in cursor.execute(_IDENTITIES).fetchall():
        names = {
            "table": sql.Identifier(table),
            "column": sql.Identifier(column),
            "sequence": sql.Literal(sequence),
            "relation": sql.Identifier(*sequence.split(".")),
        }
        cursor.execute(lift.format(**names))
