"""Copies leave alone what the native side owns, be it the first one of a stream or one without."""

import pytest

from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.apply.live import begin
from tests.legacy_bridge.replication.both_ways.aside import damage
from tests.legacy_bridge.replication.both_ways.pair import TwoWay
from tests.legacy_bridge.replication.sides import ask, run

LEFT = (
    "downloads: the native side owns these rows, so that they are not copied from the legacy side "
    "— where that has others, `strangler sync repair` makes it like the owner"
)


@pytest.fixture
def apart(both: TwoWay) -> TwoWay:
    """Both sides have something that the other one does not know of."""
    both.hand_over("downloads", Owner.NATIVE)
    damage(both, Owner.LEGACY, "UPDATE {os} SET name = 'legacy' WHERE id = 1")
    damage(both, Owner.NATIVE, "UPDATE {os} SET name = 'native' WHERE id = 2")
    damage(both, Owner.LEGACY, "UPDATE boxes_box SET content = 'legacy'")
    return both


NATIVE = {1: "Source", 2: "native", 3: "macOS"}


def test_a_copy_without_a_stream(apart: TwoWay) -> None:
    report = apart.copy()
    assert report.warnings == (LEFT,)
    assert {one.domain for one in report.tables} == {"pages", "boxes"}
    assert apart.names(Owner.NATIVE) == NATIVE
    assert ask(apart.native, "SELECT content FROM boxes") == [("legacy",)]
    with pytest.raises(BridgeError) as refused:
        apart.copy("downloads")
    assert str(refused.value) == LEFT


def test_the_first_copy_of_a_stream_that_is_made_anew(apart: TwoWay) -> None:
    begun = begin(apart, again=True)
    assert begun.warnings == (LEFT,)
    assert sorted(begun.record.domains) == ["boxes", "downloads", "pages"]
    assert apart.names(Owner.NATIVE) == NATIVE
    assert ask(apart.native, "SELECT content FROM boxes") == [("legacy",)]
    apart.run(Owner.LEGACY, "UPDATE {os} SET name = 'stray' WHERE id = 3")
    run(apart.legacy, "UPDATE boxes_box SET content = 'later'")
    apart.settle()
    apart.settle()
    assert ask(apart.native, "SELECT content FROM boxes") == [("later",)]


def test_the_native_side_owns_all(both: TwoWay) -> None:
    for domain in ("pages", "boxes", "downloads"):
        both.hand_over(domain, Owner.NATIVE)
    damage(both, Owner.LEGACY, "DELETE FROM boxes_box")
    begun = begin(both, again=True)
    assert begun.report is not None
    assert (begun.report.tables, begun.record.whole) == ((), True)
    assert ask(both.native, "SELECT count(*) FROM boxes") == [(1,)]
