"""The parts of the generator by themselves: names, types, order, layout, what is not known."""

import json
from typing import Any

import pytest

from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import parse
from proxy.scaffold.code import Items, Name, call, joined, laid_out, literal, one_line
from proxy.scaffold.files import domain_files
from proxy.scaffold.imports import Imports
from proxy.scaffold.names import (
    LONGEST,
    Relations,
    attribute_name,
    class_name,
    column_name,
    domain_name,
    table_name,
)
from proxy.scaffold.order import parents_first
from proxy.scaffold.plan import CheckPlan
from proxy.scaffold.reading import ScaffoldError, app_plan
from proxy.scaffold.sql import as_default, escaped, index_part
from proxy.scaffold.types import column_type
from tests.legacy_bridge.manifest.exporting import ODD, exported


@pytest.fixture(scope="module")
def odd_text() -> bytes:
    return exported(ODD)


def changed(text: bytes, label: str, **values: Any) -> Manifest:
    """The manifest with other values in one of its models."""
    told = json.loads(text)
    (model,) = [each for each in told["models"] if each["label"] == label]
    model.update(values)
    return parse(json.dumps(told).encode())


# Names


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("class", "class_"),
        ("metadata", "metadata_"),
        ("registry", "registry_"),
        ("list", "list_"),
        ("l", "l_"),
        ("camelCase", "camel_case"),
        ("two words", "two_words"),
        ("2nd", "column_2nd"),
        ("date", "date"),
        ("a" * 63, "a" * 33 + "_7d3e74"),
    ],
)
def test_attributes(column: str, attribute: str) -> None:
    assert attribute_name(column, ()) == attribute
    assert attribute_name(column, {attribute}) == f"{attribute}_2"


def test_other_names() -> None:
    assert class_name("shop.item_tags", ()) == "ItemTags"
    assert class_name("shop.Record", ()) == "RecordRow"
    assert class_name("shop.Warning", ()) == "WarningRow"
    assert class_name("shop.Tag", {"Tag"}) == "Tag2"
    assert table_name("odd items", ()) == "odd_items"
    assert table_name("odd items", {"odd_items"}) == "odd_items_2"
    assert column_name("_text_rendered", ()) == "text_rendered"
    assert column_name("_text", {"text"}) == "text_2"
    assert column_name("a.b", ()) == "a_b"
    assert domain_name("Class") == "class_"


def test_names_of_indexes_are_free_and_fit() -> None:
    names = Relations()
    assert names.usual("ix", "a", ["b_c"]) is None
    assert names.usual("ix", "a_b", ["c"]) == "ix_a_b_c_2"
    long = names.usual("ix", "t" * 60, ["column"])
    again = names.usual("ix", "t" * 60, ["column"])
    assert long is not None
    assert again == f"{long}_2"
    assert len(again) <= LONGEST


# Types


@pytest.mark.parametrize(
    ("written", "sql", "python"),
    [
        ("varchar(200)", "String(200)", "str"),
        ("VARCHAR(200)", "String(200)", "str"),
        ("character varying(200)", "String(200)", "str"),
        ("varchar", "String", "str"),
        ("char(3)", "CHAR(3)", "str"),
        ("char", "CHAR(1)", "str"),
        ("numeric(7, 2)", "Numeric(7, 2)", "Decimal"),
        ("numeric(7, 2)[]", "ARRAY(Numeric(7, 2))", "list[Decimal]"),
        ("integer[3][]", "ARRAY(Integer, dimensions=2)", "list[list[int]]"),
        ("int8", "BigInteger", "int"),
        ("timestamptz", "DateTime(timezone=True)", "datetime"),
        ("timestamp without time zone", "DateTime", "datetime"),
        ("timestamp(3) with time zone", "TIMESTAMP(timezone=True, precision=3)", "datetime"),
        ("tstzrange", "TSTZRANGE", "Range[datetime]"),
        ("nummultirange", "NUMMULTIRANGE", "list[Range[Decimal]]"),
        ("citext", "CITEXT", "str"),
        ("hstore", "HSTORE", "dict[str, str | None]"),
        ("geometry(POINT,4326)", 'RawType("geometry(POINT,4326)")', "Any"),
        ("point[]", 'RawType("point[]")', "Any"),
        ("money", 'RawType("money")', "Any"),
        ("interval(3)", 'RawType("interval(3)")', "Any"),
        ("double precision(4)", 'RawType("double precision(4)")', "Any"),
        ('"My Type"', "RawType('\"My Type\"')", "Any"),
    ],
)
def test_types(written: str, sql: str, python: str) -> None:
    found = column_type(written)
    imports = Imports()
    assert (one_line(found.sql, imports), one_line(found.python, imports)) == (sql, python)
    assert found.raw == (written if "RawType" in sql else None)


def test_types_of_extensions_and_with_collations() -> None:
    assert [column_type(name).extension for name in ("citext[]", "vector(3)", "ltree", "text")] == [
        "citext",
        "vector",
        "ltree",
        None,
    ]
    assert one_line(column_type("varchar(9)", "C").sql, Imports()) == 'String(9, collation="C")'


# Order


def test_parents_come_first_and_cycles_end() -> None:
    refers = {"a": {"b"}, "b": {"c"}, "c": {"a", "c"}, "d": {"x"}}
    assert parents_first(["a", "b", "c", "d"], refers, {}) == ["d", "a", "c", "b"]
    assert parents_first(["a", "b", "c"], refers, {"a": "b"}) == ["b", "a", "c"]


# Code


def test_layout() -> None:
    code = call(Name("x", "f"), *(literal("a" * 40) for _ in range(2)), more="1")
    assert laid_out(code, Imports()) == f'f("{"a" * 40}", "{"a" * 40}", more=1)'
    assert laid_out(code, Imports(), before="some_name = ").splitlines() == [
        "some_name = f(",
        f'    "{"a" * 40}", "{"a" * 40}", more=1',
        ")",
    ]
    items = joined("x=", Items(tuple(literal(each * 40) for each in "ab"), "[]"))
    assert laid_out(items, Imports(), indent=10, after=",").splitlines() == [
        "          x=[",
        f'              "{"a" * 40}",',
        f'              "{"b" * 40}",',
        "          ],",
    ]
    assert one_line(Items(("1",)), Imports()) == "(1,)"


def test_texts() -> None:
    assert literal('it\'s "so" \\ ü \u0131\n') == "'it\\'s \"so\" \\\\ ü \\u0131\\n'"
    assert literal("it's") == '"it\'s"'
    assert literal(True) == "True"


def test_imports_step_aside() -> None:
    imports = Imports({"date", "Index", "JSONB"})
    names = [Name("datetime", "date"), Name("datetime", "time"), Name("sqlalchemy", "Index")]
    names += [Name("sqlalchemy.dialects.postgresql", "JSONB"), Name("ported_domains.domain", "X")]
    assert [imports(name) for name in names] == ["date_type", "time", "SqlIndex", "SQL_JSONB", "X"]
    assert imports.text().splitlines() == [
        "from datetime import date as date_type",
        "from datetime import time",
        "",
        "from sqlalchemy import Index as SqlIndex",
        "from sqlalchemy.dialects.postgresql import JSONB as SQL_JSONB",
        "",
        "from ported_domains.domain import X",
    ]


def test_sql() -> None:
    assert as_default("(STATEMENT_TIMESTAMP())") == "statement_timestamp()"
    assert as_default("(1 + (2))") == "(1 + (2))"
    assert index_part('(LOWER("a")) DESC') == 'LOWER("a") DESC'
    assert index_part('(f("a") || g("b"))') == '(f("a") || g("b"))'
    assert escaped("a::text = 'x:y'") == "a\\:\\:text = 'x\\:y'"


# What is not known


def test_a_manifest_of_an_older_exporter(odd_text: bytes) -> None:
    told = json.loads(odd_text)
    for model in told["models"]:
        del model["index_together"]
        for field in model["fields"]:
            for key in ("generated_sql", "generated_stored", "collation", "check"):
                del field[key]
        for rule in (*model["indexes"], *model["constraints"]):
            for key in ("kind", "expressions_sql", "condition_sql", "sql"):
                del rule[key]
            for key in ("opclasses", "using", "deferrable", "nulls_distinct"):
                rule.pop(key, None)
    tables = {
        each.label: each for each in app_plan(parse(json.dumps(told).encode()), "shop").tables
    }
    assert tables["shop.Remark"].checks == (CheckPlan("row_not_negative", '"row" >= 0'),)
    (remark,) = tables["shop.Item"].remarks
    assert remark.startswith("Not here, so write it by hand: one_book_of_a_name, in the legacy ")
    assert remark.endswith(" project (AND: ('kind', 1)).")
    assert [index.name for index in tables["shop.Item"].indexes] == ["ix_odd_items_by_kind"]


def test_together_of_old_projects(odd_text: bytes) -> None:
    manifest = changed(odd_text, "shop.Item", index_together=[["name", "kind"]])
    (item,) = [each for each in app_plan(manifest, "shop").tables if each.label == "shop.Item"]
    assert item.indexes[0].name == "ix_odd_items_name_kind"
    assert item.indexes[0].parts == (("name", False), ("kind", False))


def test_a_field_that_is_not_there(odd_text: bytes) -> None:
    manifest = changed(odd_text, "shop.Item", unique_together=[["name", "gone"]])
    (item,) = [each for each in app_plan(manifest, "shop").tables if each.label == "shop.Item"]
    assert item.uniques == ()
    assert "unique_together, in the legacy project name, gone" in item.remarks[0]


def test_a_column_computed_of_what_is_not_told(odd_text: bytes) -> None:
    told = json.loads(odd_text)
    (tag,) = [each for each in told["models"] if each["label"] == "shop.Tag"]
    tag["fields"].append(tag["fields"][0] | {"name": "n", "column": "n", "primary_key": False})
    tag["fields"][-1] |= {"generated": True, "generated_sql": None}
    plan = app_plan(parse(json.dumps(told).encode()), "shop")
    (table,) = [each for each in plan.tables if each.label == "shop.Tag"]
    assert [column.legacy for column in table.columns] == ["slug"]
    reason = "computed by the legacy database; the manifest does not say of what"
    assert table.left_out == {"n": reason}
    mapping = next(
        text for path, text in domain_files(plan, "1", None).items() if "mapping" in path.name
    )
    assert f'left_out={{"n": "{reason}"}}' in mapping


def test_tables_in_other_databases(odd_text: bytes) -> None:
    plan = app_plan(changed(odd_text, "shop.Tag", database="other"), "shop")
    assert "shop.Tag" not in {each.label for each in plan.tables}
    assert any(
        each.startswith("shop.Tag: shop_tag is in the database 'other'") for each in plan.remarks
    )
    (tags,) = [each for each in plan.tables if each.label == "shop.Item_tags"]
    assert tags.column("tag_id").reference is None


def test_projects_that_are_in_no_postgresql(odd_text: bytes) -> None:
    told = json.loads(odd_text)
    told["settings"]["DATABASES"]["default"]["ENGINE"] = "django.db.backends.mysql"
    with pytest.raises(ScaffoldError, match=r"^shop: the project's database is .*\.mysql, "):
        app_plan(parse(json.dumps(told).encode()), "shop")
    told["settings"]["DATABASES"]["default"]["ENGINE"] = "ours.backend"
    (tag,) = [each for each in told["models"] if each["label"] == "shop.Tag"]
    tag["fields"][0]["db_type"] = None
    with pytest.raises(ScaffoldError, match=r"^shop.Tag.slug: the manifest does not say its type"):
        app_plan(parse(json.dumps(told).encode()), "shop")


def test_names_that_the_native_side_has(odd_text: bytes) -> None:
    plan = app_plan(parse(odd_text), "shop", {"shop_maker"})
    first = plan.tables[0]
    assert (first.legacy, first.native) == ("shop_maker", "shop_maker_2")
