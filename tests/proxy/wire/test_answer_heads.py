"""The head of an answer: what of it the client sees, how long the body is, what is repaired."""

from types import SimpleNamespace

import pytest

from proxy.wire import answer as module
from proxy.wire.answer import (
    LONGEST_HEAD,
    MOST_FIELDS,
    UNSIZED,
    AnswerPlan,
    date_line,
    own_answer,
)
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import CHUNKED
from tests.proxy.wire.feeding import answer, answer_refused

VIA = b"Via: 1.1 strangler\r\n"
PLAIN = AnswerPlan(
    status=200, start=b"HTTP/1.1 200 OK\r\n" + VIA, length=UNSIZED, keeps=True, undated=True
)
"""Of an answer without any field."""


def head(*lines: bytes, status: bytes = b"200 OK", minor: int = 1) -> bytes:
    return b"".join(line + b"\r\n" for line in (b"HTTP/1.%d " % minor + status, *lines, b""))


def plan(*lines: bytes, status: bytes = b"200 OK", minor: int = 1) -> AnswerPlan:
    return answer(head(*lines, status=status, minor=minor))


def passed(*lines: bytes, status: bytes = b"200 OK") -> list[bytes]:
    """Which lines do, behind the status line and before our Via."""
    _, *others, via, end = plan(*lines, status=status).start.split(b"\r\n")
    assert (via, end) == (VIA[:-2], b"")
    return others


def refused(*lines: bytes, status: bytes = b"200 OK", minor: int = 1) -> type[MalformedError]:
    return answer_refused(head(*lines, status=status, minor=minor))


def test_an_answer_without_any_field() -> None:
    assert plan() == PLAIN
    assert answer(b"HTTP/1.1 200 OK\r\n\r\n") == PLAIN


def test_everything_at_once() -> None:
    assert plan(
        b"Server: x",
        b"Content-Length: 007",
        b"Date: Thu, 01 Jan 1970 00:00:00 GMT",
        b"Connection: close, X-Secret",
        b"X-Secret: y",
        b"Set-Cookie: a=b",
        b"Via: 1.1 cache",
        b"X-Request-ID: theirs",
        b"Strangler-Owner: theirs",
        b"set-cookie:c=d\t",
        status=b"404 Not \xd6 there",
    ) == AnswerPlan(
        status=404,
        start=(
            b"HTTP/1.1 404 Not \xd6 there\r\n"
            b"Server: x\r\n"
            b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            b"Set-Cookie: a=b\r\n"
            b"Via: 1.1 cache\r\n"
            b"set-cookie:c=d\t\r\n"
            b"Content-Length: 7\r\n" + VIA
        ),
        length=7,
        keeps=False,
        undated=False,
    )


# status lines


@pytest.mark.parametrize(
    ("status", "code", "line"),
    [
        (b"200 OK", 200, b"200 OK"),
        (b"200 ", 200, b"200 "),
        (b"200", 200, b"200 "),
        (b"503 \xd6 a\tb  c ", 503, b"503 \xd6 a\tb  c "),
        (b"999 x", 999, b"999 x"),
        (b"600 x", 600, b"600 x"),
    ],
)
def test_status_and_reason_are_the_upstreams(status: bytes, code: int, line: bytes) -> None:
    start = b"HTTP/1.1 " + line + b"\r\n" + VIA
    assert plan(status=status) == PLAIN._replace(status=code, start=start)


@pytest.mark.parametrize(("minor", "via"), [(0, b"1.0"), (1, b"1.1"), (2, b"1.1"), (9, b"1.1")])
def test_versions(minor: int, via: bytes) -> None:
    """The client is told ours (RFC 9112 §2.3); Via says theirs. HTTP/1.0 keeps no connection."""
    start = b"HTTP/1.1 200 OK\r\nVia: " + via + b" strangler\r\n"
    assert plan(minor=minor) == PLAIN._replace(start=start, keeps=minor > 0)


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/2.0 200 OK", b"HTTP/2 200 OK", b"http/1.1 200 OK", b"HTTP/1.10 200 OK", b"",
        b"HTTP/1.1", b"HTTP/1.1 ", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 099 Low",
        b"HTTP/1.1 20a OK", b"HTTP/1.1  200 OK", b"HTTP/1.1\t200 OK", b"HTTP/1.1 200\tOK",
        b"HTTP/1.1 +20 OK", b"HTTP/1.1 200 \x00", b"HTTP/1.1 200 \x7f", b"HTTP/1.1 200 a\rb",
        b"HTTP/1.1 200 a\nb", b" HTTP/1.1 200 OK", b"\r\nHTTP/1.1 200 OK", b"ICY 200 OK",
        b"HTTP/1.\xb9 200 OK", b"HTTP/1.1 \xb2\xb2\xb2 OK",
    ],
)  # fmt: skip
def test_what_is_no_status_line(line: bytes) -> None:
    assert answer_refused(line + b"\r\nX: y\r\n\r\n") is MalformedError


# fields


def test_what_passes_does_so_octet_for_octet_in_its_order() -> None:
    lines = [
        b"X-First: 1",
        b"Set-Cookie: a=b; Path=/",
        b"x-first:2",
        b"Set-Cookie: c=d",
        b"X_Underscore: 1",
        b"X-Octets: \x80\xff\t!~",
        b"X-Around:\t b \t",
        b"X-Empty:",
        b"Cookie: a",
        b"Proxy: x",
        b"Via: 1.0 a",
        b"Host: b",
        b"Expect: c",
        b"Forwarded: d",
        b"Allow: GET",
        b"Proxy-Authorization: secret",
    ]
    assert passed(*lines) == lines


@pytest.mark.parametrize(
    "line",
    [
        b"Keep-Alive: timeout=5",
        b"Proxy-Connection: keep-alive",
        b"TE: trailers",
        b"Trailer: X",
        b"Upgrade: h2c",
        b"X-Request-ID: a",
        b"Strangler-Owner: a",
        b"STRANGLER-Any: a",
        b"Connection: keep-alive",
    ],
)
def test_what_does_not(line: bytes) -> None:
    assert plan(line) == PLAIN


@pytest.mark.parametrize(
    ("connection", "passing"),
    [
        (b"x-a", [b"X-B: 2", b"x-b: 3", b"Set-Cookie: c"]),
        (b"X-B,, ", [b"X-A: 1", b"Set-Cookie: c"]),
        (b"set-cookie,\tx-a", [b"X-B: 2", b"x-b: 3"]),
        (b"keep-alive, date", [b"X-A: 1", b"X-B: 2", b"x-b: 3", b"Set-Cookie: c"]),
        (b"x-\xff" + b"x" * 300, [b"X-A: 1", b"X-B: 2", b"x-b: 3", b"Set-Cookie: c"]),
    ],
)
def test_what_connection_names_goes_no_further(connection: bytes, passing: list[bytes]) -> None:
    lines = (b"X-A: 1", b"X-B: 2", b"Connection: " + connection, b"x-b: 3", b"Set-Cookie: c")
    assert passed(*lines) == passing


def test_what_connection_may_not_take_away() -> None:
    lines = (b"Date: now", b"Content-Length: 5", b"Connection: date, content-length")
    start = b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\n" + VIA
    assert plan(*lines) == PLAIN._replace(start=start, length=5, undated=False)


@pytest.mark.parametrize(
    ("lines", "minor", "keeps"),
    [
        ((b"Connection: close",), 1, False),
        ((b"Connection: x, CLOSE",), 1, False),
        ((b"Connection: x", b"Connection: close"), 1, False),
        ((b"Connection: keep-alive",), 1, True),
        ((b"Connection: closed",), 1, True),
        ((b"Connection: keep-alive",), 0, False),
    ],
)
def test_whether_the_upstream_keeps_the_connection(
    lines: tuple[bytes, ...], minor: int, keeps: bool
) -> None:
    assert plan(*lines, minor=minor).keeps is keeps


def test_one_date_passes() -> None:
    assert passed(b"Date: now", b"date: then") == [b"Date: now"]


@pytest.mark.parametrize("status", [b"100 Continue", b"103 Early Hints", b"199 x"])
def test_interim_answers_need_no_date(status: bytes) -> None:
    start = b"HTTP/1.1 " + status + b"\r\nLink: </a>\r\n" + VIA
    interim = plan(b"Link: </a>", b"Content-Length: 5", status=status)
    assert interim == AnswerPlan(int(status[:3]), start, 5, keeps=True, undated=False)


@pytest.mark.parametrize(
    ("lines", "added"),
    [
        ((b"Upgrade: websocket", b"Connection: Upgrade"), True),
        ((b"upgrade:WebSocket",), True),
        ((b"Upgrade: h2c", b"Connection: Upgrade"), False),
        ((b"Upgrade: websocket, h2c",), False),
        ((b"Connection: Upgrade",), False),
    ],
)
def test_switching_protocols(lines: tuple[bytes, ...], added: bool) -> None:
    expected = [b"Upgrade: websocket", b"Connection: Upgrade"] if added else []
    assert passed(*lines, status=b"101 Switching Protocols") == expected


# framing


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        ((b"Content-Length: 0",), 0),
        ((b"content-length:5\t",), 5),
        ((b"Content-Length: 5", b"Content-Length: 5"), 5),
        ((b"Content-Length: 05", b"content-length: 05", b"Content-Length: 05"), 5),
        ((b"Content-Length: 999999999999999999",), 10**18 - 1),
    ],
)
@pytest.mark.parametrize("minor", [0, 1])
def test_lengths(lines: tuple[bytes, ...], length: int, minor: int) -> None:
    """Equal ones become one (RFC 9112 §6.3)."""
    start = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nVia: 1.%d strangler\r\n" % (length, minor)
    expected = PLAIN._replace(start=start, length=length, keeps=minor > 0)
    assert plan(*lines, minor=minor) == expected


@pytest.mark.parametrize(
    ("status", "passes"),
    [(b"204 No Content", False), (b"103 x", False), (b"304 Not Modified", True), (b"205 x", True)],
)
def test_where_no_length_may_be(status: bytes, passes: bool) -> None:
    """RFC 9110 §8.6. What the upstream said is known all the same."""
    assert passed(b"Content-Length: 5", status=status) == [b"Content-Length: 5"] * passes
    assert plan(b"Content-Length: 5", status=status).length == 5


@pytest.mark.parametrize("coding", [b"chunked", b"Chunked", b"\tCHUNKED \t"])
def test_chunked(coding: bytes) -> None:
    """The field does not pass: our own framing is written where it is known who asked."""
    assert plan(b"Transfer-Encoding:" + coding) == PLAIN._replace(length=CHUNKED)


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: 5", b"Content-Length: 6"),
        (b"Content-Length: 5", b"Content-Length: 05"),
        (b"Content-Length: 5, 5",),
        (b"Content-Length:",),
        (b"Content-Length: +5",),
        (b"Content-Length: 0x5",),
        (b"Content-Length: 5_0",),
        (b"Content-Length: 1000000000000000000",),
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
        (b"Transfer-Encoding: gzip, chunked",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding: identity",),
        (b"Transfer-Encoding:",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Connection: transfer-encoding", b"Content-Length: 5"),
    ],
)
def test_framing_is_never_guessed(lines: tuple[bytes, ...]) -> None:
    assert refused(*lines) is MalformedError


def test_http_1_0_knows_no_chunks() -> None:
    assert refused(b"Transfer-Encoding: chunked", minor=0) is MalformedError


# repairs


@pytest.mark.parametrize(
    ("broken", "repaired"),
    [
        (b"X : y", b"X: y"),
        (b"X \t :y", b"X:y"),
        (b"X: y\r\n z", b"X: y z"),
        (b"X: y\r\n\t \tz\r\n  w", b"X: y z w"),
        (b"X:\r\n y", b"X: y"),
        (b"X : y\r\n z", b"X: y z"),
        (b"X : y : z", b"X: y : z"),
        (b"X: y \r\n \r\n z", b"X: y   z"),
    ],
)
def test_what_is_repaired(broken: bytes, repaired: bytes) -> None:
    """RFC 9112 §5.1, §5.2. The lines around it are not touched, nor doubled."""
    around = (b"Date: now", b"Set-Cookie: a", b"X-A: b :c")
    assert passed(*around, broken, b"X-Z: 1") == [*around, repaired, b"X-Z: 1"]


def test_framing_is_repaired_too() -> None:
    assert plan(b"Content-Length\t: 5").length == 5
    assert plan(b"Content-Length:\r\n 5").length == 5
    assert plan(b"Transfer-Encoding : chunked").length == CHUNKED
    assert plan(b"Connection\t:\r\n close").keeps is False
    assert refused(b"Content-Length : 5", b"Content-Length: 6") is MalformedError


@pytest.mark.parametrize(
    "line",
    [
        b"X", b":x", b"X Y: z", b"X Y : z", b"X=y", b"(X): y", b"\xc3\x9c: y", b"X\xa0: y",
        b"X\x0b: y", b"X@ : y", b"X: \x00", b"X: a\rb", b"X: a\x1f", b"X: \x7f", b"X : \x08",
        b"X: a\nb", b"X: a\r\r\n b",
    ],
)  # fmt: skip
def test_what_is_beyond_repair(line: bytes) -> None:
    assert refused(line) is MalformedError
    assert refused(b"X-A: 1", line, b"X-B : 2") is MalformedError


@pytest.mark.parametrize("line", [b" X: y", b"\tX: y", b" : y"])
def test_white_space_before_the_first_field(line: bytes) -> None:
    """There is nothing that it could be folded to."""
    assert refused(line) is MalformedError
    assert refused(line, b"X-A: 1") is MalformedError


# how much


def test_200_fields_are_taken() -> None:
    lines = [b"X: 1"] * MOST_FIELDS
    assert passed(*lines) == lines
    assert refused(*lines, b"X: 1") is TooLargeError
    assert refused(*lines, b"X_dropped: 1") is TooLargeError


def test_lines_are_counted_as_they_came_and_as_they_are_repaired() -> None:
    lines = [b"X: 1"] * (MOST_FIELDS - 1)
    assert passed(*lines[:-1], b"X: 1\r\n 2") == [*lines[:-1], b"X: 1 2"]
    assert refused(*lines, b"X: 1\r\n 2") is TooLargeError


def test_64_kib_are_taken() -> None:
    whole = head(b"X: ")
    most = head(b"X: ".ljust(LONGEST_HEAD - len(whole) + 5, b"x"))
    assert len(most) == LONGEST_HEAD + 2  # the empty line
    assert len(answer(most).start) == LONGEST_HEAD + len(VIA)
    assert answer_refused(most[:-4] + b"x\r\n\r\n") is TooLargeError


# of our own


def test_own_answers() -> None:
    start, body = own_answer(503, b"Retry-After: 1\r\n")
    assert body == b"503 Service Unavailable\n"
    assert start == (
        b"HTTP/1.1 503 Service Unavailable\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: 24\r\n"
        b"Retry-After: 1\r\n" + date_line()
    )


def test_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9110 §5.6.7, the example; a second later another."""
    for seconds, date in (
        (784111777.9, b"Sun, 06 Nov 1994 08:49:37"),
        (784111778, b"Sun, 06 Nov 1994 08:49:38"),
    ):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda now=seconds: now))
        assert date_line() == b"Date: " + date + b" GMT\r\n"
