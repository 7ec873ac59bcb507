"""What a histogram says, and what it cannot."""

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from proxy.telemetry.tally import BUCKETS
from proxy.traffic.load import NO_ANSWERS, Load, percentile


def load(*seconds: float) -> Load:
    buckets = list(NO_ANSWERS)
    for each in seconds:
        buckets[bisect_left(BUCKETS, each)] += 1
    return Load(len(seconds), 0, sum(seconds), tuple(buckets))


def test_percentiles_lie_between_the_bounds_of_a_bucket() -> None:
    """Ten answers up to 5 ms, ten up to 10 ms: half were answered within 5 ms."""
    some = load(*[0.004] * 10, *[0.008] * 10)
    assert some.p50 == 0.005
    assert some.p95 == 0.005 + 0.005 * 9 / 10
    assert percentile(some.buckets, 0.25) == 0.0025 + 0.0025 / 2


def test_what_lies_beyond_the_last_bound_counts_as_that() -> None:
    assert load(100.0).p95 == 30.0


def test_without_answers_there_is_nothing_to_tell() -> None:
    assert (Load().p50, Load().p95, Load().error_share) == (None, None, None)


def test_loads_add_up() -> None:
    one = Load(2, 1, 0.5, load(0.2, 0.3).buckets)
    assert one + load(0.001) == Load(3, 1, 0.501, load(0.2, 0.3, 0.001).buckets)
    assert one.error_share == 0.5


def test_the_sum_tells_what_the_buckets_do_not() -> None:
    """All between 100 and 250 ms; only their sum says on which side of 130 ms."""
    assert load(*[0.2] * 50).above(0.13) == (30, 50)
    assert load(*[0.11] * 50).above(0.13) == (0, 16)
    assert load(*[0.11] * 50).above(0.25) == (0, 0)
    assert load(0.3, 0.3, 0.2).above(0.25) == (2, 2)
    assert load(40.0, 20.0).above(60.0) == (0, 1)


@given(st.lists(st.integers(0, 400_000), max_size=40), st.integers(5, 350_000))
def test_the_truth_lies_between_least_and_most(tenths: list[int], limit: int) -> None:
    """In tenths of a millisecond."""
    seconds, bound = [each / 10_000 for each in tenths], limit / 10_000
    least, most = load(*seconds).above(bound)
    assert least <= sum(each > bound for each in seconds) <= most
