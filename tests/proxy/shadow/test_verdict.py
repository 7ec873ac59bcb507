"""Whose fault a difference is."""

import pytest

from proxy.parity.answer import Answer, Question
from proxy.parity.compare import Outcome, compare
from proxy.shadow.verdict import FIRST, asked_twice, judged, moved

QUESTION = Question("GET", "/x", "www.example.org", 0.0)
TYPE = ((b"content-type", b"application/json"),)


def outcomes(first: bytes, again: bytes, candidate: bytes) -> tuple[Outcome, Outcome, Outcome]:
    one, two, native = (Answer(200, TYPE, body) for body in (first, again, candidate))
    return (
        compare(QUESTION, one, native),
        compare(QUESTION, two, native),
        compare(QUESTION, one, two),
    )


@pytest.mark.parametrize(
    ("first", "again", "candidate", "at_fault", "has_moved"),
    [
        (b'{"a": 1}', b'{"a": 1}', b'{"a": 1}', [], False),
        (b'{"a": 1}', b'{"a": 1}', b'{"a": 2}', ["json:/a"], False),
        # the data changed between the two answers of the legacy side
        (b'{"a": 1}', b'{"a": 2}', b'{"a": 2}', [], True),
        (b'{"a": 2}', b'{"a": 1}', b'{"a": 2}', [], False),
        # the legacy side does not repeat itself there
        (b'{"a": 1}', b'{"a": 3}', b'{"a": 2}', [], True),
        # beside what changes, something is wrong
        (b'{"a": 1, "b": 1}', b'{"a": 2, "b": 1}', b'{"a": 2, "b": 0}', ["json:/b"], False),
        # the same fault in another place of the list
        (b"[1, 2]", b"[2, 1]", b"[1, 9]", [], True),
    ],
)
def test_what_is_the_candidates_fault(
    first: bytes, again: bytes, candidate: bytes, at_fault: list[str], has_moved: bool
) -> None:
    outcome = judged(*outcomes(first, again, candidate))
    assert [one.path for one in outcome.differences] == at_fault
    assert moved(outcome) is has_moved


def test_a_status_that_stays_is_a_fault_and_one_that_passes_is_none() -> None:
    good, bad = Answer(200), Answer(500)
    wrong = compare(QUESTION, good, bad)
    right = compare(QUESTION, bad, bad)
    assert [
        one.path for one in judged(wrong, wrong, compare(QUESTION, good, good)).differences
    ] == ["status"]
    assert moved(judged(wrong, right, compare(QUESTION, good, bad)))


def test_the_first_answers_of_a_route_and_a_tenth_of_the_others_are_asked_for_twice() -> None:
    asked = [number for number in range(1, FIRST + 101) if asked_twice(number)]
    assert asked[:FIRST] == list(range(1, FIRST + 1))
    assert asked[FIRST:] == list(range(FIRST + 10, FIRST + 101, 10))
