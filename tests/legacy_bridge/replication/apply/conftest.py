"""A stream that has begun: both sides are equal, and what comes is kept for it."""

import pytest

from tests.legacy_bridge.replication.apply.live import begin
from tests.legacy_bridge.replication.sides import Sides


@pytest.fixture
def begun(sides: Sides) -> Sides:
    report = begin(sides).report
    assert report is not None
    assert report.equal
    assert sides.unequal() == []
    return sides
