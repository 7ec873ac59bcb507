"""The retry budget: what fills it, what bounds it. Numbers are exact in binary, so sums are."""

from hypothesis import given, settings
from hypothesis.strategies import floats, integers, lists, tuples

from proxy.forwarding.budget import BURST, RetryBudget


def drained(budget: RetryBudget, now: float) -> int:
    """How many retries it gives at one moment."""
    count = 0
    while budget.withdraw(now):
        count += 1
    return count


def test_one_seconds_floor_is_there_at_the_start() -> None:
    assert drained(RetryBudget(0.25, 10, now=5.0), 5.0) == 10


def test_requests_fill_it_by_their_ratio() -> None:
    budget = RetryBudget(0.25, 10, now=0.0)
    drained(budget, 0.0)
    budget.requests += 43
    assert drained(budget, 0.0) == 10
    budget.requests += 1
    assert drained(budget, 0.0) == 1, "three quarters were left over"


def test_time_fills_it_by_the_floor() -> None:
    budget = RetryBudget(0.25, 10, now=0.0)
    drained(budget, 0.0)
    assert [drained(budget, now) for now in (0.0625, 0.125, 1.125)] == [0, 1, 10]


def test_it_saves_up_no_more_than_the_burst() -> None:
    budget = RetryBudget(0.25, 10, now=0.0)
    budget.requests += 100_000
    assert drained(budget, 0.0) == BURST
    assert drained(budget, 3600.0) == BURST


def test_without_ratio_and_floor_it_gives_nothing() -> None:
    budget = RetryBudget(0.0, 0.0, now=0.0)
    budget.requests += 1000
    assert not budget.withdraw(1000.0)


def test_another_ratio_takes_effect() -> None:
    budget = RetryBudget(0.25, 0.0, now=0.0)
    budget.ratio = 0.5
    budget.requests += 8
    assert drained(budget, 0.0) == 4


Steps = lists(tuples(integers(0, 500), floats(0, 5), integers(0, 200)), max_size=30)


@settings(deadline=None)
@given(Steps)
def test_retries_never_pass_their_share(steps: list[tuple[int, float, int]]) -> None:
    """Whatever comes in whatever order: requests, seconds, and wishes to send again."""
    budget, now, sent = RetryBudget(0.2, 10, now=0.0), 0.0, 0
    for requests, seconds, wishes in steps:
        budget.requests += requests
        now += seconds
        sent += sum(budget.withdraw(now) for _ in range(wishes))
        assert sent <= 0.2 * budget.requests + 10 * now + BURST
