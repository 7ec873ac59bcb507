"""Percentiles, medians and ratios, worked out by hand."""

import random

import pytest

from proxy.bench.cases import CASES, Case
from proxy.bench.figures import TARGETS, Ratio, Round, Verdict, percentile, ratio, result, verdicts

ALONE, MANY, VARIED, *_ = CASES


def one_round(
    requests: int,
    *,
    seconds: float = 1.0,
    p50: float | None = 1.0,
    p95: float | None = 1.5,
    p99: float | None = 2.0,
    errors: dict[str, int] | None = None,
    peer_cpu: float = 0.0,
) -> Round:
    return Round(
        requests=requests,
        seconds=seconds,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        errors=errors or {},
        peer_cpu=peer_cpu,
        driver_cpu=0.5,
    )


@pytest.mark.parametrize(
    ("count", "percent", "expected"),
    [
        (1, 50, 1),
        (1, 99, 1),
        (2, 50, 1),
        (2, 99, 2),
        (3, 50, 2),
        (99, 99, 99),
        (100, 50, 50),
        (100, 99, 99),
        (101, 99, 100),
        (1000, 50, 500),
        (1000, 99, 990),
        (1001, 99, 991),
    ],
)
def test_percentile_is_the_nearest_rank(count: int, percent: int, expected: int) -> None:
    assert percentile(range(1, count + 1), percent) == expected


def test_percentile_is_the_least_value_that_so_many_do_not_exceed() -> None:
    values = sorted(random.Random(3).choices(range(50), k=777))
    for percent in range(1, 101):
        reached = percentile(values, percent)
        share = [sum(value <= bound for value in values) / len(values) for bound in range(50)]
        least = min(bound for bound in values if share[bound] >= percent / 100)
        assert reached == least


def test_a_result_is_the_median_of_its_rounds_and_the_sum_of_its_errors() -> None:
    rounds = [
        one_round(100, p50=3.0, p95=5.0, p99=9.0, peer_cpu=0.5, errors={"closed": 2}),
        one_round(900, p50=1.0, p95=4.0, p99=7.0, peer_cpu=0.9),
        one_round(
            600, seconds=2.0, p50=2.0, p99=8.0, peer_cpu=1.2, errors={"closed": 1, "reset": 4}
        ),
    ]
    found = result("nginx", MANY, rounds)
    assert (found.rps, found.p50_ms, found.p95_ms, found.p99_ms) == (300.0, 2.0, 4.0, 8.0)
    assert (found.errors, found.error_reasons) == (7, {"closed": 3, "reset": 4})
    assert (found.cpu_us, found.peer_busy, found.driver_busy) == (2000.0, 0.6, 0.5)
    assert found.rounds_rps == [100.0, 900.0, 300.0]


def test_a_round_without_right_answers_has_no_percentiles() -> None:
    found = result(
        "nginx", MANY, [one_round(0, p50=None, p95=None, p99=None, errors={"closed": 5})]
    )
    assert (found.rps, found.p50_ms, found.p95_ms, found.p99_ms) == (0.0, None, None, None)
    assert found.cpu_us is None


def test_a_ratio_is_taken_within_each_round() -> None:
    ours = [one_round(10, p50=4.0), one_round(100, p50=1.0), one_round(50, p50=6.0)]
    theirs = [one_round(20, p50=2.0), one_round(400, p50=4.0), one_round(50, p50=1.0)]
    found = ratio("nginx", MANY, ours, theirs)
    # 0.5, 0.25, 1 and 2, 0.25, 6; the ratios of the medians would be 1 and 2.
    assert (found.rps, found.p50) == (0.5, 2.0)


def test_there_is_no_ratio_to_one_who_answered_nothing() -> None:
    found = ratio("nginx", MANY, [one_round(10)], [one_round(0, p50=None)])
    assert (found.rps, found.p50) == (None, None)


def compared(against: str, case: Case, rps: float, p50: float) -> Ratio:
    return Ratio(against=against, case=case, rps=rps, p50=p50)


def test_targets_are_met_at_their_bounds_and_open_where_not_measured() -> None:
    ratios = [
        compared("nginx", ALONE, 0.1, 3.0),
        compared("nginx", MANY, 0.45, 9.0),
        compared("nginx", VARIED, 0.1, 9.0),
        compared("httpx", MANY, 9.99, 0.1),
    ]
    assert verdicts(ratios) == [
        Verdict(target=TARGETS[0], reached=0.45, met=True),
        Verdict(target=TARGETS[1], reached=3.0, met=True),
        Verdict(target=TARGETS[2], reached=9.99, met=False),
        Verdict(target=TARGETS[3], reached=None, met=None),
    ]
