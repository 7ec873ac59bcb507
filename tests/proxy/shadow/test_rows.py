"""Rows that came beside rows that were rehearsed."""

from typing import Any

import pytest

from legacy_bridge.replication.mapping import TableMapping, same
from proxy.shadow.rows import Effect, Written, differences

AT = 1_800_000_000.0
NOW, ALSO_NOW, OTHER = (
    "2027-01-15T08:00:01+00:00",
    "2027-01-15T08:00:07.5+00:00",
    "2027-01-15T07:00:00+00:00",
)
MAPPINGS = (
    TableMapping(legacy="a", native="releases", columns=same("id", "slug", "updated")),
    TableMapping(legacy="b", native="files", columns=same("id", "slug", "release_id")),
)
KNOWN = frozenset({(1,), (2,)})


def effect(*rows: dict[str, Any], gone: tuple[int, ...] = ()) -> Effect:
    """Of releases; rows with `release_id` are files."""
    return {
        "releases": Written(
            {(row["id"],): row for row in rows if "release_id" not in row},
            frozenset((key,) for key in gone),
            KNOWN,
        ),
        "files": Written({(row["id"],): row for row in rows if "release_id" in row}, known=KNOWN),
    }


def release(key: int, slug: str = "x", updated: str = NOW, **more: Any) -> dict[str, Any]:
    return {"id": key, "slug": slug, "updated": updated, **more}


@pytest.mark.parametrize(
    ("came", "rehearsed", "found"),
    [
        (effect(), effect(), []),
        (effect(release(1)), effect(release(1, updated=ALSO_NOW)), []),
        (effect(release(1)), effect(release(1, updated=OTHER)), ["releases/updated differs"]),
        (effect(release(1)), effect(release(1, "y")), ["releases/slug differs"]),
        (effect(release(1), release(2)), effect(release(1)), ["releases/changed missing"]),
        (effect(), effect(release(1)), ["releases/changed extra"]),
        # a column that no column of the legacy side leads to
        (effect(release(1)), effect(release(1, own=3)), []),
        # new rows, with keys of their own and references to them
        (
            effect(release(7), {"id": 8, "slug": "f", "release_id": 7}),
            effect(release(90), {"id": 91, "slug": "f", "release_id": 90}),
            [],
        ),
        (
            effect({"id": 8, "slug": "f", "release_id": 1}),
            effect({"id": 91, "slug": "f", "release_id": 2}),
            ["files/release_id differs"],
        ),
        (effect(release(7)), effect(), ["releases/+ missing"]),
        (effect(), effect(release(90)), ["releases/+ extra"]),
        (effect(gone=(1,)), effect(gone=(1,)), []),
        (effect(gone=(1,)), effect(), ["releases/- missing"]),
        (effect(), effect(gone=(2,)), ["releases/- extra"]),
    ],
)
def test_what_differs(came: Effect, rehearsed: Effect, found: list[str]) -> None:
    differing = differences(MAPPINGS, came, rehearsed, AT)
    assert [f"{one.path} {one.kind}" for one in differing] == found
