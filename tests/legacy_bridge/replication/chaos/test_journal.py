"""What the writers know, held against what there is: the judge of the load has to be able to say
no."""

import pytest

from tests.legacy_bridge.replication.chaos.journal import (
    Outcome,
    State,
    Version,
    missing,
    told,
)


def written(token: str | None, before: str | None, *, stray: bool = False) -> Version:
    return Version("boxes", 1, token, before, stray)


FIRST = written("a", None)
NEXT = written("b", "a")
STRAY = written("s", "a", stray=True)
GONE = written(None, "a")


@pytest.mark.parametrize(
    ("versions", "there", "lost", "conflicting", "expected"),
    [
        ([FIRST], {"a"}, (), (), []),
        ([FIRST], (), (), (), ["boxes 1: owner's a was lost"]),
        ([FIRST, NEXT], {"b"}, (), (), []),
        ([FIRST, GONE], (), (), (), []),
        ([FIRST, GONE], {"a"}, (), (), ["boxes 1: is there though it was deleted"]),
        # A stray that had not seen the owner's last version must not take its place.
        ([FIRST, NEXT, STRAY], {"s"}, (), (), ["boxes 1: owner's b was lost"]),
        ([FIRST, NEXT, STRAY], {"b"}, {"s"}, {("boxes", 1)}, []),
        ([FIRST, NEXT, STRAY], {"b"}, (), (), ["boxes 1: stray s was lost"]),
        ([FIRST, STRAY], (), {"s"}, {("boxes", 1)}, ["boxes 1: owner's a was lost"]),
    ],
)
def test_what_was_acknowledged_is_accounted_for(
    versions: list[Version],
    there: set[str],
    lost: set[str],
    conflicting: set[tuple[str, int]],
    expected: list[str],
) -> None:
    outcome = Outcome(there=there, lost=lost, conflicting=conflicting)
    said = told([(one, State.COMMITTED) for one in versions], outcome)
    assert said[: len(expected)] == expected
    assert bool(said) is bool(expected)


def test_how_it_came_to_that_is_told() -> None:
    versions = [(one, State.COMMITTED) for one in (FIRST, NEXT, STRAY)]
    assert told(versions, Outcome(there={"s"}, lost=(), conflicting=())) == [
        "boxes 1: owner's b was lost",
        "boxes 1: owner wrote a knowing nothing, committed",
        "boxes 1: owner wrote b knowing a, committed",
        "boxes 1: stray wrote s knowing a, committed",
    ]


def test_what_is_in_doubt_may_be_there_or_not() -> None:
    nothing = Outcome(there=(), lost=(), conflicting=())
    assert missing([(FIRST, State.DOUBTFUL)], nothing) == []
