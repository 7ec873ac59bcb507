"""What a mapping may say, and the law that every transform in use keeps."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.replication.mapping import (
    IDENTITY,
    Column,
    Kind,
    TableMapping,
    Transform,
    same,
)
from ported_domains.registry import DOMAINS

SCHEMA = Path(__file__).resolve().parents[4] / "shared" / "legacy" / "schema.json"

MAPPINGS = [mapping for domain in DOMAINS.values() for mapping in domain.mapping]
IN_USE = {column.transform for mapping in MAPPINGS for column in mapping.columns}
VALUES = {IDENTITY: st.none() | st.text() | st.integers() | st.booleans() | st.datetimes()}


def test_every_transform_in_use_has_values_to_be_tested_with() -> None:
    assert {transform.name for transform in IN_USE} == {t.name for t in VALUES}


@given(st.data())
def test_lossless_transforms_lose_nothing(data: st.DataObject) -> None:
    for transform, values in VALUES.items():
        value = data.draw(values)
        assert transform.kind is Kind.LOSSLESS
        assert transform.down is not None
        assert transform.down(transform.up(value)) == value


def test_a_transform_with_a_way_down_states_it_in_both_forms() -> None:
    with pytest.raises(ValueError, match=r"^transform t: a lossless transform needs both"):
        Transform(name="t", kind=Kind.LOSSLESS, up=str.upper, up_sql="upper({})", down=str.lower)


def test_a_forward_only_transform_has_no_way_down() -> None:
    with pytest.raises(ValueError, match=r"^transform t: a forward-only transform has no way down"):
        Transform(
            name="t",
            kind=Kind.FORWARD_ONLY,
            up=str.upper,
            up_sql="upper({})",
            down=str.lower,
            down_sql="lower({})",
        )


def test_values_are_what_is_not_key() -> None:
    mapping = TableMapping(
        legacy="a_b",
        native="bs",
        columns=(*same("a", "b"), Column("_c", "c")),
        key=("a", "c"),
    )
    assert mapping.values == (Column("b", "b"),)


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"the shared schema is not here: {SCHEMA}")
def test_every_legacy_column_is_mapped() -> None:
    tables = json.loads(SCHEMA.read_text())["tables"]
    for mapping in MAPPINGS:
        theirs = {column["name"] for column in tables[mapping.legacy]["columns"]}
        assert {column.legacy for column in mapping.columns} == theirs - set(mapping.left_out)
