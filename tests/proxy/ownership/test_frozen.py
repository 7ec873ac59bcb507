"""One of two replicas stands still in the middle of a flip (long: scripts/flip_drill --part
frozen)."""

import pytest

from loadtests.frozen import run_frozen
from tests.longer import LONGER

SECONDS = 6.0
"""Longer than any lease and any fence."""


@LONGER
@pytest.mark.faults
@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", [0, 1])
def test_10_one_owner_and_nothing_lost(number: int) -> None:
    report = run_frozen(SECONDS, clients=8, workers=1, number=number)
    assert (report.failures, report.lost, report.reused) == ([], [], [])
    assert report.refused_flips == []
    assert len(report.pauses) == report.flips == 4
