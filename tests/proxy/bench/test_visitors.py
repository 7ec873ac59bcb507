"""The load generator against an upstream that lies: each lie is one error, named rightly."""

import socket
from collections import Counter
from collections.abc import Sequence
from time import perf_counter

import pytest

from proxy.bench import visitors as visitors_module
from proxy.bench.cases import CASES, Case, answer, answer_body, requests
from proxy.bench.loop import Loop
from proxy.bench.visitors import Visitors
from tests.proxy.bench.liar import HANG_UP, STAY, Liar, Pieces

DOWN = CASES[0]
UP = Case(connections=1, body=2_000_000, direction="up")
RIGHT = answer(DOWN)
HEAD, BODY = RIGHT[: -len(answer_body(DOWN))], answer_body(DOWN)


def telling(script: Sequence[Pieces], case: Case = DOWN) -> Liar:
    return Liar(script, asked=requests(case)[0], right=answer(case))


def visit(liar: Liar, case: Case = DOWN) -> Visitors:
    """One visitor, until the liar's script is over."""
    visitors = Visitors(
        Loop(), liar.address, connections=1, requests=requests(case), body=answer_body(case)
    )
    while not liar.over.is_set():
        visitors.ask_until(perf_counter() + 0.02)
    visitors.leave()
    return visitors


def with_length(length: bytes, body: bytes) -> bytes:
    return HEAD.replace(b"Content-Length: 1024", b"Content-Length: " + length) + body


LIES: dict[str, tuple[Pieces, str]] = {
    "closed without an answer": ((HANG_UP,), "closed"),
    "closed within the head": ((HEAD[:40], HANG_UP), "closed"),
    "short body, then closed": ((HEAD + BODY[:-1], HANG_UP), "closed"),
    "another status": ((RIGHT.replace(b"200 OK", b"502 Bad Gateway"), STAY), "status 502"),
    "status 200 in another place": ((RIGHT.replace(b"200 OK", b"302 200 OK"), STAY), "status 302"),
    "another body of the right length": ((HEAD + BODY[:-1] + b"!", STAY), "wrong body"),
    "one octet too many": ((RIGHT + b"!", STAY), "more than Content-Length"),
    "a longer length told": ((with_length(b"1025", BODY), STAY), "wrong or no Content-Length"),
    "a shorter length told": ((with_length(b"102", BODY), STAY), "wrong or no Content-Length"),
    "a shorter body, truly told": (
        (with_length(b"1023", BODY[:-1]), STAY),
        "wrong or no Content-Length",
    ),
    "no length": (
        (RIGHT.replace(b"Content-Length: 1024\r\n", b""), STAY),
        "wrong or no Content-Length",
    ),
    "a head and no end": ((b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4000, STAY), "head too long"),
    "another protocol": ((b"SSH-2.0-OpenSSH\r\n\r\n", STAY), "not HTTP/1.1"),
}


@pytest.mark.parametrize(("lie", "reason"), LIES.values(), ids=LIES.keys())
def test_each_lie_is_one_error(lie: Pieces, reason: str) -> None:
    right = (RIGHT, STAY)
    with telling([right, right, lie, right, lie, lie, right]) as liar:
        seen = visit(liar)
    assert seen.errors == Counter({reason: 3})
    assert len(seen.latencies) == liar.right


def test_different_lies_are_told_apart() -> None:
    with telling([lie for lie, _ in LIES.values()]) as liar:
        seen = visit(liar)
    assert seen.errors == Counter(reason for _, reason in LIES.values())
    assert len(seen.latencies) == liar.right


def test_a_right_answer_may_come_in_any_pieces() -> None:
    single = tuple(RIGHT[place : place + 1] for place in range(len(RIGHT)))
    cut = [
        (RIGHT[:place], RIGHT[place:]) for place in (1, len(HEAD) - 2, len(HEAD), len(RIGHT) - 1)
    ]
    with telling([(*pieces, STAY) for pieces in (single, *cut)]) as liar:
        seen = visit(liar)
    assert seen.errors == Counter()
    assert len(seen.latencies) == liar.right


def test_no_answer_is_an_error_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors_module, "PATIENCE", 0.3)
    with telling([(HEAD, STAY), (STAY,)]) as liar:
        seen = visit(liar)
    assert seen.errors == Counter({"no answer in time": 2})
    assert len(seen.latencies) == liar.right


def test_an_upload_larger_than_the_buffers_is_sent_whole() -> None:
    with telling([(answer(UP), STAY)] * 2, UP) as liar:
        seen = visit(liar, UP)
    assert seen.errors == Counter()
    assert len(seen.latencies) == liar.right


def test_where_nobody_listens_each_visitor_is_one_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        visitors = Visitors(
            Loop(), unused.getsockname(), connections=3, requests=requests(DOWN), body=BODY
        )
        visitors.ask_until(perf_counter() + 60)
        visitors.leave()
    assert visitors.errors == Counter({"connect: ConnectionRefusedError": 3})
    assert list(visitors.latencies) == []
