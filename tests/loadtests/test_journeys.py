"""What a load makes of what it sees: figures, comparisons and the verdict."""

import json
from collections.abc import Callable
from itertools import count

import pytest

from loadtests.journeys.figures import OTHER, REASONS, Figures, StepFigures
from loadtests.journeys.links import kind, links
from loadtests.journeys.parity import Asked, Comparing, Owner, SideError, Told
from loadtests.journeys.report import UNCOMPARED, LoadReport
from loadtests.journeys.seen import Seen
from proxy.parity.answer import Answer, Question

PLAIN = ((b"content-type", b"application/json"),)
Body = Callable[[], bytes]


def told(body: bytes, owner: str) -> Told:
    return Told(Answer(200, PLAIN, body), owner)


def asked(body: bytes, owner: str = "legacy") -> Asked:
    return Asked("downloads", "GET /api/", Question("GET", "/api/", "host"), (), told(body, owner))


def sides(**bodies: Body) -> Callable[[Owner, Asked], Told]:
    return lambda side, _: told(bodies[side](), side)


def comparing(ask: Callable[[Owner, Asked], Told], repeat: float = 0.0) -> Comparing:
    return Comparing(1.0, repeat, ask, sleep=lambda seconds: None)


def test_percentiles_are_of_all_answers_and_add_up() -> None:
    one, other = StepFigures(seconds=2.0), StepFigures(seconds=2.0)
    for milliseconds in range(1, 51):
        one.add(milliseconds, None)
        other.add(milliseconds + 50, None)
    one.merge(other)
    assert [one.percentile(share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert (one.requests, one.rate) == (100, 25.0)
    assert StepFigures().percentile(0.5) == 0.0


def test_times_are_kept_with_three_digits() -> None:
    figures = StepFigures()
    for milliseconds in (0.0, 0.12345, 12.345, 1234.5):
        figures.add(milliseconds, None)
    assert figures.times == {0.0: 1, 0.123: 1, 12.3: 1, 1230.0: 1}


def test_of_too_many_reasons_the_first_are_kept() -> None:
    figures = StepFigures()
    for number in range(REASONS + 2):
        figures.add(1.0, f"reason {number}")
    assert len(figures.reasons) == REASONS + 1
    assert (figures.reasons[OTHER], figures.failures) == (2, REASONS + 2)


def test_what_was_seen_survives_json_and_adds_up() -> None:
    seen = Seen()
    seen.figures.add("browse: GET /", "legacy", 12.5, None)
    seen.figures.add("browse: GET /", "native", 7.25, "answered 500")
    seen.figures.complete("browse")
    seen.settle("GET /")
    sent = Seen.from_builtins(json.loads(json.dumps(seen.lasting(4.0).to_builtins())))
    sent.merge(seen)
    assert sent.figures.steps["browse: GET /"] == {
        "legacy": StepFigures(2, 0, 8.0, {12.5: 2}),
        "native": StepFigures(2, 2, 8.0, {7.25: 2}, {"answered 500": 2}),
    }
    assert (sent.figures.journeys, sent.settled, sent.seconds) == ({"browse": 2}, {"GET /": 2}, 8.0)


def test_the_other_side_says_the_same() -> None:
    for owner in ("native", "legacy"):
        load = comparing(sides(native=lambda: b'{"a": 1}', legacy=lambda: b'{"a":1}'), repeat=1.0)
        load.check(asked(b'{"a": 1}', owner))
        assert load.seen.parity.totals() == {
            "asked": 1, "equal": 1, "left": 0, "failed": 0, "repeated": 1
        }  # fmt: skip


def test_a_difference_is_named_from_the_legacy_side() -> None:
    load = comparing(sides(legacy=lambda: b'{"name": "Python"}'))
    load.check(asked(b'{"name": "python"}', "native"))
    (route,) = load.seen.parity
    (example,) = route.paths["json:/name"].examples
    assert (example.control, example.candidate) == ("Python", "python")
    assert not load.seen.parity.equal


def test_what_the_legacy_side_does_not_repeat_is_noise() -> None:
    numbers = count()

    def legacy() -> bytes:
        return b"%d" % next(numbers)

    load = comparing(sides(legacy=legacy), repeat=1.0)
    load.check(asked(b"-1", "native"))
    (route,) = load.seen.parity
    assert (route.compared, route.equal, route.repeated) == (1, 0, 1)
    assert load.seen.parity.equal


def test_an_edit_on_its_way_is_waited_for() -> None:
    arrived = iter([b"[0]", b"[0]", b"[1]"])
    load = comparing(sides(native=lambda: next(arrived), legacy=lambda: b"[1]"))
    load.edits.note()
    load.check(asked(b"[1]"))
    assert load.seen.settled == {"GET /api/": 1}
    assert load.seen.parity.equal


def test_without_an_edit_a_difference_is_not_looked_at_twice() -> None:
    arrived = iter([b"[0]", b"[1]"])
    load = comparing(sides(native=lambda: next(arrived), legacy=lambda: b"[1]"))
    load.check(asked(b"[1]"))
    assert load.seen.settled == {}
    assert not load.seen.parity.equal


def test_what_the_native_side_leaves_is_counted() -> None:
    load = comparing(lambda side, asked: told(b"[]", "legacy"))
    load.check(asked(b"[]"))
    assert load.seen.parity.totals()["left"] == 1
    assert LoadReport(load.seen).faults == ["nothing was asked"]


@pytest.mark.parametrize(
    ("first", "other", "owner"),
    [
        ("native", "legacy", "native"),
        ("native", "legacy", "nobody"),
        ("legacy", "native", "nobody"),
    ],
)
def test_a_side_that_cannot_be_asked_is_a_failure(first: str, other: str, owner: str) -> None:
    load = comparing(lambda side, asked: told(b"[]", owner))
    load.check(asked(b"[]", first))
    (route,) = load.seen.parity
    assert route.notes == {f"the {other} side was asked for, and {owner} answered": 1}
    assert not load.seen.parity.equal


def test_a_side_that_does_not_answer_is_a_failure() -> None:
    def ask(side: Owner, asked: Asked) -> Told:
        raise SideError("the native side: ConnectionRefusedError")

    load = comparing(ask)
    load.check(asked(b"[]"))
    (route,) = load.seen.parity
    assert (route.failed, route.notes) == (1, {"the native side: ConnectionRefusedError": 1})


def test_a_report_holds_or_says_why_not() -> None:
    seen = Seen()
    assert LoadReport(seen).faults == ["nothing was asked"]
    seen.figures.add("browse: GET /", "legacy", 10.0, None)
    assert LoadReport(seen).faults == [UNCOMPARED]
    assert LoadReport(seen, asserting=False).held
    assert LoadReport(seen, asserting=False, journeys=["browse"]).faults == [
        "nobody went the journey 'browse' to its end"
    ]
    seen.figures.add("browse: GET /", "native", 5.0, "answered 500")
    report = LoadReport(seen.lasting(2.0), asserting=False)
    assert report.faults == ["1 requests failed"]
    step, total = report.as_dict()["steps"]
    assert step["ratio"] == {"p50": 0.5, "p95": 0.5, "p99": 0.5}
    assert (step["step"], step["native"]["rps"], total["step"]) == ("browse: GET /", 0.5, "all")
    assert "failed: browse: GET / (native): answered 500: 1" in report.as_text()
    assert "NOT held: 1 requests failed" in report.as_text()


def test_totals_are_of_one_owner() -> None:
    figures = Figures()
    for step in ("a", "b"):
        figures.add(step, "native", 1.0, None)
    figures.add("b", "legacy", 3.0, None)
    for found in figures:
        found.seconds = 2.0
    assert (figures.total("native").requests, figures.total("native").rate) == (2, 1.0)
    assert (figures.total("legacy").requests, figures.owners) == (1, ["legacy", "native"])


def test_links_of_this_site_are_followed_each_once() -> None:
    page = """
        <a href="/downloads/">here</a> <a href="#top">top</a> <a href="latest/">latest</a>
        <a href="/downloads/latest/?x=1#y">query</a> <a href="/downloads/latest/">again</a>
        <a href="https://elsewhere.example/">away</a> <a href="mailto:a@example.org">mail</a>
        <a href="/accounts/login/">account</a> <a href="/accountsx/">no account</a><a>none</a>
    """
    assert links(page, "/downloads/") == [
        "/downloads/latest/",
        "/downloads/latest/?x=1",
        "/accountsx/",
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "/"),
        ("/downloads/", "/downloads/"),
        ("/downloads/latest/", "/downloads/latest/"),
        ("/downloads/latest/python3.13/", "/downloads/latest/[series]"),
        ("/downloads/operating-systems/", "/downloads/operating-systems/"),
        ("/downloads/windows/", "/downloads/[system]/"),
        ("/downloads/release/python-3140/", "/downloads/release/[release]/"),
        ("/downloads/feed.rss", "/downloads/feed.rss"),
        ("/about/", "/about/"),
        ("/psf/records/2004/", "/psf/[…]/"),
    ],
)
def test_pages_of_one_kind_have_one_name(path: str, name: str) -> None:
    assert kind(path) == name
