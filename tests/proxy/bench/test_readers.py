"""Readers of a page of any length, against a server that lies: each lie is one error."""

from collections import Counter
from time import perf_counter

import pytest

from proxy.bench.loop import Loop
from proxy.bench.readers import LONGEST, Readers, request
from tests.proxy.bench.liar import HANG_UP, STAY, Liar, Pieces

PAGE = "/downloads/"
BODY = b"<!doctype html>\r\n\r\n<p>Python</p>" * 2000
HEAD = b"HTTP/1.1 200 OK\r\nVary: Cookie\r\ncontent-length: %d\r\n\r\n"
RIGHT = HEAD % len(BODY) + BODY


def visit(liar: Liar) -> Readers:
    """One reader, until the liar's script is over."""
    readers = Readers(Loop(), liar.address, connections=1, page=PAGE)
    while not liar.over.is_set():
        readers.ask_until(perf_counter() + 0.02)
    readers.leave()
    return readers


def telling(*script: Pieces) -> Liar:
    return Liar(script, asked=request(PAGE), right=RIGHT)


LIES: dict[str, tuple[Pieces, str]] = {
    "closed without an answer": ((HANG_UP,), "closed"),
    "closed within the body": ((RIGHT[:-1], HANG_UP), "closed"),
    "another status": ((RIGHT.replace(b"200 OK", b"429 Too Many"), STAY), "status 429"),
    "one octet too many": ((RIGHT + b"!", STAY), "more than Content-Length"),
    "another length": ((HEAD % 7 + b"<p></p>", STAY), "another length than before"),
    "no length": ((RIGHT.replace(b"content-length", b"x-length"), STAY), "no Content-Length"),
    "far too long": ((HEAD % (LONGEST + 1), STAY), "longer than a page"),
    "a head and no end": ((b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4000, STAY), "head too long"),
    "another protocol": ((b"SSH-2.0-OpenSSH\r\n\r\n", STAY), "not HTTP/1.1"),
}


@pytest.mark.parametrize(("lie", "reason"), LIES.values(), ids=LIES.keys())
def test_each_lie_is_one_error(lie: Pieces, reason: str) -> None:
    right = (RIGHT, STAY)
    with telling(right, lie, right, lie, lie, right) as liar:
        seen = visit(liar)
    assert seen.errors == Counter({reason: 3})
    assert len(seen.latencies) == liar.right


def test_a_right_answer_may_come_in_any_pieces() -> None:
    end = RIGHT.index(b"\r\n\r\n") + 4
    cuts = [(RIGHT[:place], RIGHT[place:]) for place in (1, end - 2, end, len(RIGHT) - 1)]
    with telling(*((*pieces, STAY) for pieces in cuts)) as liar:
        seen = visit(liar)
    assert seen.errors == Counter()
    assert (len(seen.latencies), seen.length) == (liar.right, len(BODY))


def test_programs_ask_the_api_for_json_and_browsers_pages_for_html() -> None:
    assert b"\r\nAccept: application/json\r\n" in request("/api/v2/downloads/os/")
    assert b"\r\nAccept: text/html," in request(PAGE)
    assert b"Cookie" not in request(PAGE)
