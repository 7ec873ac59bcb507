"""Which upstream gets a request: turns, ejection, return, and what an outage does to traffic."""

from collections import Counter
from dataclasses import dataclass, field

import pytest

from proxy.forwarding.breaker import BreakerLimits
from proxy.forwarding.budget import BURST, RetryBudget
from proxy.forwarding.upstreams import Member, Upstreams

LIMITS = BreakerLimits(failures=5, seconds=1.0, longest=30.0)
A, B, C, D = (f"http://{name}:8001" for name in "abcd")


def upstreams(*urls: str, limits: BreakerLimits = LIMITS) -> Upstreams[str]:
    return Upstreams.of(urls, limits, lambda url: f"pool of {url}")


def eject(member: Member[str], now: float = 0.0) -> None:
    """Open its breaker."""
    while not member.breaker.failed(now, member.breaker.ticket):
        assert member.breaker.closed


def chosen(of: Upstreams[str], times: int, now: float = 0.0) -> str:
    """First letters of the members that `times` requests go to; - where to none."""
    members = [of.choose(now) for _ in range(times)]
    return "".join("-" if member is None else member.name[0] for member in members)


class TestTurns:
    def test_each_in_its_turn(self) -> None:
        assert chosen(upstreams(A, B, C), 7) == "abcabca"

    def test_one_alone(self) -> None:
        assert chosen(upstreams(A), 3) == "aaa"

    def test_the_rest_share_evenly_when_one_is_out(self) -> None:
        of = upstreams(A, B, C, D)
        of.members[1].healthy = False
        assert chosen(of, 7) == "acdacda"

    def test_those_tried_already_come_last(self) -> None:
        of = upstreams(A, B, C)
        a, b, c = of.members
        assert of.choose(0.0, avoid=(a,)) is b
        assert of.choose(0.0, avoid=(b, c)) is a
        assert of.choose(0.0, avoid={a, b, c}) is b, "all were tried: the turn decides"

    def test_one_alone_gets_what_it_had_already(self) -> None:
        of = upstreams(A)
        assert of.choose(0.0, avoid=of.members) is of.members[0]


class TestEjection:
    def test_an_open_breaker(self) -> None:
        of = upstreams(A, B, C)
        eject(of.members[1])
        assert chosen(of, 4, now=0.5) == "acac"

    def test_it_comes_back_by_one_probe(self) -> None:
        of = upstreams(A, B, C)
        b = of.members[1]
        eject(b)
        assert chosen(of, 6, now=1.0) == "abcaca", "its probe is under way"
        assert b.breaker.succeeded(b.breaker.ticket)
        assert chosen(of, 3, now=1.0) == "bca"

    def test_health_takes_it_out_and_back(self) -> None:
        of = upstreams(A, B)
        of.members[0].healthy = False
        assert chosen(of, 3) == "bbb"
        of.members[0].healthy = True
        assert chosen(of, 3) == "aba"

    def test_no_probe_where_health_says_no(self) -> None:
        of = upstreams(A, B)
        a, _ = of.members
        a.healthy = False
        eject(a)
        assert chosen(of, 3, now=50.0) == "bbb"
        assert a.breaker.remaining(0.0) == 1, "still open, not half-open"

    def test_when_checks_say_no_to_all_every_one_is_used(self) -> None:
        of = upstreams(A, B)
        for member in of.members:
            member.healthy = False
        assert chosen(of, 4) == "abab"

    def test_unhealthy_is_better_than_an_open_breaker(self) -> None:
        of = upstreams(A, B)
        a, b = of.members
        a.healthy = False
        eject(b)
        assert chosen(of, 3, now=0.5) == "aaa"

    def test_none_when_every_breaker_is_open(self) -> None:
        of = upstreams(A, B)
        a, b = of.members
        eject(a, now=10.0)
        eject(b, now=10.5)
        assert chosen(of, 2, now=10.9) == "--"
        assert chosen(of, 2, now=11.0) == "a-"
        assert chosen(of, 2, now=11.5) == "b-"


class TestRetryAfter:
    def test_is_until_the_first_may_be_probed(self) -> None:
        of = upstreams(A, B, limits=BreakerLimits(failures=1, seconds=8.0))
        a, b = of.members
        eject(a, now=0.0)
        eject(b, now=3.0)
        assert [of.retry_after(now) for now in (3.0, 3.5, 7.5)] == [5, 5, 1]

    def test_is_at_least_a_second(self) -> None:
        of = upstreams(A)
        eject(of.members[0], now=0.0)
        assert of.retry_after(0.999) == 1
        assert chosen(of, 2, now=1.0) == "a-"
        assert of.retry_after(1.0) == 1, "a probe is under way"


class TestMembers:
    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("http://legacy:8001", "legacy:8001"),
            ("http://legacy", "legacy:80"),
            ("https://legacy", "legacy:443"),
            ("http://[::1]", "[::1]:80"),
            ("http://[::1]:8001", "[::1]:8001"),
        ],
    )
    def test_names(self, url: str, name: str) -> None:
        (member,) = upstreams(url).members
        assert (member.url, member.name, member.pool) == (url, name, f"pool of {url}")

    @pytest.mark.parametrize("urls", [(), (A, B, A)])
    def test_at_least_one_and_none_twice(self, urls: tuple[str, ...]) -> None:
        with pytest.raises(ValueError, match="at least one member, and each URL once"):
            upstreams(*urls)

    def test_those_that_stay_keep_their_state(self) -> None:
        before = upstreams(A, B)
        eject(before.members[1])
        before.members[0].healthy = False
        limits = BreakerLimits(failures=1, seconds=9.0)
        after = before.updated([C, B, A], limits, lambda url: f"new pool of {url}")
        c, b, a = after.members
        assert (b, a) == (before.members[1], before.members[0])
        assert (c.pool, c.healthy, c.breaker.closed) == (f"new pool of {C}", True, True)
        assert (b.breaker.closed, a.healthy) == (False, False)
        assert [member.breaker.limits for member in after.members] == [limits] * 3

    def test_another_scheme_is_another_upstream(self) -> None:
        before = upstreams("http://a:443")
        after = before.updated(["https://a:443"], LIMITS, str)
        assert after.members[0] is not before.members[0]


@dataclass
class Traffic:
    """Requests at an even rate, each sent again at most once and only from the budget."""

    of: Upstreams[str]
    budget: RetryBudget
    bad: set[str]
    attempts: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    now: float = 0.0

    def run(self, requests: int, per_second: float) -> None:
        for _ in range(requests):
            self.now += 1 / per_second
            self.budget.requests += 1
            self.outcomes[self._ask()] += 1

    def _ask(self) -> str:
        tried: list[Member[str]] = []
        while (member := self.of.choose(self.now, tried)) is not None:
            ticket = member.breaker.ticket
            self.attempts[member.url] += 1
            if member.url not in self.bad:
                member.breaker.succeeded(ticket)
                return "answered"
            member.breaker.failed(self.now, ticket)
            tried.append(member)
            if len(tried) == 2 or not self.budget.withdraw(self.now):
                return "failed"
        return "refused"


def test_one_bad_of_three_gets_its_probes_and_nobody_notices() -> None:
    traffic = Traffic(upstreams(A, B, C), RetryBudget(0.25, 10, now=0.0), bad={B})
    traffic.run(128 * 128, per_second=128)
    assert traffic.outcomes == {"answered": 128 * 128}
    # Five to open, then probes 1, 2, 4, 8, 16, 30, 30, 30 s apart: the last of them at 121 s.
    assert traffic.attempts[B] == 5 + 8
    assert traffic.attempts[A] + traffic.attempts[C] == 128 * 128
    assert abs(traffic.attempts[A] - traffic.attempts[C]) <= traffic.attempts[B]


def test_a_recovered_one_gets_its_third_again() -> None:
    traffic = Traffic(upstreams(A, B, C), RetryBudget(0.25, 10, now=0.0), bad={B})
    traffic.run(128 * 10, per_second=128)
    traffic.bad.clear()
    traffic.run(128 * 30, per_second=128)
    traffic.attempts.clear()
    traffic.run(300, per_second=128)
    assert traffic.attempts == {A: 100, B: 100, C: 100}


def test_the_budget_bounds_retries_where_no_breaker_opens() -> None:
    """Both fail every request, and breakers that stay closed are no help."""
    never = BreakerLimits(failures=1_000_000)
    traffic = Traffic(upstreams(A, B, limits=never), RetryBudget(0.25, 10, now=0.0), bad={A, B})
    traffic.run(16 * 1024, per_second=1024)
    retries = traffic.attempts.total() - 16 * 1024
    assert retries == 10 + 16 * 1024 // 4 + 16 * 10
    assert retries <= BURST + 16 * 1024 // 4 + 16 * 10
    assert traffic.outcomes == {"failed": 16 * 1024}


def test_all_bad_refuses_at_once_between_probes() -> None:
    traffic = Traffic(upstreams(A, B), RetryBudget(0.25, 10, now=0.0), bad={A, B})
    traffic.run(128 * 64, per_second=128)
    # Each: five to open, then probes 1, 2, 4, 8, 16 and 30 s apart within the 64 s.
    assert traffic.attempts == {A: 5 + 6, B: 5 + 6}
    assert traffic.outcomes["answered"] == 0
    assert traffic.outcomes["refused"] + traffic.outcomes["failed"] == 128 * 64
