"""Streams in both directions, with their first copy done."""

from collections.abc import Iterator
from zlib import crc32

import pytest

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, prepared
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import Sides
from tests.longer import SHORT


@pytest.fixture
def both(sides: Sides) -> Iterator[TwoWay]:
    """The few rows of most tests on both sides; the legacy side owns everything."""
    two = prepared(sides)
    two.settle()
    yield two
    drop_slots(sides.native)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With each owner; in the short form with one of them, by the test's name."""
    if "owner" in metafunc.fixturenames and "both" in metafunc.fixturenames:
        name = metafunc.function.__name__
        owners = [*Owner]
        given = [owners[crc32(name.encode()) % 2]] if SHORT else owners
        metafunc.parametrize("owner", given, indirect=True)


@pytest.fixture
def owner(request: pytest.FixtureRequest, both: TwoWay) -> Owner:
    """Who owns the downloads."""
    who: Owner = request.param
    if who is Owner.NATIVE:
        both.hand_over("downloads", who)
    return who
