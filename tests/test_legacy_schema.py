"""The bundled legacy site's tables against the catalogue of the site they stand for.

Compared: columns (type, nullability, default, identity), constraints with their names and
definitions, indexes. What is not, and why:
- the order of columns: it is the order in which the real site's history added them, and every
  reader here names the columns it wants;
- the names of indexes: the facts list definitions only;
- rows of `django_migrations`: the bundled site makes its tables from the models.
"""

import json
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack

SCHEMA = Path(__file__).resolve().parents[2] / "shared" / "legacy" / "schema.json"
EXPECTED: dict[str, Any] = json.loads(SCHEMA.read_text())["tables"] if SCHEMA.exists() else {}
EXTRA_TABLES = {"django_cache_table": "the cache of the site; made by hand on the real one"}
HISTORIC_SEQUENCES = {"sponsors_sponsorshiplevel_id_seq", "sponsors_statementofwork_id_seq"}

Catalogue = dict[str, dict[str, Any]]

COLUMNS: LiteralString = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       CASE a.attidentity WHEN 'd' THEN 'by default' WHEN 'a' THEN 'always' END,
       pg_get_expr(d.adbin, d.adrelid)
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""
# Since PostgreSQL 18 each NOT NULL is a constraint as well; columns tell it already.
CONSTRAINTS: LiteralString = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid),
       CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'f' THEN 'foreign key'
                      WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check' ELSE k.contype::text END
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE c.relnamespace = 'public'::regnamespace AND k.contype <> 'n'
"""
INDEXES: LiteralString = """
SELECT c.relname, substring(pg_get_indexdef(i.indexrelid) FROM ' USING (.*)')
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_constraint k
                    WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
"""


def read_catalogue(database_url: str) -> Catalogue:
    tables: Catalogue = {}
    with psycopg.connect(database_url) as connection:
        for table, name, kind, null, identity, default in connection.execute(COLUMNS):
            found = {"type": kind, "null": null, "identity": identity, "default": default}
            place = tables.setdefault(table, {"columns": {}, "constraints": {}, "indexes": []})
            place["columns"][name] = found
        for table, name, definition, kind in connection.execute(CONSTRAINTS):
            tables[table]["constraints"][name] = (kind, definition)
        for table, definition in connection.execute(INDEXES):
            tables[table]["indexes"].append(definition)
    return tables


def expected(table: str) -> dict[str, Any]:
    facts = EXPECTED[table]
    nothing = {"identity": None, "default": None}
    return {
        "columns": {
            column["name"]: {**nothing, **{k: v for k, v in column.items() if k != "name"}}
            for column in facts["columns"]
        },
        "constraints": {
            constraint["name"]: (constraint["type"], constraint["definition"])
            for constraint in facts["constraints"]
        },
        "indexes": sorted(facts["indexes"]),
    }


@pytest.fixture(scope="module")
def catalogue(stack: EmbeddedStack, empty_legacy_template: str) -> Catalogue:
    return read_catalogue(stack.postgres_url(empty_legacy_template))


needs_facts = pytest.mark.skipif(
    not EXPECTED, reason=f"the facts about the real site are not here: {SCHEMA}"
)


@needs_facts
@pytest.mark.parametrize("table", sorted(EXPECTED))
def test_table_is_as_on_the_real_site(table: str, catalogue: Catalogue) -> None:
    found = catalogue[table]
    assert {**found, "indexes": sorted(found["indexes"])} == expected(table)


@needs_facts
def test_no_table_is_missing_or_unexplained(catalogue: Catalogue) -> None:
    assert set(catalogue) == set(EXPECTED) | set(EXTRA_TABLES)


def test_renamed_tables_keep_their_old_sequences(
    stack: EmbeddedStack, empty_legacy_template: str
) -> None:
    with psycopg.connect(stack.postgres_url(empty_legacy_template)) as connection:
        found = connection.execute(
            "SELECT pg_get_serial_sequence(name, 'id') FROM unnest(%s::text[]) AS name",
            [["sponsors_sponsorshippackage", "sponsors_contract"]],
        ).fetchall()
    assert {name for (name,) in found} == {f"public.{name}" for name in HISTORIC_SEQUENCES}


def test_migrating_again_changes_nothing(
    stack: EmbeddedStack, empty_legacy_template: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    url = stack.create_database("legacy_migrated_twice", template=empty_legacy_template)
    LegacySite(url, tmp_path).manage("migrate")
    assert read_catalogue(url) == catalogue
