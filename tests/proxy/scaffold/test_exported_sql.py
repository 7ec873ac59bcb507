"""What the exporter writes of a model's rules as SQL, without asking the database."""

import pytest

from legacy_bridge.manifest.model import Manifest, Rule
from legacy_bridge.manifest.reading import parse
from tests.legacy_bridge.manifest.exporting import exported

SETTINGS = "tests.proxy.scaffold.django_settings"
"""Its database is not there: nothing is asked of it."""


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return parse(exported(SETTINGS))


@pytest.fixture(scope="module")
def rules(manifest: Manifest) -> dict[str, Rule]:
    record = manifest.model("class.Record")
    assert record is not None
    return {rule.name: rule for rule in (*record.indexes, *record.constraints)}


def test_indexes(rules: dict[str, Rule]) -> None:
    assert rules["lower_names"].expressions_sql == ('(LOWER("name")) DESC', '"small"')
    assert (rules["numbers_gin"].using, rules["dates"].using) == ("gin", "")
    assert (rules["like"].opclasses, rules["covering"].include) == (
        ("varchar_pattern_ops",),
        ("small",),
    )
    assert rules["two_ways"].sql == (
        'CREATE INDEX "two_ways" ON "class_record" ("small", "big" DESC)'
    )


def test_constraints(rules: dict[str, Rule]) -> None:
    kinds = {name: rule.kind for name, rule in rules.items() if rule.kind != "index"}
    assert kinds == {
        **dict.fromkeys(("one_maybe", "lower_slug", "late", "twice", "nulls"), "unique"),
        "check": "check",
        "no_overlap": "exclude",
    }
    assert rules["one_maybe"].condition_sql == '"maybe"'
    assert rules["lower_slug"].expressions_sql == (
        '(LOWER("slug"))',
        '(COALESCE("maybe", false))',
    )
    condition = rules["check"].condition_sql
    assert condition is not None
    assert "LIKE  E'x:y\\\\%'" in condition
    assert (rules["late"].deferrable, rules["nulls"].nulls_distinct) == ("deferred", False)


def test_what_depends_on_the_server_is_left_out(rules: dict[str, Rule]) -> None:
    """Only servers from version 15 on know it, and the server is not asked."""
    assert rules["nulls"].sql is None
    assert rules["nulls"].condition_sql is None


def test_columns(manifest: Manifest) -> None:
    record = manifest.model("class.Record")
    assert record is not None
    fields = {each.name: each for each in record.fields}
    assert (fields["loud"].generated_sql, fields["loud"].generated_stored) == (
        'UPPER("name")',
        True,
    )
    assert (fields["sorted"].collation, fields["slug"].collation) == ("C", None)
    assert (fields["positive"].check, fields["small"].check) == ('"positive" >= 0', None)
    assert fields["at"].default.sql == "(STATEMENT_TIMESTAMP())"
    assert fields["word"].default.sql == "E'a:b 100% \\\\ it''s'"
