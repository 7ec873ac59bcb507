"""Who answers a visitor that has just written: a table of all cases."""

import pytest

from legacy_bridge.replication.causality import Token
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pgoutput.lsn import Lsn
from proxy.freshness import Answer, Limits, Wait, decide, newer

LEGACY, NATIVE = Owner
WROTE = Token(LEGACY, Lsn(1000), at=50.0)
LIMITS = Limits(wait_seconds=0.25, remember_seconds=30)


@pytest.mark.parametrize(
    ("token", "answering", "known", "now"),
    [
        (None, NATIVE, 0, 51.0),
        (WROTE, LEGACY, 0, 51.0),  # where it was written
        (WROTE, NATIVE, 1000, 51.0),  # it has arrived
        (WROTE, NATIVE, 1001, 51.0),
        (WROTE, NATIVE, 0, 80.1),  # long ago
    ],
)
def test_the_side_answers(token: Token | None, answering: Owner, known: int, now: float) -> None:
    assert decide(token, answering, Lsn(known), now, LIMITS) == Answer(answering)


@pytest.mark.parametrize(("known", "now"), [(0, 50.0), (999, 80.0), (999, 49.0)])
def test_what_is_on_its_way_is_waited_for(known: int, now: float) -> None:
    decision = decide(WROTE, NATIVE, Lsn(known), now, LIMITS)
    assert decision == Wait(WROTE, 0.25, arrived=Answer(NATIVE), late=Answer(LEGACY))


def test_where_only_this_side_can_answer_it_does_in_the_end() -> None:
    decision = decide(WROTE, NATIVE, Lsn(0), 51.0, LIMITS, other_can=False)
    assert decision == Wait(WROTE, 0.25, arrived=Answer(NATIVE), late=Answer(NATIVE))


def test_the_last_write_counts() -> None:
    later = Token(NATIVE, Lsn(5), at=51.0)
    assert newer(None, WROTE) == WROTE
    assert newer(WROTE, later) == newer(later, WROTE) == later
    again = Token(LEGACY, Lsn(1200), at=50.0)
    assert newer(WROTE, again) == again
