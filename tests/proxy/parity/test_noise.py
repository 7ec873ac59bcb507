"""Which differences are the candidate's: intervals by hand, and what must hold of any counts."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proxy.parity.noise import Noise, Verdict, newcombe, verdict, wilson
from tests.proxy.parity.sides import QUICK

COUNTS = st.integers(1, 3000).flatmap(
    lambda asked: st.tuples(st.integers(0, asked), st.just(asked))
)


@pytest.mark.parametrize(
    ("hits", "asked", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (0, 0, 0.0, 1.0)],
)
def test_wilson(hits: int, asked: int, low: float, high: float) -> None:
    """81 of 263 is the example of Newcombe 1998, I."""
    assert wilson(hits, asked) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090)],
)
def test_newcombe(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """Examples a and b of Newcombe 1998, II, method 10."""
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 100, 0, 0), Verdict.EQUAL),
        ((0, 100, 5, 10), Verdict.EQUAL),
        ((100, 100, 0, 20), Verdict.CLEAR),
        ((100, 100, 20, 20), Verdict.NOISE),
        ((10, 100, 5, 50), Verdict.NOISE),
        ((60, 100, 5, 50), Verdict.CLEAR),
        ((1, 1, 0, 0), Verdict.UNPROVEN),
        ((1, 100, 0, 5), Verdict.UNPROVEN),
    ],
)
def test_verdicts(counts: tuple[int, int, int, int], expected: Verdict) -> None:
    assert verdict(*counts) is expected


@pytest.mark.parametrize("counts", [(2, 1, 0, 0), (0, 1, 2, 1), (-1, 1, 0, 0)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="counts"):
        verdict(*counts)


@QUICK
@given(COUNTS)
def test_an_interval_holds_its_proportion(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1


@QUICK
@given(COUNTS, COUNTS)
def test_what_is_no_more_frequent_than_noise_is_never_clear(
    ours: tuple[int, int], noise: tuple[int, int]
) -> None:
    assume(ours[0] / ours[1] <= noise[0] / noise[1])
    assert verdict(*ours, *noise) in (Verdict.EQUAL, Verdict.NOISE)


@QUICK
@given(COUNTS, COUNTS)
def test_more_differences_never_make_a_clear_one_unclear(
    ours: tuple[int, int], noise: tuple[int, int]
) -> None:
    assume(ours[0] < ours[1])
    if verdict(*ours, *noise) is Verdict.CLEAR:
        assert verdict(ours[0] + 1, ours[1], *noise) is Verdict.CLEAR


@QUICK
@given(COUNTS, COUNTS)
def test_the_interval_turns_with_its_sides(one: tuple[int, int], other: tuple[int, int]) -> None:
    low, high = newcombe(*one, *other)
    assert newcombe(*other, *one) == pytest.approx((-high, -low))


def test_equal_rates_are_seldom_taken_for_a_difference() -> None:
    """The interval is two-sided, so that about 2.5 % of equal sides would look clear."""
    draw = random.Random(7)
    wrong = 0
    for _ in range(2000):
        ours = sum(draw.random() < 0.2 for _ in range(80))
        noise = sum(draw.random() < 0.2 for _ in range(40))
        wrong += verdict(ours, 80, noise, 40) is Verdict.CLEAR
    assert wrong < 2000 * 0.04


def test_noise_is_learnt_by_generalised_path() -> None:
    noise = Noise()
    for number in range(30):
        noise.learn([f"json:/results/{number}/seen", f"json:/results/{number + 1}/seen"])
    assert noise.paths == {"json:/results/[*]/seen": 30}
    assert noise.verdict("json:/results/5/seen", 20, 20) is Verdict.NOISE
    assert noise.verdict("json:/results/5/name", 20, 20) is Verdict.CLEAR
    other = Noise(10, {"json:/results/[*]/name": 10})
    noise.merge(other)
    assert (noise.compared, noise.paths["json:/results/[*]/name"]) == (40, 10)
