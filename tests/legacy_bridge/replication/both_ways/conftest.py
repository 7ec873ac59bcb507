"""Streams in both directions, with their first copy done."""

from collections.abc import Iterator

import pytest

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, prepared
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import Sides


@pytest.fixture
def both(sides: Sides) -> Iterator[TwoWay]:
    """The few rows of most tests on both sides; the legacy side owns everything."""
    two = prepared(sides)
    two.settle()
    yield two
    drop_slots(sides.native)


@pytest.fixture(params=[Owner.LEGACY, Owner.NATIVE])
def owner(request: pytest.FixtureRequest, both: TwoWay) -> Owner:
    """Who owns the downloads."""
    who: Owner = request.param
    if who is Owner.NATIVE:
        both.hand_over("downloads", who)
    return who
