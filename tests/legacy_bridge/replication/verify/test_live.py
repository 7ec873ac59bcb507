"""Pitfall 39: under load no false alarm, and what was damaged is always found."""

from random import Random
from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication.connections import NATIVE, connected
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.streams import FORWARD
from legacy_bridge.replication.turns import take_turn
from legacy_bridge.replication.verify import positions
from tests.legacy_bridge.replication.apply.live import begin, catch_up, following
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask, run
from tests.legacy_bridge.replication.verify.carrier import HOT, Load, begin_stream
from tests.legacy_bridge.replication.verify.pairs import differences, repair, verify
from tests.longer import sampled

ROWS = 20_000
BOXES = {"boxes": MAPPINGS["boxes"]}
FILL: LiteralString = """
INSERT INTO boxes_box
SELECT n, '2020-01-01', '2020-01-01', 'label ' || n, 'text ' || n, 'html', '', 1, NULL
FROM generate_series(1, 20000) AS n
"""


@pytest.fixture
def boxes(empty: Sides) -> Sides:
    run(empty.legacy, FILL)
    assert empty.copy("boxes").equal
    begin_stream(empty)
    return empty


def damage(url: str, random: Random) -> list[tuple[object, ...]]:
    """Make some even rows, which the load leaves alone, differ: what has to be found."""
    keys = random.sample(range(2, ROWS, 2), 7)
    changes: list[tuple[LiteralString, tuple[object, ...]]] = [
        ("UPDATE boxes SET content = content || ' ' WHERE id = %s", ("differs", "content")),
        ("UPDATE boxes SET creator_id = NULL WHERE id = %s", ("differs", "creator_id")),
        ("UPDATE boxes SET last_modified_by_id = 0 WHERE id = %s", ("differs", LAST)),
        ("UPDATE boxes SET updated = updated + interval '1 us' WHERE id = %s", DATE),
        ("UPDATE boxes SET label = upper(label) WHERE id = %s", ("differs", "label")),
        ("DELETE FROM boxes WHERE id = %s", ("missing",)),
        ("UPDATE boxes SET id = id + 1000000 WHERE id = %s", ("missing",)),
    ]
    with psycopg.connect(url) as connection:
        for key, (statement, _) in zip(keys, changes, strict=True):
            connection.execute(statement, [key])
    found = [(key, *what) for key, (_, what) in zip(keys, changes, strict=True)]
    return sorted([*found, (keys[-1] + 1_000_000, "extra")])


LAST = "last_modified_by_id"
DATE = ("differs", "updated")


@pytest.mark.parametrize("seed", sampled([1, 2], short=1))
def test_under_load_damage_is_found_and_nothing_else(boxes: Sides, seed: int) -> None:
    random, load = Random(seed), Load(boxes, ROWS, seed)
    with load.running():
        for _ in range(2):
            report = verify(boxes, BOXES)
            assert (differences(report), report.tables[0].unsettled) == ({}, ())
            damaged = damage(boxes.native, random)
            found = differences(verify(boxes, BOXES))
            assert sorted(found["boxes"]) == damaged
            assert repair(boxes, BOXES).equal
        load.wait_for(100)
    assert load.faults == []
    assert verify(boxes, BOXES).equal
    assert boxes.unequal("boxes") == []


def test_a_stream_that_does_not_get_on(boxes: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    run(boxes.legacy, "UPDATE boxes_box SET content = 'new' WHERE id = 7")
    with connected(boxes.native, NATIVE) as frozen:
        assert take_turn(frozen, FORWARD)
        monkeypatch.setattr(positions, "PATIENCE_SECONDS", 0.1)
        with pytest.raises(BridgeError) as refused:
            verify(boxes, BOXES)
        said = str(refused.value)
        assert said.startswith("the stream forward is ")
        assert "bytes behind the legacy database and does not get on (last applied at " in said
        run(boxes.native, "UPDATE bridge_streams SET fault = 'the slot is gone'")
        monkeypatch.setattr(positions, "PATIENCE_SECONDS", 60)
        with pytest.raises(BridgeError, match=r"cannot be compared — the slot is gone$"):
            verify(boxes, BOXES)
    assert ask(boxes.native, "SELECT count(*) FROM bridge_verifies") == [(0,)]


def test_a_stream_of_another_domain_carries_nothing(boxes: Sides) -> None:
    run(boxes.native, "UPDATE bridge_streams SET domains = '{pages}'")
    run(boxes.legacy, "UPDATE boxes_box SET content = 'new' WHERE id = 7")
    with connected(boxes.native, NATIVE) as frozen:
        assert take_turn(frozen, FORWARD)
        report = verify(boxes, BOXES)
    assert not report.tables[0].streaming
    assert differences(report) == {"boxes": [(7, "differs", "content")]}


def test_a_stream_that_nobody_follows_is_as_of_then(
    boxes: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "APPLIER_SECONDS", 0)
    run(boxes.legacy, "UPDATE boxes_box SET content = 'new' WHERE id = 7")
    report = verify(boxes, BOXES)
    assert differences(report) == {"boxes": [(7, "differs", "content")]}
    ((source_at,),) = ask(boxes.native, "SELECT source_at FROM bridge_streams")
    assert (report.tables[0].streaming, report.tables[0].as_of) == (False, source_at)


def test_with_a_real_stream(boxes: Sides) -> None:
    run(boxes.native, "DELETE FROM bridge_streams")
    begin(boxes, "boxes")
    with following(boxes), Load(boxes, ROWS, 3).running(carrying=False):
        for seed in range(2):
            report = verify(boxes, BOXES)
            assert (differences(report), report.tables[0].unsettled) == ({}, ())
            damaged = damage(boxes.native, Random(seed))
            found = verify(boxes, BOXES)
            assert sorted(differences(found)["boxes"]) == damaged
            assert found.tables[0].streaming
            assert repair(boxes, BOXES).equal
    catch_up(boxes)
    assert verify(boxes, BOXES).equal
    assert boxes.unequal("boxes") == []


def test_without_a_stream_a_row_that_keeps_changing_differs(boxes: Sides) -> None:
    run(boxes.native, "DELETE FROM bridge_streams")
    with Load(boxes, ROWS, 1).running(carrying=False):
        found = differences(verify(boxes, BOXES))["boxes"]
    assert (HOT, "differs", "content") in found
