"""Whoever carries out a flip is killed in the middle of it, while clients of two replicas go on
(all points: scripts/flip_drill --part killed)."""

import pytest

from loadtests.killed import POINTS, run_killed
from tests.longer import LONGER


@LONGER
@pytest.mark.faults
@pytest.mark.timeout(400)
@pytest.mark.parametrize("point", POINTS)
def test_1_11_one_owner_and_nothing_lost(point: str) -> None:
    report = run_killed(point, clients=8, workers=1)
    assert (report.failures, report.lost, report.reused) == ([], [], [])
    assert report.refused_flips == []
    assert len(report.pauses) == report.flips == 4
