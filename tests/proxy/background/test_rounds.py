"""Whose turn it is to be compared, and when."""

import pytest

from proxy.background.rounds import next_domain, next_tick, step

TABLES = {"pages": ["pages", "images"], "boxes": ["boxes"], "chrome": [], "jobs": ["jobs"]}
ALL = {"pages": 100.0, "images": 300.0, "boxes": 200.0, "jobs": 250.0}


@pytest.mark.parametrize(
    ("compared", "expected"),
    [
        ({}, "pages"),
        ({"pages": 100.0}, "pages"),
        ({"pages": 100.0, "images": 100.0}, "boxes"),
        (ALL, "pages"),
        ({**ALL, "pages": 301.0}, "boxes"),
    ],
)
def test_the_one_that_was_longest_not_compared(compared: dict[str, float], expected: str) -> None:
    assert next_domain(TABLES, compared, every=0, now=400.0) == expected


@pytest.mark.parametrize(("now", "expected"), [(299.9, None), (300.0, "pages")])
def test_none_within_its_round(now: float, expected: str | None) -> None:
    """A round of 300 s has three steps."""
    assert next_domain(TABLES, ALL, every=300, now=now) == expected


def test_nothing_to_compare() -> None:
    assert next_domain({}, {}, every=0) is None
    assert next_domain({"chrome": []}, {}, every=0) is None


def test_ticks_are_the_same_for_all() -> None:
    assert step(3600, 16) == 225
    assert [next_tick(225, now) for now in (0.0, 224.9, 225.0)] == [225, 225, 450]
    assert next_tick(1.5, 1.0) == 1
    assert next_tick(1.5, 1.6) == 3
