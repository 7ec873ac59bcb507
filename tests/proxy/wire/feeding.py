"""Every message is read three ways: whole, octet by octet, and with more behind it.

What is read must be the same each way. The order of calls is that of `proxy.server.incoming` and
`proxy.forwarding.connection`.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from proxy.wire import answer as answers
from proxy.wire import request as requests
from proxy.wire.answer import AnswerPlan, read_answer
from proxy.wire.chunks import Body
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.request import LONGEST_LINE, Plan, RequestLine, read_plan

MORE = b"0GET /next HTTP/1.1\r\n\x00\r\n"
"""Stands behind a message, and would be wrong in any."""

LONGEST_SINGLY = 600
"""Octets; of longer messages most come in pieces of `PIECE`, lest the tests take long."""

PIECE = 4093

T = TypeVar("T")


def request(octets: bytes) -> tuple[RequestLine, Plan]:
    """A request's whole head."""
    return _one([_request_in(pieces) for pieces in _whole(octets)], octets)


def refusal(octets: bytes) -> int:
    """The status with which a request's head is refused, however it comes."""
    return _one([_refused(_request_in, pieces).status for pieces in _whole(octets)], octets)


def answer(octets: bytes) -> AnswerPlan:
    """An answer's whole head."""
    return _one([_answer_in(pieces) for pieces in _whole(octets)], octets)


def answer_refused(octets: bytes) -> type[MalformedError]:
    """As what an answer's head is refused, however it comes."""
    return _one([type(_refused(_answer_in, pieces)) for pieces in _whole(octets)], octets)


def content(body: Callable[[], Body], octets: bytes) -> bytes:
    """What the whole body holds."""
    return _one([_content_in(body(), pieces) for pieces in _whole(octets)], octets)


def content_refused(body: Callable[[], Body], octets: bytes) -> type[MalformedError]:
    """As what a body is refused, however it comes."""

    def read(pieces: list[bytes]) -> bytes:
        return _content_in(body(), pieces)

    return _one([type(_refused(read, pieces)) for pieces in _whole(octets)], octets)


def one_by_one(octets: bytes) -> list[bytes]:
    return [octets[at : at + 1] for at in range(len(octets))]


def _whole(octets: bytes) -> Iterator[list[bytes]]:
    yield [octets]
    if len(octets) <= LONGEST_SINGLY:
        yield one_by_one(octets)
    else:
        cut = len(octets) - 10
        parts = [octets[at : min(at + PIECE, cut)] for at in range(0, cut, PIECE)]
        yield [*parts, *one_by_one(octets[cut:])]
    yield [octets + MORE]


def _one(results: list[T], octets: bytes) -> T:
    """The result of all ways."""
    assert results == [results[0]] * len(results), octets[:200]
    return results[0]


def _refused(read: Callable[[list[bytes]], object], pieces: list[bytes]) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read(pieces)
    return caught.value


def _request_in(pieces: list[bytes]) -> tuple[RequestLine, Plan]:
    data = b""
    for at, piece in enumerate(pieces):
        seen = len(data)
        data += piece
        line = _line_in(data)
        end = -1 if line is None else data.find(b"\r\n\r\n", line.size - 2)
        if line is None or end < 0:
            requests.check_unfinished(data, seen)
            continue
        if line.size > LONGEST_LINE:
            raise TooLargeError("the request line is too long", 414)
        _ends(data[end + 4 :], pieces[at + 1 :])
        return line, read_plan(data[line.size : end + 2], line.minor, line.authority)
    raise AssertionError(f"no head, and not refused: {data[:200]!r}")


def _line_in(data: bytes) -> RequestLine | None:
    """By the fast way where it serves."""
    ordinary = requests.ORDINARY_LINE.match(data)
    if ordinary is not None:
        method, target, digit = ordinary.groups()
        return RequestLine(method, target, 0 if digit == b"0" else 1, None, ordinary.end())
    return requests.read_unusual_line(data) if b"\r\n" in data else None


def _answer_in(pieces: list[bytes]) -> AnswerPlan:
    data = b""
    for at, piece in enumerate(pieces):
        data += piece
        end = data.find(b"\r\n\r\n")
        if end < 0:
            answers.check_unfinished(data)
            continue
        if end + 2 > answers.LONGEST_HEAD:
            raise TooLargeError("the head is too long")
        _ends(data[end + 4 :], pieces[at + 1 :])
        return read_answer(data[: end + 2])
    raise AssertionError(f"no head, and not refused: {data[:200]!r}")


def _content_in(body: Body, pieces: list[bytes]) -> bytes:
    came = b""
    for at, piece in enumerate(pieces):
        came += body.feed(piece)
        if body.done:
            _ends(body.rest, pieces[at + 1 :])
            return came
    raise AssertionError(f"no end, and not refused: {came[:200]!r}")


def _ends(rest: bytes, pieces: list[bytes]) -> None:
    """The message ended where it should: nothing is left but what stood behind it."""
    assert (rest, pieces) in ((b"", []), (MORE, []))
