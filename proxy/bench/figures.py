"""From rounds to results: percentiles, medians, ratios, and whether the targets are met. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Literal

from proxy.bench.cases import Case


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The nearest rank: the least value that `percent` % of all do not exceed."""
    return ordered[max(ceil(len(ordered) * percent / 100), 1) - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round gave. Times of processors in seconds; errors include those while warming.

    `slow_answers` are the right ones that slow clients had while the visitors asked.
    """

    requests: int
    seconds: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    errors: Mapping[str, int]
    peer_cpu: float
    driver_cpu: float
    slow_answers: int = 0

    @property
    def rps(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One peer in one case: medians over its rounds, and the sum of its errors.

    `cpu_us` is the peer's processor time a request, in microseconds. `peer_busy` and `driver_busy`
    are the shares of the time that either was at work: a peer much below 1 was not at its limit.
    """

    name: str
    case: Case
    rps: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    errors: int
    error_reasons: Mapping[str, int]
    cpu_us: float | None
    peer_busy: float
    driver_busy: float
    rounds_rps: Sequence[float]


def result(name: str, case: Case, rounds: Sequence[Round]) -> Result:
    reasons: dict[str, int] = {}
    for one in rounds:
        for reason, count in one.errors.items():
            reasons[reason] = reasons.get(reason, 0) + count
    return Result(
        name=name,
        case=case,
        rps=round(median(one.rps for one in rounds), 1),
        p50_ms=_median([one.p50_ms for one in rounds], 4),
        p95_ms=_median([one.p95_ms for one in rounds], 4),
        p99_ms=_median([one.p99_ms for one in rounds], 4),
        errors=sum(reasons.values()),
        error_reasons=reasons,
        cpu_us=_median([_ratio(one.peer_cpu * 1e6 or None, one.requests) for one in rounds], 1),
        peer_busy=round(median(one.peer_cpu / one.seconds for one in rounds), 2),
        driver_busy=round(median(one.driver_cpu / one.seconds for one in rounds), 2),
        rounds_rps=[round(one.rps, 1) for one in rounds],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Ours divided by theirs, computed in each round, then the median. None: nothing to compare."""

    against: str
    case: Case
    rps: float | None
    p50: float | None


def ratio(against: str, case: Case, ours: Sequence[Round], theirs: Sequence[Round]) -> Ratio:
    pairs = list(zip(ours, theirs, strict=True))
    return Ratio(
        against=against,
        case=case,
        rps=_median([_ratio(our.rps, their.rps) for our, their in pairs], 3),
        p50=_median([_ratio(our.p50_ms, their.p50_ms) for our, their in pairs], 3),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What forwarding must reach beside `against`: of rps at least, of p50 at most."""

    measure: Literal["rps", "p50"]
    against: str
    case: Case
    wanted: float

    def met(self, reached: float) -> bool:
        return reached <= self.wanted if self.measure == "p50" else reached >= self.wanted


_ALONE = Case(connections=1, body=1024, direction="down")
_MANY = Case(connections=32, body=1024, direction="down")
TARGETS = (
    Target(measure="rps", against="nginx", case=_MANY, wanted=0.45),
    Target(measure="p50", against="nginx", case=_ALONE, wanted=3.0),
    Target(measure="rps", against="httpx", case=_MANY, wanted=10.0),
    Target(measure="rps", against="aiohttp", case=_MANY, wanted=2.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`met` is None where the target could not be measured."""

    target: Target
    reached: float | None
    met: bool | None


def verdicts(ratios: Sequence[Ratio]) -> list[Verdict]:
    return [_verdict(target, ratios) for target in TARGETS]


def _verdict(target: Target, ratios: Sequence[Ratio]) -> Verdict:
    for one in ratios:
        if (one.against, one.case) == (target.against, target.case):
            reached = one.rps if target.measure == "rps" else one.p50
            met = None if reached is None else target.met(reached)
            return Verdict(target=target, reached=reached, met=met)
    return Verdict(target=target, reached=None, met=None)


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours is not None and theirs else None


def _median(values: Sequence[float | None], digits: int) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), digits) if known else None
