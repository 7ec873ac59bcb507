"""Attempts to hand over, one after the other."""

from proxy.ownership.attempts import held_seconds, seconds_until_next


def test_short_ones_first_and_longer_ones_rather_than_none() -> None:
    assert [held_seconds(failed) for failed in range(7)] == [0.35, 0.35, 0.35, 0.6, 1.0, 1.0, 1.0]


def test_a_second_apart_and_then_seldom() -> None:
    waits = [seconds_until_next(failed) for failed in range(1, 14)]
    assert waits == [1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert seconds_until_next(100_000) == 60
