"""The breaker: every way in its table, the picture of it in the docs, and any order of events."""

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import DataObject, data, floats, sampled_from

from proxy.forwarding.breaker import TRANSITIONS, Breaker, BreakerLimits, Event, State

DOCS = Path(__file__).parents[3] / "docs" / "upstreams.md"
LIMITS = BreakerLimits(failures=3, seconds=1.0, longest=6.0)


def fail(breaker: Breaker, now: float) -> bool:
    """A request is sent, and the upstream fails it."""
    assert breaker.admit(now)
    return breaker.failed(now, breaker.ticket)


def opened(now: float = 0.0, limits: BreakerLimits = LIMITS) -> Breaker:
    breaker = Breaker(limits)
    while not fail(breaker, now):
        assert breaker.closed
    return breaker


def probed(now: float = 1.0) -> Breaker:
    """One whose probe is under way since `now`, the first moment at which it may be."""
    breaker = opened(now - LIMITS.seconds)
    assert breaker.admit(now)
    return breaker


def test_a_new_breaker_is_closed() -> None:
    breaker = Breaker(LIMITS)
    assert (breaker.closed, breaker.state, breaker.failures) == (True, State.CLOSED, 0)
    assert breaker.remaining(0.0) == 0


def test_failures_in_a_row_open_it() -> None:
    breaker = Breaker(LIMITS)
    assert [fail(breaker, now) for now in (0.0, 0.1, 0.2)] == [False, False, True]
    assert (breaker.closed, breaker.state) == (False, State.OPEN)
    assert breaker.remaining(0.5) == pytest.approx(0.7)
    assert not breaker.admit(1.19)


def test_a_success_ends_the_row() -> None:
    breaker = Breaker(LIMITS)
    for now in range(20):
        assert not fail(breaker, now)
        assert not fail(breaker, now)
        assert not breaker.succeeded(breaker.ticket)
        assert breaker.failures == 0
    assert breaker.closed


def test_a_client_that_leaves_neither_adds_to_the_row_nor_ends_it() -> None:
    breaker = Breaker(LIMITS)
    fail(breaker, 0.0)
    fail(breaker, 0.0)
    breaker.cancelled(breaker.ticket)
    assert breaker.failures == 2
    assert fail(breaker, 0.0)


def test_one_probe_at_a_time() -> None:
    breaker = opened(0.0)
    assert [breaker.admit(now) for now in (0.9, 1.0, 1.1, 100.0)] == [False, True, False, False]
    assert (breaker.closed, breaker.state) == (False, State.HALF_OPEN)
    assert breaker.remaining(1.1) == 0


def test_an_answered_probe_closes_it() -> None:
    breaker = probed()
    assert breaker.failures > 0, "so that a caller who looks at it first reports the success"
    assert breaker.succeeded(breaker.ticket)
    assert (breaker.closed, breaker.state, breaker.failures) == (True, State.CLOSED, 0)
    assert [fail(breaker, 2.0) for _ in range(3)] == [False, False, True]
    assert breaker.remaining(2.0) == LIMITS.seconds, "it begins anew with the short time"


def test_each_failed_probe_doubles_the_time_up_to_the_longest() -> None:
    breaker, now, waits = opened(0.0), 0.0, []
    for _ in range(5):
        waits.append(breaker.remaining(now))
        now += waits[-1]
        assert fail(breaker, now)
    assert waits == [1.0, 2.0, 4.0, 6.0, 6.0]


def test_a_time_that_is_longer_than_the_longest_stays() -> None:
    breaker = opened(0.0, BreakerLimits(failures=1, seconds=60.0, longest=30.0))
    assert fail(breaker, 60.0)
    assert breaker.remaining(60.0) == 60


def test_a_cancelled_probe_makes_place_for_the_next() -> None:
    breaker = probed(1.0)
    breaker.cancelled(breaker.ticket)
    assert breaker.state is State.OPEN
    assert breaker.admit(1.0)
    assert breaker.failed(1.0, breaker.ticket)
    assert breaker.remaining(1.0) == 2, "doubled once, by the failure"


@pytest.mark.parametrize("late", ["failed", "succeeded", "cancelled"])
def test_requests_of_an_earlier_state_say_nothing(late: str) -> None:
    """A hundred requests wait for an upstream that hangs; five time-outs open the breaker."""
    breaker = Breaker(LIMITS)
    stale = breaker.ticket

    def report() -> None:
        match late:
            case "failed":
                assert not breaker.failed(50.0, stale)
            case "succeeded":
                assert not breaker.succeeded(stale)
            case "cancelled":
                breaker.cancelled(stale)

    for _ in range(3):
        fail(breaker, 0.0)
    report()
    assert (breaker.state, breaker.remaining(0.0)) == (State.OPEN, 1.0)
    assert breaker.admit(1.0)
    report()
    assert (breaker.state, breaker.failures) == (State.HALF_OPEN, 3)
    assert breaker.succeeded(breaker.ticket)
    for _ in range(10):
        report()
    assert (breaker.state, breaker.failures) == (State.CLOSED, 0)


def test_other_limits_count_from_the_next_failure() -> None:
    breaker = Breaker(BreakerLimits(failures=10))
    fail(breaker, 0.0)
    fail(breaker, 0.0)
    breaker.limits = BreakerLimits(failures=2, seconds=9.0)
    assert fail(breaker, 0.0)
    assert breaker.remaining(0.0) == 9


def test_a_report_without_a_request_is_an_error_of_the_caller() -> None:
    breaker = opened()
    with pytest.raises(KeyError):
        breaker.succeeded(breaker.ticket)


def test_the_docs_draw_the_table() -> None:
    arrows = [
        f"    {before} --> {after}: {event}" for (before, event), after in TRANSITIONS.items()
    ]
    drawing = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.CLOSED}", *arrows, "```"]
    assert "\n".join(drawing) in DOCS.read_text()


def test_the_table_knows_every_state_and_event() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event)
    assert {state for state, _ in TRANSITIONS} == set(State) == set(TRANSITIONS.values())


class AnyOrder(RuleBasedStateMachine):
    """Requests go, and end in any order and manner, while the clock runs."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(LIMITS)
        self.now = 0.0
        self.opened_at = 0.0
        self.under_way: list[int] = []
        self.probe: int | None = None

    @precondition(lambda self: self.breaker.closed)
    @rule()
    def the_upstream_breaks(self) -> None:
        """Left to chance, failures in a row would be too rare for the states behind them.

        One request is still waiting for it when the breaker opens.
        """
        self.a_request_comes()
        while self.breaker.closed:
            self.report(self.breaker.ticket, "failed")
        assert self.breaker.state is State.OPEN

    @rule(seconds=sampled_from([0.5, 1.0, 6.0]) | floats(0, 10))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def a_request_comes(self) -> None:
        was = self.breaker.state
        if not self.breaker.admit(self.now):
            assert was is not State.CLOSED
            assert was is State.HALF_OPEN or self.now < self.opened_at + LIMITS.longest
            return
        if self.breaker.closed:
            self.under_way.append(self.breaker.ticket)
        else:
            assert self.probe is None, "two probes at once"
            assert self.now >= self.opened_at + LIMITS.seconds
            self.probe = self.breaker.ticket

    @precondition(lambda self: self.under_way)
    @rule(draw=data(), how=sampled_from(["failed", "succeeded", "cancelled"]))
    def a_request_ends(self, draw: DataObject, how: str) -> None:
        ticket = draw.draw(sampled_from(self.under_way))
        self.under_way.remove(ticket)
        self.report(ticket, how)

    @precondition(lambda self: self.probe is not None)
    @rule(how=sampled_from(["failed", "succeeded", "cancelled"]))
    def the_probe_ends(self, how: str) -> None:
        assert self.probe is not None
        ticket, self.probe = self.probe, None
        self.report(ticket, how)
        assert self.breaker.closed is (how == "succeeded")

    def teardown(self) -> None:
        """Whatever happened: after the longest time and one success everything passes again."""
        if self.probe is None:
            self.now += LIMITS.longest
            self.a_request_comes()
        if self.probe is not None:
            self.the_probe_ends("succeeded")
        assert self.breaker.closed

    def report(self, ticket: int, how: str) -> None:
        if how == "cancelled":
            self.breaker.cancelled(ticket)
        elif how == "succeeded":
            self.breaker.succeeded(ticket)
        elif self.breaker.failed(self.now, ticket):
            self.opened_at = self.now

    @invariant()
    def half_open_means_that_a_probe_is_under_way(self) -> None:
        assert (self.breaker.state is State.HALF_OPEN) is (self.probe is not None)
        assert self.breaker.closed is (self.breaker.state is State.CLOSED)
        assert (self.breaker.failures > 0) or self.breaker.closed


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(deadline=None, max_examples=200, stateful_step_count=40)
