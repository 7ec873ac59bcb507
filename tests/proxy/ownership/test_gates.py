"""What a domain has to show, gate by gate."""

from dataclasses import replace

import pytest

from proxy.ownership.gates import Gate, is_open, judge
from proxy.ownership.measures import Measures, Sides, Stream
from proxy.ownership.phases import Phase
from proxy.parity.finding import Kind
from proxy.parity.tally import Example, Parity, PathTally, RouteTally
from proxy.routing.config import OPEN, GatesConfig
from proxy.traffic.load import NO_ANSWERS, Load

GATES = GatesConfig()
OFF = GatesConfig.model_validate("off")
STREAM = Stream(lag=0.2)
EXAMPLE = Example(0.0, "GET", "/downloads/3/", "json:$/name", Kind.DIFFERS, "3.13", "3.12")


def route(name: str = "/downloads/**", **counts: object) -> RouteTally:
    tally = RouteTally("downloads", name)
    for count, value in counts.items():
        setattr(tally, count, value)
    return tally


def parity(*routes: RouteTally) -> Parity:
    found = Parity()
    found.routes = {(one.domain, one.route): one for one in routes}
    return found


def load(requests: int, errors: int = 0, bucket: int = 3) -> Load:
    """All answers in one bucket: 5 to 10 ms, if not said otherwise."""
    buckets = list(NO_ANSWERS)
    buckets[bucket] = requests
    return Load(requests, errors, 0.007 * requests, tuple(buckets))


ALIKE = parity(route(asked=600, equal=600, repeated=60))
GOOD = Measures(domain="downloads", parity=ALIKE, stream=STREAM)
CANARY = replace(GOOD, whole=Sides(load(150), load(1350)))


def failed(
    measures: Measures, frm: Phase, to: Phase, gates: GatesConfig = GATES
) -> dict[str, Gate]:
    return {gate.name: gate for gate in judge(measures, frm, to, gates) if not gate.passed}


def names(measures: Measures, frm: Phase, to: Phase) -> list[str]:
    return [gate.name for gate in judge(measures, frm, to, GATES)]


SHOWN = ["samples", "parity", "differences", "stream", "lag", "quarantine", "drift"]


@pytest.mark.parametrize(
    ("frm", "to", "asked"),
    [
        (Phase.LEGACY, Phase.SHADOW, []),
        (Phase.SHADOW, Phase.CANARY, SHOWN),
        (Phase.LEGACY, Phase.CANARY, SHOWN),
        (Phase.LEGACY, Phase.READS, SHOWN),
        (Phase.LEGACY, Phase.NATIVE, SHOWN),
        (Phase.CANARY, Phase.CANARY, [*SHOWN, "errors", "latency"]),
        (Phase.CANARY, Phase.READS, [*SHOWN, "errors", "latency"]),
        (Phase.READS, Phase.NATIVE, [*SHOWN[3:], "errors", "latency"]),
        (Phase.NATIVE, Phase.RETIRED, []),
        (Phase.READS, Phase.READS, []),
        (Phase.READS, Phase.CANARY, []),
        (Phase.NATIVE, Phase.LEGACY, []),
        (Phase.CANARY, Phase.SHADOW, []),
    ],
)
def test_which_gates_are_on_which_way(frm: Phase, to: Phase, asked: list[str]) -> None:
    assert names(CANARY, frm, to) == asked
    assert failed(CANARY, frm, to) == {}


def test_a_domain_without_tables_has_no_rows_to_show() -> None:
    assert names(replace(GOOD, stream=None), Phase.SHADOW, Phase.CANARY) == SHOWN[:3]


def test_nothing_compared_is_nothing_shown() -> None:
    found = failed(replace(GOOD, parity=Parity()), Phase.LEGACY, Phase.READS)
    assert set(found) == {"samples", "parity"}
    samples = found["samples"]
    assert (samples.value, samples.wanted) == ("0 compared answers", "at least 500")
    assert samples.remedy == (
        "wait for more requests in shadow; `sample` of downloads says how many are compared"
    )


@pytest.mark.parametrize(("alike", "passed"), [(381, True), (380, False)])
def test_parity_is_the_worse_end_of_what_the_counts_allow(alike: int, passed: bool) -> None:
    """All alike: 381 answers prove 99 %, 380 do not."""
    measures = replace(GOOD, parity=parity(route(asked=alike, equal=alike)))
    gates = GATES.model_copy(update={"samples": 100})
    assert ("parity" not in failed(measures, Phase.SHADOW, Phase.CANARY, gates)) is passed


def differing(differing: int, *, noisy: int = 0, repeated: int = 60, asked: int = 600) -> Parity:
    path = PathTally(differing, {Kind.DIFFERS: differing}, [EXAMPLE])
    return parity(
        route(
            asked=asked,
            equal=asked - differing,
            repeated=repeated,
            noisy={"json:$/name": noisy} if noisy else {},
            paths={"json:$/name": path},
        )
    )


def test_noise_counts_as_alike() -> None:
    measures = replace(GOOD, parity=differing(300, noisy=30))
    assert failed(measures, Phase.SHADOW, Phase.CANARY) == {}


def test_a_clear_difference_is_named_with_its_route_path_and_example() -> None:
    found = failed(replace(GOOD, parity=differing(200)), Phase.SHADOW, Phase.CANARY)
    assert set(found) == {"parity", "differences"}
    assert found["parity"].value == "62.79 % or more (400 of 600 answers are alike)"
    assert found["differences"].value == (
        "/downloads/**: json:$/name differs in 200 of 600 answers, as GET /downloads/3/: "
        "'3.13' is '3.12' natively"
    )


def test_a_route_of_few_requests_is_not_lost_among_many() -> None:
    many = route("/many/**", asked=100_000, equal=100_000, repeated=1000)
    (few,) = differing(20, asked=20, repeated=20)
    found = failed(replace(GOOD, parity=parity(many, few)), Phase.SHADOW, Phase.CANARY)
    assert set(found) == {"differences"}


def test_a_clear_difference_so_rare_that_parity_allows_it_passes() -> None:
    measures = replace(GOOD, parity=differing(20, asked=10_000, repeated=10_000))
    assert failed(measures, Phase.SHADOW, Phase.CANARY) == {}


def test_questions_without_an_answer_count_against_the_native_side() -> None:
    measures = replace(GOOD, parity=parity(route(asked=700, equal=600, failed=100)))
    (gate,) = failed(measures, Phase.SHADOW, Phase.CANARY).values()
    assert gate.value.endswith("(600 of 700 answers are alike, 100 were not answered)")


def test_what_the_native_side_leaves_to_the_legacy_side_is_not_judged() -> None:
    measures = replace(GOOD, parity=parity(route(asked=700, equal=600, left=100)))
    assert failed(measures, Phase.SHADOW, Phase.CANARY) == {}


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"stream": Stream(lag=5.1)}, "lag", "5.1 s"),
        ({"set_apart": 3}, "quarantine", "3 rows"),
        ({"drift": 2}, "drift", "2 rows"),
        ({"drift": None}, "drift", "not known"),
    ],
)
def test_the_rows_have_to_be_there(change: dict[str, object], name: str, value: str) -> None:
    (gate,) = failed(replace(GOOD, **change), Phase.SHADOW, Phase.CANARY).values()  # type: ignore[arg-type]
    assert (gate.name, gate.value, gate.soft) == (name, value, True)


@pytest.mark.parametrize(
    ("drift", "remedy"), [(None, "verify --domain downloads"), (2, "repair --domain downloads")]
)
def test_drift_says_what_to_run(drift: int | None, remedy: str) -> None:
    found = failed(replace(GOOD, drift=drift), Phase.SHADOW, Phase.CANARY)
    assert found["drift"].remedy == f"run `strangler sync {remedy}`"


@pytest.mark.parametrize(
    ("to", "soft"), [(Phase.CANARY, True), (Phase.READS, True), (Phase.NATIVE, False)]
)
def test_a_stream_that_stands_still_is_hard_where_rows_are_handed_over(
    to: Phase, soft: bool
) -> None:
    measures = replace(GOOD, stream=Stream(None, "its slot is gone"))
    found = failed(measures, Phase.SHADOW, to)
    assert {name: gate.soft for name, gate in found.items()} == {"stream": soft, "lag": True}
    assert found["stream"].value == "standing still: its slot is gone"


def test_the_canary_must_not_have_failed_clearly_more_often() -> None:
    few = replace(CANARY, whole=Sides(load(20, errors=1), load(180)))
    assert failed(few, Phase.CANARY, Phase.READS) == {}
    many = replace(CANARY, whole=Sides(load(150, errors=15), load(1350, errors=2)))
    (gate,) = failed(many, Phase.CANARY, Phase.READS).values()
    assert gate.name == "errors"
    assert gate.value == "15 of 150 native answers failed, 2 of 1350 legacy answers failed"


def test_the_canary_must_not_have_been_clearly_slower() -> None:
    slow = replace(CANARY, whole=Sides(load(150, bucket=8), load(1350)))
    (gate,) = failed(slow, Phase.CANARY, Phase.READS).values()
    assert gate.value == "488 ms natively, 10 ms on the legacy side (95 % of answers)"
    assert gate.wanted == "no more than 100 ms above legacy"


def test_without_legacy_answers_earlier_ones_are_compared_with() -> None:
    slow = replace(CANARY, whole=Sides(load(150, bucket=8)))
    assert failed(slow, Phase.READS, Phase.NATIVE) == {}
    known = replace(slow, before=load(200))
    assert set(failed(known, Phase.READS, Phase.NATIVE)) == {"latency"}


def test_off_leaves_only_what_nobody_may_pass() -> None:
    assert is_open(OFF)
    assert not is_open(GATES)
    assert {name: getattr(OFF, name) for name in OPEN} == OPEN
    bad = replace(GOOD, parity=Parity(), drift=None, stream=Stream(None, "gone"))
    assert judge(bad, Phase.LEGACY, Phase.READS, OFF) == ()
    assert set(failed(bad, Phase.LEGACY, Phase.NATIVE, OFF)) == {"stream"}
