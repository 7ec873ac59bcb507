"""The short form of `scripts/faults bridge`."""

import pytest

from tests.legacy_bridge.replication.chaos.play import SHORT, play

pytestmark = pytest.mark.faults


def test_nothing_is_lost_or_doubled() -> None:
    report = play(SHORT.seed, SHORT.seconds, hurry=SHORT.hurry)
    assert report.problems == []
    assert all(counts["committed"] for counts in report.transactions.values())
    assert sum(report.faults.values()) >= 3
