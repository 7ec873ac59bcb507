"""Mappings that do not fit their tables: each fault with its place and remedy, all at once."""

from dataclasses import replace

import pytest

from legacy_bridge.replication.catalogue import ColumnFacts, Reference, TableFacts
from legacy_bridge.replication.checks import misfits
from legacy_bridge.replication.mapping import Column, Kind, TableMapping, Transform, same


def facts(name: str, type_: str, *, nullable: bool = False, default: bool = False) -> ColumnFacts:
    base = type_.partition("(")[0]
    return ColumnFacts(name, type_, base, nullable, has_default=default, generated=False)


def table(name: str, *columns: ColumnFacts) -> TableFacts:
    return TableFacts(
        schema="public",
        name=name,
        columns={column.name: column for column in columns},
        unique=frozenset({frozenset({"id"})}),
        references=(),
        referenced_by=(),
        estimate=0,
    )


LEGACY = table("a_b", facts("id", "integer", default=True), facts("x", "character varying(9)"))
NATIVE = table("bs", facts("id", "integer", default=True), facts("y", "character varying(9)"))
MAPPING = TableMapping(legacy="a_b", native="bs", columns=(*same("id"), Column("x", "y")))
FORWARD = Transform(name="up", kind=Kind.FORWARD_ONLY, up=str.upper, up_sql="upper({})")


def said(
    mapping: TableMapping = MAPPING, legacy: TableFacts = LEGACY, native: TableFacts = NATIVE
) -> list[str]:
    return [str(misfit) for misfit in misfits(mapping, legacy, native) if misfit.refused]


def doubted(legacy: TableFacts = LEGACY, native: TableFacts = NATIVE) -> list[str]:
    found = misfits(MAPPING, legacy, native)
    assert not [misfit for misfit in found if misfit.refused]
    return [str(misfit) for misfit in found]


def test_a_mapping_that_fits() -> None:
    assert misfits(MAPPING, LEGACY, NATIVE) == []


@pytest.mark.parametrize(
    ("columns", "left_out", "expected"),
    [
        (
            (*same("id"), Column("x", "y"), Column("x", "y")),
            {},
            [
                "a_b.x: is mapped twice — keep one of the two",
                "bs.y: is mapped twice — keep one of the two",
            ],
        ),
        (
            (*same("id"), Column("x", "y"), Column("z", "y")),
            {},
            [
                "bs.y: is mapped twice — keep one of the two",
                (
                    "a_b.z: is mapped to bs.y, but the table has no such column — "
                    "correct the name in the mapping; it has id, x"
                ),
            ],
        ),
        (
            (*same("id"), Column("x", "z")),
            {},
            [
                (
                    "bs.z: is fed from a_b.x, but the table has no such column — "
                    "run `strangler db upgrade`, or correct the mapping; it has id, y"
                ),
                (
                    "bs.y: must not be null, has no default, and no legacy column leads to it — "
                    "map a legacy column to it, or give it a default in the database"
                ),
            ],
        ),
        (
            same("id"),
            {"x": "computed", "q": "never was there"},
            [
                "a_b.q: is left out, but the table has no such column — remove it from `left_out`",
                (
                    "bs.y: must not be null, has no default, and no legacy column leads to it — "
                    "map a legacy column to it, or give it a default in the database"
                ),
            ],
        ),
        (
            (*same("id"), Column("x", "y")),
            {"x": "both"},
            ["a_b.x: is mapped and left out at the same time — keep one of the two"],
        ),
        (
            (Column("x", "y"),),
            {},
            [
                (
                    "a_b.id: is not in the mapping: its values would be lost — "
                    "map it, or state in `left_out` why it stays behind"
                ),
                (
                    "bs.id: belongs to the key, but no legacy column leads to it — "
                    "map it, or correct `key`"
                ),
            ],
        ),
    ],
)
def test_columns(
    columns: tuple[Column, ...], left_out: dict[str, str], expected: list[str]
) -> None:
    assert said(replace(MAPPING, columns=columns, left_out=left_out)) == expected


def test_a_left_out_column_is_no_fault() -> None:
    legacy = table("a_b", *LEGACY.columns.values(), facts("old", "text"))
    assert said(replace(MAPPING, left_out={"old": "unused since 2012"}), legacy=legacy) == []


def test_a_native_column_of_its_own_needs_a_default_or_null() -> None:
    native = table(
        "bs",
        *NATIVE.columns.values(),
        facts("n", "text", nullable=True),
        facts("d", "text", default=True),
    )
    assert said(native=native) == []


def test_a_computed_column_cannot_be_written() -> None:
    columns = dict(NATIVE.columns)
    columns["y"] = replace(columns["y"], generated=True)
    assert said(native=replace(NATIVE, columns=columns)) == [
        "bs.y: is computed by the database and cannot be written — leave it out of the mapping"
    ]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ((), ["bs: has no key — name its key columns in `key`"]),
        (
            ("q",),
            [("bs.q: belongs to the key, but no legacy column leads to it — map it, "
             "or correct `key`")],
        ),
        (
            ("y",),
            [
                ("a_b: nothing keeps the key (x) unique — "
                "choose the columns of a unique constraint"),
                ("bs: nothing keeps the key (y) unique — "
                "choose the columns of a unique constraint"),
            ],
        ),
    ],
)  # fmt: skip
def test_keys(key: tuple[str, ...], expected: list[str]) -> None:
    assert said(replace(MAPPING, key=key)) == expected


def test_a_key_may_not_be_null() -> None:
    columns = dict(LEGACY.columns)
    columns["id"] = replace(columns["id"], nullable=True)
    assert said(legacy=replace(LEGACY, columns=columns)) == [
        "a_b.id: belongs to the key and may be null — choose columns that are never null"
    ]


def test_a_key_must_survive_the_way_and_back() -> None:
    assert said(replace(MAPPING, columns=(Column("id", "id", FORWARD), Column("x", "y")))) == [
        (
            "bs.id: belongs to the key, but its transform is forward-only — "
            "only lossless values can identify a row"
        )
    ]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("character varying(9)", "character varying(9)"),
        ("character varying(9)", "character varying(20)"),
        ("character varying(9)", "text"),
        ("smallint", "integer"),
        ("integer", "bigint"),
        ("numeric(8,2)", "numeric"),
    ],
)
def test_types_that_take_every_value(theirs: str, ours: str) -> None:
    legacy = table("a_b", LEGACY.columns["id"], facts("x", theirs))
    native = table("bs", NATIVE.columns["id"], facts("y", ours))
    assert misfits(MAPPING, legacy, native) == []


@pytest.mark.parametrize(
    ("theirs", "ours", "remedy"),
    [
        ("bigint", "integer", "make the types equal, or declare a transform with both directions"),
        ("text", "jsonb", "make the types equal, or declare a transform with both directions"),
        ("numeric(8,4)", "numeric(8,2)", "values could be rounded or cut: make the types equal"),
    ],
)
def test_types_that_lose(theirs: str, ours: str, remedy: str) -> None:
    legacy = table("a_b", LEGACY.columns["id"], facts("x", theirs))
    native = table("bs", NATIVE.columns["id"], facts("y", ours))
    assert said(legacy=legacy, native=native) == [f"bs.y: is {ours}, a_b.x is {theirs} — {remedy}"]


def test_a_transform_answers_for_the_types() -> None:
    native = table("bs", NATIVE.columns["id"], facts("y", "jsonb"))
    mapping = replace(MAPPING, columns=(*same("id"), Column("x", "y", FORWARD)))
    assert said(mapping, native=native) == []


def test_where_rows_decide_it_is_told() -> None:
    legacy = table("a_b", LEGACY.columns["id"], facts("x", "text", nullable=True))
    assert doubted(legacy=legacy) == [
        (
            "bs.y: is character varying(9), a_b.x is text — "
            "rows with longer values will be quarantined"
        ),
        "bs.y: must not be null, a_b.x may be — rows with NULL there will be quarantined",
    ]


@pytest.mark.parametrize(("deferrable", "acts"), [(False, False), (True, True)])
def test_foreign_keys_that_interfere(deferrable: bool, acts: bool) -> None:
    reference = Reference("fk", "cs", ("b_id",), "bs", ("id",), deferrable, acts)
    assert said(native=replace(NATIVE, referenced_by=(reference,))) == [
        (
            "cs.b_id: its foreign key fk interferes with rows on their way — "
            "declare it DEFERRABLE and with NO ACTION, as Django does"
        )
    ]
