"""Rows in the legacy site's tables: the shared data set, and the project's own small one."""

import gzip
import re
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from legacy_site.load_dataset import load
from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack
from tests.longer import LONGER

DUMP = Path(__file__).resolve().parents[2] / "shared" / "legacy" / "dataset.sql.gz"
needs_dump = pytest.mark.skipif(not DUMP.exists(), reason=f"the data set is not here: {DUMP}")

FOREIGN_KEYS: LiteralString = """
SELECT c.relname, a.attname, p.relname, b.attname
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_class p ON p.oid = k.confrelid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
  JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = k.confkey[1]
 WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace
"""
IDENTITIES: LiteralString = """
SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE a.attidentity <> '' AND c.relnamespace = 'public'::regnamespace
"""
Connection = psycopg.Connection[tuple[object, ...]]


def rows_in_dump() -> dict[str, int]:
    """How many lines stand between each COPY and its end, counted without the loader."""
    counts: dict[str, int] = {}
    text = gzip.decompress(DUMP.read_bytes()).decode()
    for block in re.finditer(r"^COPY public\.(\w+) .*?;\n(.*?)^\\\.$", text, re.S | re.M):
        counts[block[1]] = block[2].count("\n")
    return counts


def count(connection: Connection, table: str) -> object:
    row = connection.execute(
        sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    ).fetchone()
    assert row is not None
    return row[0]


def orphans(connection: Connection) -> list[str]:
    """Columns with a value that the table they point at does not have."""
    query = sql.SQL(
        "SELECT count(*) FROM {child} c WHERE c.{key} IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM {parent} p WHERE p.{target} = c.{key})"
    )
    broken = []
    for child, key, parent, target in connection.execute(FOREIGN_KEYS).fetchall():
        names = {"child": child, "key": key, "parent": parent, "target": target}
        identifiers = {place: sql.Identifier(str(name)) for place, name in names.items()}
        if connection.execute(query.format(**identifiers)).fetchone() != (0,):
            broken.append(f"{child}.{key}")
    return broken


def sequences_behind(connection: Connection) -> list[str]:
    """Tables whose next generated number is taken already."""
    query = sql.SQL(
        "SELECT coalesce(max({column}), 0) > (SELECT last_value - (NOT is_called)::int FROM {seq})"
        " FROM {table}"
    )
    behind = []
    for table, column, sequence in connection.execute(IDENTITIES).fetchall():
        places = {
            "table": sql.Identifier(str(table)),
            "column": sql.Identifier(str(column)),
            "seq": sql.Identifier(*str(sequence).split(".")),
        }
        if connection.execute(query.format(**places)).fetchone() != (False,):
            behind.append(str(table))
    return behind


@needs_dump
def test_every_row_of_the_data_set_is_loaded(
    stack: EmbeddedStack, empty_legacy_template: str
) -> None:
    url = stack.create_database("dataset_loaded", template=empty_legacy_template)
    expected = rows_in_dump()
    assert len(expected) == 103
    assert load(url, DUMP) == expected
    with psycopg.connect(url) as connection:
        assert {table: count(connection, table) for table in expected} == expected
        assert orphans(connection) == []
        assert sequences_behind(connection) == []


@needs_dump
def test_the_data_set_replaces_rows_that_are_there(
    stack: EmbeddedStack, legacy_template: str
) -> None:
    url = stack.create_database("dataset_reloaded", template=legacy_template)
    assert load(url, DUMP) == load(url, DUMP) == rows_in_dump()


def rows(database_url: str) -> dict[str, list[str]]:
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        query = sql.SQL("SELECT t::text FROM {} t ORDER BY 1")
        return {
            name: [row for (row,) in connection.execute(query.format(sql.Identifier(name)))]
            for (name,) in tables
        }


def test_seeding_again_restores_the_same_rows(
    stack: EmbeddedStack, legacy_template: str, tmp_path: Path
) -> None:
    url = stack.create_database("legacy_seeded_twice", template=legacy_template)
    before = rows(url)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE banners_banner SET message = 'changed by somebody'")
        connection.execute("UPDATE users_user SET password = '', is_staff = NOT is_staff")
    LegacySite(url, tmp_path).manage("seed")
    assert rows(url) == before


@LONGER
def test_seeding_is_the_same_in_another_database(
    stack: EmbeddedStack, empty_legacy_template: str, legacy_template: str, tmp_path: Path
) -> None:
    url = stack.create_database("legacy_seeded_apart", template=empty_legacy_template)
    LegacySite(url, tmp_path).manage("seed")
    assert rows(url) == rows(stack.postgres_url(legacy_template))


def test_seeded_rows_hold_together(stack: EmbeddedStack, legacy_template: str) -> None:
    with psycopg.connect(stack.postgres_url(legacy_template)) as connection:
        assert orphans(connection) == []
        assert sequences_behind(connection) == []


def test_seeded_people_have_their_fixed_credentials(
    stack: EmbeddedStack, legacy_template: str
) -> None:
    with psycopg.connect(stack.postgres_url(legacy_template)) as connection:
        found = connection.execute(
            "SELECT username, is_staff, is_superuser, a.key, t.key FROM users_user u"
            " JOIN tastypie_apikey a ON a.user_id = u.id"
            " JOIN authtoken_token t ON t.user_id = u.id ORDER BY username"
        ).fetchall()
    assert found == [
        ("admin1", True, True, "a1" * 20, "1a" * 20),
        ("staff1", True, False, "c3" * 20, "3c" * 20),
        ("u1_1", False, False, "b2" * 20, "2b" * 20),
    ]
