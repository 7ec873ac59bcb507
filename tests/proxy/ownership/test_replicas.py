"""Clients of two replicas at work while the rows go there and back (long: scripts/flip_drill)."""

import pytest

from loadtests.replicas import run_rows


@pytest.mark.faults
def test_14_nothing_fails_and_nothing_is_lost() -> None:
    report = run_rows(flips=2, clients=10, workers=1)
    assert report.failures == []
    assert report.lost == []
    assert report.reused == []
    assert report.refused_flips == []
    assert len(report.pauses) == 2
    assert {"native writes", "legacy writes"} <= report.owners.keys()
