"""Numbers of new rows where the two sides count with types of different size."""

from collections.abc import Iterator

import pytest

from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.sequences import STRAYS_FROM
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, prepared
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import Sides, run

LAST = STRAYS_FROM["smallint"]


@pytest.fixture
def narrow(sides: Sides) -> Iterator[TwoWay]:
    """The legacy side has few numbers for operating systems, the native one many."""
    run(sides.legacy, NARROW)
    two = prepared(sides)
    two.settle()
    yield two
    drop_slots(sides.native)


def test_a_stray_gets_a_number_that_its_owner_can_have(narrow: TwoWay) -> None:
    narrow.run(Owner.NATIVE, ADD)
    narrow.settle()
    assert sorted(narrow.names(Owner.LEGACY)) == [1, 2, 3, LAST]
    assert narrow.unequal() == []
    assert narrow.conflicts(Owner.LEGACY) == []


def test_it_is_given_to_strays_on_both_sides(narrow: TwoWay) -> None:
    narrow.hand_over("downloads", Owner.NATIVE)
    narrow.run(Owner.LEGACY, ADD)
    narrow.settle()
    assert sorted(narrow.names(Owner.NATIVE)) == [1, 2, 3, LAST]
    assert narrow.unequal() == []


NARROW = """
ALTER TABLE downloads_releasefile DROP CONSTRAINT IF EXISTS downloads_releasefile_os_id_fkey;
ALTER TABLE downloads_os ALTER id TYPE smallint;
"""
ADD = """
INSERT INTO {os} (name, slug, created, updated) VALUES ('new', 'new', now(), now())
"""
