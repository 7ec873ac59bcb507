"""When a canary ends, and when it does not: simulated seconds, with exact counts."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest

from proxy.ownership.gates import breaches
from proxy.ownership.measures import LATEST_SECONDS, Measures, Sides
from proxy.parity.tally import Parity, PathTally, RouteTally
from proxy.routing.config import GatesConfig
from proxy.telemetry.tally import BUCKETS
from proxy.traffic.load import NO_ANSWERS, NOTHING, Load
from tests.longer import shorter
from tests.proxy.ownership.test_gates import differing, load

GATES = GatesConfig()
OFF = GatesConfig.model_validate("off")
BUCKET_SECONDS = 2
LEGACY, NATIVE = 45, 5
"""Requests a second: 50 of them, a tenth native."""

Answer = Callable[[Random], tuple[float, bool]]
"""How long one takes, and whether it failed."""


def usual(random: Random) -> tuple[float, bool]:
    """20 ms, with a tail: one of a hundred takes 150 ms and more. Two of a thousand fail."""
    return random.lognormvariate(-3.9, 0.8), random.random() < 0.002


def failing(share: float) -> Answer:
    return lambda random: (usual(random)[0], random.random() < share)


def slower(seconds: float) -> Answer:
    return lambda random: (usual(random)[0] + seconds, usual(random)[1])


def answers(random: Random, number: int, answer: Answer) -> Load:
    buckets, seconds, errors = list(NO_ANSWERS), 0.0, 0
    for _ in range(number):
        took, failed = answer(random)
        buckets[bisect_left(BUCKETS, took)] += 1
        seconds += took
        errors += failed
    return Load(number, errors, seconds, tuple(buckets))


@dataclass
class Canary:
    """Buckets of two seconds, as the workers write them down."""

    random: Random
    native: Answer = usual

    def __post_init__(self) -> None:
        self._buckets: deque[Sides] = deque(maxlen=int(GATES.window / BUCKET_SECONDS))

    def passes(self) -> Measures:
        """Two seconds pass."""
        self._buckets.append(
            Sides(
                answers(self.random, NATIVE * BUCKET_SECONDS, self.native),
                answers(self.random, LEGACY * BUCKET_SECONDS, usual),
            )
        )
        latest = int(LATEST_SECONDS / BUCKET_SECONDS)
        whole, lately = list(self._buckets), list(self._buckets)[-latest:]
        return Measures(domain="downloads", whole=total(whole), latest=total(lately))


def total(sides: list[Sides]) -> Sides:
    return Sides(
        sum((one.native for one in sides), NOTHING), sum((one.legacy for one in sides), NOTHING)
    )


def seconds_until(canary: Canary) -> Iterator[tuple[int, tuple[str, ...]]]:
    for seconds in range(BUCKET_SECONDS, 62, BUCKET_SECONDS):
        yield seconds, breaches(canary.passes(), GATES)


def ended_after(native: Answer, seed: int) -> tuple[int, str]:
    """Seconds from the first bad answers, and why; half a minute of good ones came before."""
    canary = Canary(Random(seed))
    for _ in range(15):
        assert breaches(canary.passes(), GATES) == ()
    canary.native = native
    for seconds, found in seconds_until(canary):
        if found:
            return seconds, found[0]
    raise AssertionError("it goes on")


@pytest.mark.parametrize(
    ("native", "latest", "why"),
    [
        (failing(1.0), 4, "native answers failed"),
        (failing(0.5), 8, "native answers failed"),
        (slower(2.0), 4, "native answers take"),
        (slower(0.3), 4, "native answers take"),
    ],
)
def test_a_bad_native_side_is_seen_within_ten_seconds(
    native: Answer, latest: int, why: str
) -> None:
    """Of 100 canaries with bad answers: none takes longer than that many seconds."""
    ends = [ended_after(native, seed) for seed in range(shorter(100, 10))]
    assert all(why in reason for _, reason in ends)
    assert max(seconds for seconds, _ in ends) <= latest


def test_a_fifth_that_fails_is_seen_a_little_later() -> None:
    ends = sorted(ended_after(failing(0.2), seed)[0] for seed in range(shorter(100, 11)))
    assert (ends[len(ends) // 2], ends[-1]) == (14, 26)


def test_a_healthy_native_side_is_never_accused() -> None:
    """Ten canaries of an hour each: 18,000 looks at windows that hold 2.7 million requests."""
    found = []
    for seed in range(shorter(10, 1)):
        canary = Canary(Random(seed))
        found += [
            breach for _ in range(shorter(1800, 600)) for breach in breaches(canary.passes(), GATES)
        ]
    assert found == []


def test_nor_where_both_sides_fail_alike() -> None:
    """One of twenty answers of either side fails: no reason to go back."""
    random = Random(7)
    for _ in range(shorter(1000, 100)):
        sides = Sides(
            answers(random, 150, failing(0.05)),
            answers(random, 1350, failing(0.05)),
        )
        assert breaches(Measures(domain="x", whole=sides, latest=sides), GATES) == ()


def test_few_answers_accuse_nobody() -> None:
    broken = Sides(load(19, errors=19), load(171))
    assert breaches(Measures(domain="x", whole=broken, latest=broken), GATES) == ()
    broken = Sides(load(20, errors=20), load(180))
    assert breaches(Measures(domain="x", whole=broken, latest=broken), GATES) == (
        "20 of 20 native answers failed, 0 of 180 legacy answers failed",
    )


def test_without_legacy_answers_the_last_ones_are_compared_with() -> None:
    slow = Sides(load(150, bucket=9))
    assert breaches(Measures(domain="x", whole=slow), GATES) == ()
    assert breaches(Measures(domain="x", whole=slow, before=load(200)), GATES) == (
        "native answers take 975 ms, legacy ones 10 ms (95 % of them are faster)",
    )


def test_slower_by_less_than_allowed_is_good_enough() -> None:
    gates = GATES.model_copy(update={"latency": 1.0})
    slow = Sides(load(150, bucket=9), load(1350))
    assert breaches(Measures(domain="x", whole=slow, latest=slow), gates) == ()


def test_what_differs_now_is_held_against_the_noise_that_is_known() -> None:
    told = (
        "/downloads/**: json:$/name differs in 25 of 25 answers, as GET /downloads/3/: "
        "'3.13' is '3.12' natively"
    )
    hour = differing(25, asked=100_000, repeated=1000)
    recent = differing(25, asked=25, repeated=2)
    assert breaches(Measures(domain="x", parity=hour, recent=recent), GATES) == (told,)
    noise = differing(30_000, asked=100_000, repeated=1000, noisy=300)
    assert breaches(Measures(domain="x", parity=noise, recent=noise), GATES) == ()
    assert breaches(Measures(domain="x", parity=noise, recent=recent), GATES) == (told,)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.3])
def test_noise_ends_no_canary(share: float) -> None:
    """An hour of comparisons, 45 a second, one of ten asked twice: looked at each second."""
    random, known = Random(3), RouteTally("downloads", "/downloads/**")
    parity = Parity()
    parity.routes["downloads", "/downloads/**"] = known
    path = known.paths.setdefault("json:$/now", PathTally())
    for second in range(shorter(3600, 900)):
        for _ in range(45):
            differs = random.random() < share
            known.asked += 1
            known.equal += not differs
            path.differing += differs
        for _ in range(4 + second % 2):
            known.repeated += 1
            if random.random() < share:
                known.noisy["json:$/now"] = known.noisy.get("json:$/now", 0) + 1
        assert breaches(Measures(domain="x", parity=parity), GATES) == ()


def test_two_percent_that_are_wrong_are_found_as_the_noise_gets_known() -> None:
    """45 comparisons a second, one of ten asked twice."""
    random = Random(5)
    seconds, wrong = 0, 0
    found: tuple[str, ...] = ()
    while not found:
        seconds += 1
        wrong += sum(random.random() < 0.02 for _ in range(45))
        parity = differing(wrong, asked=45 * seconds, repeated=int(4.5 * seconds))
        found = breaches(Measures(domain="x", parity=parity), GATES)
    assert seconds <= 240


def test_off_ends_nothing() -> None:
    broken = Sides(load(150, errors=150), load(1350))
    assert breaches(Measures(domain="x", whole=broken, latest=broken), OFF) == ()
