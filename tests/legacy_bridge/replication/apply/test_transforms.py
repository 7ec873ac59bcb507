"""Values that a transform changes on their way, or does not take (pitfalls 42 and 19)."""

from dataclasses import replace
from threading import Event

from legacy_bridge.replication.init import init
from legacy_bridge.replication.mapping import Column, Kind, TableMapping, Transform
from legacy_bridge.replication.run import follow
from tests.legacy_bridge.replication.apply.live import Seen
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask, run


def _shout(value: str | None) -> str | None:
    if value == "unfit":
        raise ValueError(value)
    return "a\0b" if value == "nul" else value and value.upper()


SHOUT = Transform(
    name="shout",
    kind=Kind.PRESERVING,
    up=_shout,
    up_sql="upper({})",
    down=str.lower,
    down_sql="lower({})",
)


def shouting(mapping: TableMapping) -> TableMapping:
    columns = tuple(
        Column(c.legacy, c.native, SHOUT) if c.native == "content" else c for c in mapping.columns
    )
    return replace(mapping, columns=columns)


DOMAINS = {"boxes": [shouting(mapping) for mapping in MAPPINGS["boxes"]]}


def test_42_what_a_transform_does_not_take_is_quarantined(sides: Sides) -> None:
    init(sides.legacy, sides.native, DOMAINS)
    run(
        sides.legacy,
        """
        INSERT INTO boxes_box
        SELECT n, now(), now(), 'l' || n, (ARRAY['fits', 'unfit', 'nul', NULL, 'more'])[n], 'html',
               '', NULL, NULL FROM generate_series(2, 5) AS n WHERE n <> 4;
        UPDATE boxes_box SET content = 'unfit' WHERE id = 1;
        """,
    )
    done = follow(sides.legacy, sides.native, DOMAINS, Seen(), Event(), once=True)
    assert done.forward.quarantined == 3
    assert ask(sides.native, "SELECT key, reason, outcome FROM bridge_quarantine ORDER BY key") == [
        (
            {"id": key},
            f"content: the transform shout does not take the value ({error})",
            outcome,
        )
        for key, error, outcome in (
            (1, "ValueError", "kept as it was"),
            (2, "ValueError", "kept out"),
            (3, "DataError", "kept out"),
        )
    ]
    assert ask(sides.native, "SELECT id, content FROM boxes ORDER BY id") == [
        (1, "X"),
        (5, "MORE"),
    ]
    run(sides.legacy, "UPDATE boxes_box SET content = 'now it fits' WHERE id < 4")
    done = follow(sides.legacy, sides.native, DOMAINS, Seen(), Event(), once=True)
    assert done.forward.quarantined == 0
    assert ask(sides.native, "SELECT DISTINCT content FROM boxes WHERE id < 4") == [
        ("NOW IT FITS",)
    ]
