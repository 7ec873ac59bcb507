"""Hostile octets find nothing; and where there is something, they do."""

import json
import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from click.testing import CliRunner

from loadtests.fuzz import __main__ as command
from loadtests.fuzz import answers, campaign, corpus, door, relay, requests
from loadtests.fuzz.campaign import (
    ANSWERS,
    BATCH,
    REQUESTS,
    Campaign,
    Found,
    Report,
    Target,
    checked,
    served_targets,
)
from loadtests.fuzz.choices import Choices
from loadtests.fuzz.minimal import shortened
from loadtests.fuzz.requests import Finding
from loadtests.fuzz.served import Served, serving
from proxy.wire import chunks, fields, request
from proxy.wire.answer import AnswerPlan, read_answer
from proxy.wire.errors import MalformedError
from proxy.wire.fields import KnownLines
from proxy.wire.request import Plan, read_plan
from tests.longer import LONGER, shorter

ROUNDS = shorter(12, 2)
"""With the same cases each time: what others find is for `scripts/fuzz`."""

HOST = b"Host: www.example.org\r\n"
Check = Callable[[Sequence[bytes]], Finding | None]
CHUNKED = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


@LONGER  # .ci/run has a minute of scripts/fuzz
@pytest.mark.musts
def test_hostile_octets_find_nothing(served: Served) -> None:
    targets = (REQUESTS, ANSWERS, *served_targets(served))
    hunt = Campaign(targets, seed=1)
    for _ in range(ROUNDS):
        hunt.round()
    assert [str(found) for found in hunt.report.found] == []
    assert hunt.report.cases == dict.fromkeys(
        ("requests", "answers", "served requests", "served answers"), ROUNDS * BATCH
    )


@pytest.mark.musts
def test_the_classic_ones_neither(served: Served) -> None:
    checks: tuple[tuple[Sequence[bytes], tuple[Check, ...]], ...] = (
        (corpus.REQUESTS, (requests.check, served.requests)),
        (corpus.ANSWERS, (answers.check, served.answers)),
    )
    found = [
        (octets, finding)
        for messages, of_these in checks
        for octets in messages
        for check in of_these
        if (finding := check([octets]))
    ]
    assert found == []


# faults planted in what is judged


def kind_of(finding: Finding | None) -> str:
    assert finding is not None, "the planted fault was not noticed"
    return finding.kind


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a planted fault lets through must not be remembered."""
    monkeypatch.setattr(request, "REQUEST_LINES", KnownLines(fields._kind_in_request))


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        (b"0_0", "alone"),
        (b"0x0", "alone"),
        (b" 0", "alone"),
        (b"0", ""),
    ],
)
def test_chunk_sizes_that_only_we_would_take(
    monkeypatch: pytest.MonkeyPatch, size: bytes, kind: str
) -> None:
    lax = re.compile(rb"[ ]*(?:0x)?([0-9A-Fa-f_]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")
    octets = CHUNKED + b"1\r\nh\r\n" + size + b"\r\n\r\n"
    assert requests.check([octets]) is None
    monkeypatch.setattr(chunks, "_SIZE", lax)
    finding = requests.check([octets])
    assert (finding.kind if finding else "") == kind


def test_a_length_that_only_we_would_take(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +5\r\n\r\nhello"
    assert requests.check([octets]) is None
    monkeypatch.setattr(request, "read_length", lambda values: int(values[0]))
    assert kind_of(requests.check([octets])) == "alone"


def test_control_octets_that_pass(monkeypatch: pytest.MonkeyPatch, lines: None) -> None:
    octets = b"GET / HTTP/1.1\r\n" + HOST + b"X: y\nContent-Length: 5\r\n\r\n"
    assert requests.check([octets]) is None
    monkeypatch.setattr(fields, "_CONTROLS", b"")
    assert kind_of(requests.check([octets], singly=False)) == "strict: refused"


def planted(change: Callable[[Plan], Plan]) -> Callable[[bytes, int, bytes | None], Plan]:
    def read(block: bytes, minor: int, authority: bytes | None) -> Plan:
        return change(read_plan(block, minor, authority))

    return read


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda plan: plan._replace(passing=plan.passing + b"X_A: 1\r\n"), "strict: refused"),
        (lambda plan: plan._replace(passing=plan.passing + HOST), "strict: refused"),
        (lambda plan: plan._replace(passing=plan.passing + b"Cookie: a\r\n"), "fields"),
        (lambda plan: plan._replace(passing=plan.passing + b"TE: trailers\r\n"), "fields"),
        (lambda plan: plan._replace(passing=plan.passing + b"X-Forwarded-For: b\r\n"), "fields"),
        (lambda plan: plan._replace(length=4), "h11: witness"),
    ],
)
def test_what_goes_upstream_is_judged(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Plan], Plan], kind: str
) -> None:
    octets = b"POST / HTTP/1.1\r\n" + HOST + b"Cookie: a\r\nContent-Length: 5\r\n\r\nhello"
    monkeypatch.setattr(door, "read_plan", planted(change))
    assert kind_of(requests.check([octets])) == kind


def test_how_octets_are_parted_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
    assert requests.check([octets]) is None

    def late(_: bytes) -> None:
        raise MalformedError("not in one piece")

    monkeypatch.setattr(request, "check_unfinished", late)
    assert requests.check([octets], singly=False) is None
    assert kind_of(requests.check([octets])) == "parted: octet by octet"
    assert kind_of(requests.check([octets[:9], octets[9:]])) == "parted: pieces"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda plan: plan._replace(start=plan.start + b"TE: x\r\n"), "fields"),
        (lambda plan: plan._replace(start=plan.start + b"X: a\x00\r\n"), "strict: refused"),
        (
            lambda plan: plan._replace(start=plan.start + b"Content-Length: 5\r\n"),
            "strict: refused",
        ),
        (lambda plan: plan._replace(length=4), "strict: complete"),
    ],
)
def test_what_the_client_gets_is_judged(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[AnswerPlan], AnswerPlan], kind: str
) -> None:
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    assert answers.check([octets]) is None
    monkeypatch.setattr(relay, "read_answer", lambda head: change(read_answer(head)))
    assert kind_of(answers.check([octets])) == kind


def test_a_proxy_that_does_otherwise_is_seen(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Than the same decisions taken here."""
    asked = b"\r\nGET /a HTTP/1.1\r\n" + HOST + b"\r\n"
    hints = b"HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    assert served.requests([asked]) is None
    assert served.answers([hints]) is None
    monkeypatch.setattr(door, "EMPTY_LINES", 0)
    monkeypatch.setattr(relay, "MOST_INTERIM", 0)
    assert kind_of(served.requests([asked])) == "served: requests"
    assert kind_of(served.answers([hints])) == "served: answer"


def test_an_answer_may_begin_before_it_is_seen_to_be_broken(served: Served) -> None:
    """When more comes than is read at once, that is no finding; but what was said is compared."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    broken = head + b"30d40\r\n" + b"y" * 200_000 + b"\r\n0_\r\n\r\n"
    for _ in answers.ASKED:
        assert served.answers([broken]) is None
        assert served.answers([head + b"0_\r\n\r\n"]) is None


# the hunt


def failing(pieces: Sequence[bytes], singly: bool) -> Finding | None:
    raise ValueError("no reader")


def test_readers_that_raise_are_findings() -> None:
    finding = checked(Target("t", lambda _: [b""], failing), [b""])
    assert kind_of(finding) == "raised ValueError"
    assert finding is not None
    assert "no reader" in finding.detail


@pytest.mark.parametrize(("slow", "kind"), [(1, ""), (2, ""), (3, "slow")])
def test_readers_that_are_slow_every_time_are_findings(
    monkeypatch: pytest.MonkeyPatch, slow: int, kind: str
) -> None:
    times = iter([0.0, 0.31] * slow + [0.0, 0.29])
    monkeypatch.setattr(campaign, "thread_time", lambda: next(times))
    finding = checked(Target("t", lambda _: [b""], lambda *_: None), [b""])
    assert (finding.kind if finding else "") == kind


def marked(pieces: Sequence[bytes], _: bool) -> Finding | None:
    octets = b"".join(pieces)
    return Finding("marked", f"{len(octets)} octets") if octets[:1] > b"\xf0" else None


def test_a_finding_is_made_short_and_counted() -> None:
    def make(choices: Choices) -> list[bytes]:
        return [bytes((choices.below(256),)), b"x" * 100]

    hunt = Campaign((Target("t", make, marked),), seed=1)
    hunt.round()
    (found,) = hunt.report.found
    assert (found.target, found.finding) == ("t", Finding("marked", "1 octets"))
    (octets,) = found.pieces
    assert len(octets) == 1
    assert octets > b"\xf0"
    assert found.times > 1
    assert hunt.report.cases == {"t": BATCH}


def test_what_does_not_come_back_is_told_apart() -> None:
    times = iter(range(BATCH + campaign.AGAIN + 1))

    def check(*_: object) -> Finding | None:
        return Finding("late", "once") if next(times) == 7 else None

    hunt = Campaign((Target("t", lambda _: [b"x"], check),), seed=1)
    hunt.round()
    assert hunt.report.found == []
    assert hunt.report.once == [Found("t", Finding("late", "once"), [b"x"])]


def test_the_same_seed_makes_the_same_cases() -> None:
    made: list[list[list[bytes]]] = []
    for seed in (7, 7, 8):
        cases: list[list[bytes]] = []

        def check(pieces: Sequence[bytes], _: bool, cases: list[list[bytes]] = cases) -> None:
            cases.append(list(pieces))

        Campaign((Target("t", REQUESTS.make, check),), seed).round()
        made.append(cases)
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_shortest() -> None:
    def shows(pieces: Sequence[bytes]) -> bool:
        octets = b"".join(pieces)
        return octets.find(b"a") >= 0 and octets.find(b"a") < octets.find(b"b")

    assert shortened([b"xxax", b"xx", b"xxbx"], shows, 60.0) == [b"ab"]


# the command

FOUND = Found("answers", Finding("alone", "b" * 50 + "!"), [b"\xff", b"a" * 50], times=3)


@pytest.mark.parametrize("found", [[], [FOUND]])
def test_the_report_as_json(monkeypatch: pytest.MonkeyPatch, found: list[Found]) -> None:
    report = Report(7, {"requests": 300, "answers": 100}, {"requests": 2.0, "answers": 4.0}, found)
    asked: list[tuple[float, int]] = []

    def run(seconds: float, seed: int) -> Report:
        asked.append((seconds, seed))
        return report

    monkeypatch.setattr(command, "_run", run)
    result = CliRunner().invoke(command.main, ["--minutes", "0.5", "--seed", "7", "--json"])
    assert asked == [(30.0, 7)]
    assert result.exit_code == len(found)
    assert json.loads(result.stdout) == {
        "seed": 7,
        "cases": {"requests": 300, "answers": 100},
        "cases_per_second": {"requests": 150, "answers": 25},
        "found": [
            {
                "target": "answers",
                "kind": "alone",
                "detail": "<b 50 times>!",
                "pieces": ["\xff", "a" * 50],
                "times": 3,
            }
        ][: len(found)],
        "once": [],
    }


def test_the_report_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(7, {"answers": 100}, {"answers": 4.0}, [FOUND])
    monkeypatch.setattr(command, "_run", lambda *_: report)
    result = CliRunner().invoke(command.main, ["--seed", "7"])
    assert result.exit_code == 1
    assert "seed 7; 1 found" in result.stdout
    assert "answers: alone (3 times): [b'\\xff', b'<a 50 times>']\n  <b 50 times>!" in result.stdout
