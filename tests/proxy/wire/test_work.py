"""No octets cost more than their number: patterns that try again and again are found out here.

Each case takes milliseconds; one that grew with the square of its length took up to a minute.
"""

from collections.abc import Callable
from contextlib import suppress
from time import thread_time

import pytest

from proxy.wire import answer, request
from proxy.wire.answer import read_answer
from proxy.wire.chunks import ChunkedBody
from proxy.wire.errors import MalformedError
from proxy.wire.fields import ANSWER_LINES, REQUEST_LINES
from proxy.wire.request import read_plan, read_unusual_line, valid_host
from tests.proxy.wire.feeding import one_by_one

SECONDS = 1.0
"""Of computing: a hundred times what any case needs."""

MANY = 60_000
LINE = b"GET / HTTP/1.1\r\n"


def cost(read: Callable[[bytes], object], octets: bytes) -> float:
    """Seconds of computing; whether the octets are refused is no matter here."""
    began = thread_time()
    with suppress(MalformedError):
        read(octets)
    return thread_time() - began


def runs(*octets: bytes) -> list[bytes]:
    return [one * (MANY // len(one)) for one in octets]


RUNS = runs(
    b" ", b"\t", b" \t", b"a", b":", b" :", b": ", b"a:", b"a ", b",", b", ", b";", b"\xff",
    b"\x00", b"\r", b"\n", b"\r\n", b"\r\n ", b"\r\na", b"\r\na:", b"\r\na :", b"\r\n :",
    b"a\r\n", b"/", b"%", b"%a", b"0", b"0;", b"http://", b"@", b"[", b".", b'"',
)  # fmt: skip
ENDS = (b"", b"\x01", b"\r\n x")


def every(before: bytes = b"") -> list[bytes]:
    return [before + run + end for run in RUNS for end in ENDS]


READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "request line": (read_unusual_line, b""),
    "request target": (read_unusual_line, b"GET /"),
    "absolute target": (read_unusual_line, b"GET http://"),
    "request version": (read_unusual_line, b"GET / "),
    "ordinary line": (request.ORDINARY_LINE.match, b"GET /"),
    "fields": (lambda octets: read_plan(octets, 1), b"Host: a\r\nX: "),
    "first field": (lambda octets: read_plan(octets, 1), b""),
    "request unfinished": (request.check_unfinished, LINE + b"X:"),
    "one line": (REQUEST_LINES.read, b"X:"),
    "a name": (REQUEST_LINES.read, b""),
    "connection": (lambda octets: read_plan(octets, 1), b"Host: a\r\nConnection: "),
    "host": (lambda octets: read_plan(octets, 1), b"Host: "),
    "valid host": (valid_host, b""),
    "status line": (read_answer, b"HTTP/1.1 200 "),
    "answer": (read_answer, b"HTTP/1.1 200 OK\r\nX: "),
    "answer, first field": (read_answer, b"HTTP/1.1 200 OK\r\n"),
    "answer, repaired": (read_answer, b"HTTP/1.1 200 OK\r\nX : y\r\nX"),
    "answer, connection": (read_answer, b"HTTP/1.1 200 OK\r\nConnection: "),
    "answer, unfinished": (answer.check_unfinished, b"HTTP/1.1 200 OK\r\nX:"),
    "answer, one line": (ANSWER_LINES.read, b"X:"),
    "chunk size": (lambda octets: ChunkedBody().feed(octets), b""),
    "chunk extension": (lambda octets: ChunkedBody().feed(octets), b"5;"),
    "trailers": (lambda octets: ChunkedBody().feed(octets), b"0\r\nX:"),
}


@pytest.mark.parametrize("reader", READERS)
def test_long_runs_of_anything(reader: str) -> None:
    """Each with every end."""
    read, before = READERS[reader]
    slowest, octets = max((cost(read, octets), octets) for octets in every(before))
    assert slowest < SECONDS, octets[-20:]


def test_a_head_that_comes_bit_by_bit() -> None:
    """What was looked at is not looked at again: else these pieces took two seconds."""
    head = LINE + b"X: y\r\n" * (MANY // 6)

    def check(octets: bytes) -> None:
        for end in range(0, len(octets), 10):
            request.check_unfinished(octets[:end], max(end - 10, 0))

    assert cost(check, head) < SECONDS


DRIPPING = {
    "one chunk": b"ea60\r\n".ljust(10_000, b"x"),
    "many chunks": b"1\r\na\r\n" * 1500,
    "an extension": b"5;".ljust(1000),
    "trailers": b"0\r\n" + b"X: y\r\n" * 1300,
}


@pytest.mark.parametrize("octets", DRIPPING.values(), ids=DRIPPING)
def test_a_body_that_comes_octet_by_octet(octets: bytes) -> None:
    body = ChunkedBody()

    def feed(octets: bytes) -> None:
        for piece in one_by_one(octets):
            body.feed(piece)

    assert cost(feed, octets) < SECONDS
