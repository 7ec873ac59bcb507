"""A head that is not whole yet: what cannot become one is refused at once, not when it ends."""

import pytest

from proxy.wire import answer, request
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.request import LONGEST_FIELDS
from tests.proxy.wire.feeding import one_by_one

LINE = b"GET /a HTTP/1.1\r\n"


def seen_as_far_as(octets: bytes, pieces: list[bytes]) -> int:
    """How many octets of a request's head had come when it was refused, or -1."""
    data = b""
    for piece in pieces:
        seen = len(data)
        data += piece
        try:
            request.check_unfinished(data, seen)
        except MalformedError:
            return len(data)
    assert data == octets
    return -1


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"G",
        b"GET /\x80\xff",
        LINE[:-1],
        LINE,
        LINE + b"Host: a\tb\r",
        LINE + b"Host: a\r\nX:\xff\r\n",
        LINE + b"Host: a\r\nX: y\r\n\r",
    ],
)
def test_what_may_become_a_head(octets: bytes) -> None:
    assert seen_as_far_as(octets, [octets]) == -1
    assert seen_as_far_as(octets, one_by_one(octets)) == -1


CONTROLS = [bytes((one,)) for one in (*range(0x20), 0x7F) if one not in b"\t\r\n"]


@pytest.mark.parametrize("before", [b"", b"G", LINE, LINE + b"X: y", LINE + b"X: y\r"])
def test_control_octets(before: bytes) -> None:
    for octet in CONTROLS:
        octets = before + octet
        assert seen_as_far_as(octets + b"z", one_by_one(octets + b"z")) == len(octets)
        assert seen_as_far_as(octets, [octets]) == len(octets)


@pytest.mark.parametrize(
    ("octets", "wrong"),
    [
        (b"GET /a HTTP/1.1\n", b"\n"),
        (LINE + b"Host: a\n", b"\n"),
        (LINE + b"Host: a\r\n\n", b"\n"),
        (LINE + b"Host: a\rX", b"X"),
        (b"GET /a HTTP/1.1\r\r", b"\r"),
        (LINE + b"\r\r", b"\r"),
    ],
)
def test_line_ends_of_one_octet(octets: bytes, wrong: bytes) -> None:
    """What follows a CR decides about it, though it come later."""
    assert octets.endswith(wrong)
    for at in range(1, len(octets) + 1):
        pieces = [octets[:at], *one_by_one(octets[at:])]
        assert seen_as_far_as(octets, pieces) == len(octets)


def test_what_was_seen_before_is_not_looked_at_again() -> None:
    request.check_unfinished(b"\x00\x01GET /", 2)
    with pytest.raises(MalformedError):
        request.check_unfinished(b"\x00\x01GET /", 1)


def test_fields_without_end() -> None:
    most = LINE + b"X: ".ljust(LONGEST_FIELDS - 2, b"x")
    request.check_unfinished(most + b"\r\n\r")
    for more in (b"\r\nX\r", b"\r\n\r\r", b"xxxx", b"\r\nX: y"):
        with pytest.raises(MalformedError) as caught:
            request.check_unfinished(most + more)
        assert caught.value.status == (400 if more == b"\r\n\r\r" else 431)


# of answers


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"H",
        b"HTTP/1.",
        b"HTTP/1.1 200 OK\r",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nX: y\rz\x01",
        b"HTTP/1.1 200 OK\r\n".ljust(answer.LONGEST_HEAD, b"x") + b"\r",
    ],
)
def test_what_may_become_an_answers_head(octets: bytes) -> None:
    """Not all that is wrong is seen before the end: an upstream is no stranger."""
    answer.check_unfinished(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"h",
        b"HTTP/2",
        b"HTP",
        b"\r\nHTTP/1.1 200 OK",
        b"<html>",
        b"ICY 200 OK\r\n",
        b"HTTP/1.1 200 OK\n",
        b"HTTP/1.1 200 OK\r\nX: y\n",
        b"HTTP/1.1 200 \0",
    ],
)
def test_what_may_not(octets: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        answer.check_unfinished(octets)
    assert type(caught.value) is MalformedError


def test_an_answers_head_without_end() -> None:
    head = b"HTTP/1.1 200 OK\r\n".ljust(answer.LONGEST_HEAD + 2, b"x")
    with pytest.raises(TooLargeError):
        answer.check_unfinished(head)
