"""The binomial distribution's tail, against sums of exact fractions."""

from fractions import Fraction
from math import comb

import pytest

from proxy.ownership.odds import ALPHA, at_most, surely_above, tail


@pytest.mark.parametrize(
    ("hits", "asked", "share"),
    [
        (1, 1, Fraction(1, 2)),
        (5, 20, Fraction(1, 20)),
        (12, 50, Fraction(1, 50)),
        (30, 150, Fraction(1, 10)),
        (200, 1000, Fraction(1, 10)),
        (1000, 1000, Fraction(99, 100)),
    ],
)
def test_the_tail_is_exact(hits: int, asked: int, share: Fraction) -> None:
    exact = sum(
        comb(asked, number) * share**number * (1 - share) ** (asked - number)
        for number in range(hits, asked + 1)
    )
    assert tail(hits, asked, float(share)) == pytest.approx(float(exact), rel=1e-9)


def test_what_is_expected_is_no_surprise() -> None:
    assert tail(10, 100, 0.1) == 1.0
    assert tail(0, 0, 0.5) == 1.0
    assert tail(3, 3, 1.0) == 1.0
    assert tail(1, 100, 0.0) == 0.0


def test_where_it_begins_to_be_sure() -> None:
    """Of 20 answers with 1 % of failures allowed: 4 of them come about by chance, 6 do not."""
    assert ALPHA == 1e-6
    assert [surely_above(hits, 20, 0.01) for hits in (4, 5, 6)] == [False, False, True]


def test_what_was_not_asked_may_be_anything() -> None:
    assert at_most(0, 0) == 1.0
    assert at_most(0, 100) == pytest.approx(9 / 109)
