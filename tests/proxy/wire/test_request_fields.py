"""What the fields of a request mean, which of them pass, and which requests are refused."""

import pytest

from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import CHUNKED
from proxy.wire.request import (
    LONGEST_FIELDS,
    MOST_FIELDS,
    Plan,
    hops_left,
    pseudonym_of,
    read_plan,
    via_line,
)
from tests.proxy.wire.feeding import refusal, request

PLAIN = Plan(
    passing=b"Host: a\r\n",
    host=b"a",
    length=0,
    sized=False,
    close=False,
    expects_continue=False,
    websocket=False,
    via=(),
    max_forwards=None,
    claims=(),
    request_id=None,
    force=None,
    plain=True,
)
"""Of a request with nothing but a Host."""


def head(*lines: bytes, minor: int = 1) -> bytes:
    return b"".join(line + b"\r\n" for line in (b"GET / HTTP/1.%d" % minor, *lines, b""))


def plan(*lines: bytes, minor: int = 1) -> Plan:
    """Of a request with these and a Host in front."""
    _, read = request(head(b"Host: a", *lines, minor=minor))
    return read


def status(*lines: bytes, minor: int = 1) -> int:
    return refusal(head(b"Host: a", *lines, minor=minor))


def passed(*lines: bytes) -> list[bytes]:
    """Which of them do, behind Host."""
    host, *others, end = plan(*lines).passing.split(b"\r\n")
    assert (host, end) == (b"Host: a", b"")
    return others


def test_a_request_with_nothing_but_a_host() -> None:
    assert plan() == PLAIN


def test_everything_at_once() -> None:
    assert plan(
        b"Content-Length: 007",
        b"X-A: 1",
        b"Cookie: a=b",
        b"Via: 1.0 edge",
        b"Max-Forwards: 3",
        b"Expect: 100-Continue",
        b"X-Forwarded-For: 198.51.100.7",
        b"Connection: close, X-B",
        b"X-B: 2",
        b"Cookie:c=d\t",
        b"Forwarded: for=198.51.100.7",
        b"X-Request-ID: abc",
        b"Strangler-Force: native",
        b"Strangler-Other: x",
        b"via: 1.1 cdn",
    ) == Plan(
        passing=b"Host: a\r\nX-A: 1\r\nCookie: a=b; c=d\r\n",
        host=b"a",
        length=7,
        sized=True,
        close=True,
        expects_continue=True,
        websocket=False,
        via=(b"1.0 edge", b"1.1 cdn"),
        max_forwards=b"3",
        claims=((b"x-forwarded-for", b"198.51.100.7"), (b"forwarded", b"for=198.51.100.7")),
        request_id=b"abc",
        force=b"native",
        plain=False,
    )


# what passes


def test_what_passes_does_so_octet_for_octet_in_its_order() -> None:
    lines = [
        b"X-First: 1",
        b"x-first:2",
        b"X-Empty:",
        b"X-Blank: \t",
        b"X-Around:\t b \t",
        b"X-Octets: \x80\xff\t!~",
        b"!#$%&'*+-.^`|~: token",
        b"Referer: http://a/?secret",
        b"Authorization: Basic YTpi",
        b"Accept: */*",
        b"X-First: 1",
        b"Date: today",
        b"Server: x",
    ]
    assert passed(*lines) == lines


@pytest.mark.parametrize(
    "line",
    [
        b"X_A: 1",
        b"Content_Length: 5",
        b"Transfer_Encoding: chunked",
        b"X_Forwarded_For: 192.0.2.1",
        b"_: 1",
        b"Proxy: http://evil",
        b"Strangler-Anything: x",
        b"STRANGLER-ANYTHING: x",
        b"Keep-Alive: timeout=5",
        b"Proxy-Connection: keep-alive",
        b"TE: trailers",
        b"Trailer: X",
        b"Upgrade: h2c",
        b"Connection: keep-alive",
    ],
)
def test_what_does_not(line: bytes) -> None:
    """Nor does it count for anything."""
    assert plan(line) == PLAIN
    name, _, value = line.partition(b":")
    assert plan(name.lower() + b":" + value, line) == PLAIN


@pytest.mark.parametrize(
    ("connection", "passing"),
    [
        (b"x-a", [b"X-B: 2", b"x-b: 3", b"Cookie: c"]),
        (b"X-B", [b"X-A: 1", b"Cookie: c"]),
        (b"keep-alive,,\t x-b ,close", [b"X-A: 1", b"Cookie: c"]),
        (b"cookie", [b"X-A: 1", b"X-B: 2", b"x-b: 3"]),
        (b"host, te, content-length", [b"X-A: 1", b"X-B: 2", b"x-b: 3", b"Cookie: c"]),
        (b"", [b"X-A: 1", b"X-B: 2", b"x-b: 3", b"Cookie: c"]),
        (b"x-a x-b", [b"X-A: 1", b"X-B: 2", b"x-b: 3", b"Cookie: c"]),
        (b"x" * 300, [b"X-A: 1", b"X-B: 2", b"x-b: 3", b"Cookie: c"]),
    ],
)
def test_what_connection_names_goes_no_further(connection: bytes, passing: list[bytes]) -> None:
    """RFC 9110 §7.6.1."""
    lines = (b"X-A: 1", b"Connection: " + connection, b"X-B: 2", b"x-b: 3", b"Cookie: c")
    assert passed(*lines) == passing


def test_connection_on_several_lines() -> None:
    lines = (b"Connection: x-a", b"X-A: 1", b"X-B: 1", b"connection: close, x-b", b"X-C: 1")
    assert plan(*lines) == PLAIN._replace(passing=b"Host: a\r\nX-C: 1\r\n", close=True)


def test_what_connection_may_not_take_away() -> None:
    """It decides where the request ends, goes, or came from."""
    lines = (b"Content-Length: 5", b"X-Forwarded-For: b", b"Via: 1.1 c", b"X-Request-ID: d")
    named = b"Connection: host, content-length, x-forwarded-for, via, x-request-id"
    assert plan(*lines, named) == plan(*lines)


def test_what_it_may() -> None:
    lines = (b"Content-Length: 5", b"Expect: 100-continue", b"Max-Forwards: 3", b"Cookie: a")
    named = b"Connection: expect, max-forwards, cookie"
    assert plan(*lines, named) == plan(lines[0])
    assert plan(b"Expect: other", b"Connection: expect") == PLAIN


@pytest.mark.parametrize(
    ("connection", "minor", "close"),
    [
        (b"close", 1, True),
        (b"CLOSE", 1, True),
        (b"x, close", 1, True),
        (b"keep-alive, close", 1, True),
        (b"keep-alive", 1, False),
        (b"closed", 1, False),
        (b"keep-alive", 0, True),
        (b"", 0, True),
    ],
)
def test_whether_the_connection_is_kept(connection: bytes, minor: int, close: bool) -> None:
    assert plan(b"Connection: " + connection, minor=minor) == PLAIN._replace(close=close)


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ((b"Cookie: a=b",), b"Cookie: a=b"),
        ((b"cookie:a=b\t",), b"cookie:a=b\t"),
        ((b"cookie:a=b", b"COOKIE: c"), b"Cookie: a=b; c"),
        ((b"Cookie: a", b"Cookie:", b"Cookie: a; b"), b"Cookie: a; ; a; b"),
    ],
)
def test_cookies_become_one_line(lines: tuple[bytes, ...], joined: bytes) -> None:
    """RFC 6265 §5.4."""
    assert passed(b"X-A: 1", *lines, b"X-B: 2") == [b"X-A: 1", joined, b"X-B: 2"]


# hosts


@pytest.mark.parametrize("line", [b"Host: b:80", b"host:b:80", b"HOST:\tb:80 "])
@pytest.mark.parametrize("minor", [0, 1])
def test_host_passes_as_it_was_sent(line: bytes, minor: int) -> None:
    _, read = request(head(b"X-A: 1", line, minor=minor))
    assert read == PLAIN._replace(
        passing=b"X-A: 1\r\n" + line + b"\r\n", host=b"b:80", close=minor == 0
    )


@pytest.mark.parametrize(
    "lines",
    [
        (b"X-A: 1",),
        (b"Host:",),
        (b"Host: a", b"Host: a"),
        (b"Host: a", b"X-A: 1", b"host: b"),
        (b"Host: a, b",),
        (b"Host: a/b",),
        (b"Host: u@a",),
        (b"Host: " + b"a" * 261,),
        (b"Host : a",),
        (b"H_ost: a",),
    ],
)
def test_hosts_that_are_refused(lines: tuple[bytes, ...]) -> None:
    assert refusal(head(*lines)) == 400


def test_a_head_without_any_field() -> None:
    assert refusal(b"GET / HTTP/1.1\r\n\r\n") == 400
    _, read = request(b"GET / HTTP/1.0\r\n\r\n")
    assert read == PLAIN._replace(passing=b"", host=b"", close=True)


def test_http_1_0_may_leave_host_out_but_not_have_a_wrong_one() -> None:
    _, read = request(head(b"X-A: 1", minor=0))
    assert read == PLAIN._replace(passing=b"X-A: 1\r\n", host=b"", close=True)
    assert refusal(head(b"Host:", minor=0)) == 400
    assert status(b"Host: b", minor=0) == 400


# framing


@pytest.mark.parametrize(
    ("line", "length"),
    [
        (b"Content-Length: 0", 0),
        (b"content-length:5", 5),
        (b"CONTENT-LENGTH:\t 00012 \t", 12),
        (b"Content-Length: 999999999999999999", 10**18 - 1),
    ],
)
@pytest.mark.parametrize("minor", [0, 1])
def test_a_body_of_known_length(line: bytes, length: int, minor: int) -> None:
    expected = PLAIN._replace(length=length, sized=True, close=minor == 0)
    assert plan(line, minor=minor) == expected


@pytest.mark.parametrize("coding", [b"chunked", b"Chunked", b"CHUNKED \t", b"\tchunked"])
def test_a_chunked_body(coding: bytes) -> None:
    assert plan(b"Transfer-Encoding:" + coding) == PLAIN._replace(length=CHUNKED)


LENGTHS = [
    b"", b"+5", b"-5", b"5 5", b"5,5", b"5, 6", b"0x5", b"5_0", b"5.0", b"5e0", b"'5'", b"five",
    b"\xd9\xa5", b"\xb2", b"1000000000000000000", b"0000000000000000005", b"9" * 300,
]  # fmt: skip
CODINGS = [
    b"", b"identity", b"gzip, chunked", b"chunked, chunked", b"chunked,", b",chunked", b"xchunked",
    b'"chunked"', b"chunked;q=1", b"chun ked", b"chunked\xa0", b"chunked, identity", b"gzip",
]  # fmt: skip


@pytest.mark.parametrize("value", LENGTHS)
@pytest.mark.parametrize("minor", [0, 1])
def test_what_is_no_length(value: bytes, minor: int) -> None:
    assert status(b"Content-Length: " + value, minor=minor) == 400


@pytest.mark.parametrize("value", CODINGS)
def test_codings_that_are_not_chunked_alone(value: bytes) -> None:
    assert status(b"Transfer-Encoding: " + value) == 400


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: 5", b"Content-Length: 5"),
        (b"Content-Length: 5", b"content-length: 6"),
        (b"Content-Length: 0", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"transfer-encoding: identity"),
        (b"Transfer-Encoding: chunked", b"Connection: transfer-encoding", b"Content-Length: 5"),
        (b"Transfer-Encoding: x", b"Connection: transfer-encoding"),
    ],
)
def test_framing_that_contradicts_itself(lines: tuple[bytes, ...]) -> None:
    assert status(*lines) == 400


def test_http_1_0_knows_no_chunks() -> None:
    assert status(b"Transfer-Encoding: chunked", minor=0) == 400


# Expect, Upgrade


@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("value", [b"100-continue", b"100-CONTINUE \t"])
def test_expect(framing: bytes, value: bytes) -> None:
    assert plan(framing, b"Expect: " + value) == plan(framing)._replace(expects_continue=True)


def test_expect_without_a_body_or_from_http_1_0_is_ignored() -> None:
    """RFC 9110 §10.1.1."""
    assert plan(b"Expect: 100-continue") == PLAIN
    assert plan(b"Content-Length: 0", b"Expect: 100-continue") == PLAIN._replace(sized=True)
    for value in (b"100-continue", b"whatever"):
        sized = plan(b"Content-Length: 5", b"Expect: " + value, minor=0)
        assert sized == PLAIN._replace(length=5, sized=True, close=True)


@pytest.mark.parametrize(
    "lines",
    [
        (b"Expect: x",),
        (b"Expect:",),
        (b"Expect: 100-continue, x",),
        (b"Expect: 100-continue", b"Expect: x"),
        (b"Expect: y 100-continue", b"Content-Length: 45"),
    ],
)
def test_other_expectations(lines: tuple[bytes, ...]) -> None:
    assert status(*lines) == 417


@pytest.mark.parametrize(
    ("lines", "websocket"),
    [
        ((b"Connection: upgrade", b"Upgrade: websocket"), True),
        ((b"Connection: keep-alive, Upgrade", b"upgrade: WebSocket"), True),
        ((b"Connection: upgrade", b"Upgrade: websocket", b"Content-Length: 0"), True),
        ((b"Upgrade: websocket",), False),
        ((b"Connection: keep-alive", b"Upgrade: websocket"), False),
        ((b"Connection: upgrade",), False),
        ((b"Connection: upgrade", b"Upgrade: h2c"), False),
        ((b"Connection: upgrade", b"Upgrade: websocket, h2c"), False),
        ((b"Connection: upgrade", b"Upgrade: websocket", b"Upgrade: h2c"), False),
        ((b"Connection: upgrade", b"Upgrade: websocket", b"Content-Length: 5"), False),
        ((b"Connection: upgrade", b"Upgrade: websocket", b"Transfer-Encoding: chunked"), False),
    ],
)
def test_upgrade(lines: tuple[bytes, ...], websocket: bool) -> None:
    """RFC 9110 §7.8. The field never passes: it is written anew."""
    read = plan(*lines)
    assert (read.websocket, read.plain) == (websocket, not websocket)
    assert read.passing == PLAIN.passing


def test_upgrade_from_http_1_0_is_ignored() -> None:
    lines = (b"Connection: upgrade", b"Upgrade: websocket")
    assert plan(*lines, minor=0) == PLAIN._replace(close=True)


# Via, Max-Forwards, where it came from, which one it is


def test_via_and_max_forwards_are_looked_at_again() -> None:
    assert plan(b"Via: 1.1 b, 1.0 c", b"via:") == PLAIN._replace(
        via=(b"1.1 b, 1.0 c", b""), plain=False
    )
    assert plan(b"Max-Forwards: 3") == PLAIN._replace(max_forwards=b"3", plain=False)
    twice = plan(b"Max-Forwards: 3", b"max-forwards: 4")
    assert twice == PLAIN._replace(max_forwards=b"3, 4", plain=False)


def test_claims_of_where_it_came_from() -> None:
    lines = (b"X-Forwarded-For: b", b"X-REAL-IP: c", b"x-forwarded-any: d", b"Forwarded: for=e")
    assert plan(*lines, b"X-Forwarded-For:  f, g ") == PLAIN._replace(
        claims=(
            (b"x-forwarded-for", b"b"),
            (b"x-real-ip", b"c"),
            (b"x-forwarded-any", b"d"),
            (b"forwarded", b"for=e"),
            (b"x-forwarded-for", b"f, g"),
        )
    )


@pytest.mark.parametrize("value", [b"a", b"aZ09._:/+=-", b"a" * 128])
def test_valid_request_ids(value: bytes) -> None:
    expected = PLAIN._replace(request_id=value)
    assert plan(b"X-Request-ID: " + value) == expected
    assert plan(b"X-Request-ID: " + value, b"x-request-id: other") == expected


@pytest.mark.parametrize("value", [b"", b"a" * 129, b"a b", b"a;b", b'"a"', b"a\xff", b"<a>"])
def test_other_request_ids_count_as_none(value: bytes) -> None:
    assert plan(b"X-Request-ID: " + value) == PLAIN


def test_force() -> None:
    assert plan(b"Strangler-Force: native", b"strangler-force: legacy") == PLAIN._replace(
        force=b"native"
    )


@pytest.mark.parametrize(("value", "hops"), [(b"0", 0), (b"007", 7), (b"9" * 18, 10**18 - 1)])
def test_hops_left(value: bytes, hops: int) -> None:
    assert hops_left(value) == hops


@pytest.mark.parametrize("value", [b"", b"x", b"-1", b"+1", b"1_0", b" 1", b"1\n", b"9" * 19])
def test_hops_that_are_no_number(value: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        hops_left(value)
    assert caught.value.status == 400


def test_via_lines() -> None:
    assert pseudonym_of("one") == b"strangler-one"
    assert via_line(1, b"strangler-one", ()) == b"via: 1.1 strangler-one\r\n"
    assert via_line(0, b"strangler-one", ()) == b"via: 1.0 strangler-one\r\n"
    before = (b"1.0 edge, 2 cdn", b"1.1 front")
    assert via_line(1, b"s", before) == b"via: 1.0 edge, 2 cdn, 1.1 front, 1.1 s\r\n"


# field lines that are none


@pytest.mark.parametrize(
    "line",
    [
        b"X", b":x", b": x", b" X: y", b"\tX: y", b"X : y", b"X\t: y", b"X Y: z", b"X=y",
        b"(X): y", b"X,Y: z", b"X@: y", b'"X": y', b"X/Y: z", b"\xc3\x9c: y", b"\x0bX: y",
        b"Transfer-Encod\xc4\xb0ng: chunked", b"X\xa0: y", b"Content-Length\xa0: 5",
    ],
)  # fmt: skip
def test_what_is_no_field_line(line: bytes) -> None:
    assert status(line) == 400
    assert status(b"X-A: 1", line, b"X-B: 2") == 400
    assert refusal(head(line, b"Host: a")) == 400


CONTROLS = [bytes((one,)) for one in (*range(0x20), 0x7F) if one != 9]


@pytest.mark.parametrize("line", [b"X%bY: z", b"X:%bz", b"X: y%bz", b"X: y%b"])
def test_control_octets(line: bytes) -> None:
    """Bare CR and LF are among them."""
    assert {octet: status(line % octet) for octet in CONTROLS} == dict.fromkeys(CONTROLS, 400)


@pytest.mark.parametrize("folded", [b"X: y\r\n z", b"X:\r\n y", b"X: y\r\n\tz", b"X: y\r\n \r\n z"])
def test_folded_lines(folded: bytes) -> None:
    """RFC 9112 §5.2: two readers may differ about them."""
    assert status(folded) == 400


# how much


def test_128_fields_are_taken() -> None:
    lines = [b"X: 1"] * (MOST_FIELDS - 1)
    assert passed(*lines) == lines


@pytest.mark.parametrize("line", [b"X: 1", b"X_Y: dropped", b"Cookie: a", b"Via: 1.1 a"])
def test_129_are_not(line: bytes) -> None:
    assert status(*[line] * MOST_FIELDS) == 431


def block(size: int) -> list[bytes]:
    """Fields of so many octets in all, with line ends."""
    return [b"Host: a", b"X: ".ljust(size - 11, b"x")]


def test_64_kib_of_fields_are_taken() -> None:
    _, read = request(head(*block(LONGEST_FIELDS)))
    assert len(read.passing) == LONGEST_FIELDS


@pytest.mark.parametrize("over", [1, 2, 3, 1000])
def test_one_octet_more_is_not(over: int) -> None:
    assert refusal(head(*block(LONGEST_FIELDS + over))) == 431
    with pytest.raises(TooLargeError) as caught:
        read_plan(b"".join(line + b"\r\n" for line in block(LONGEST_FIELDS + over)), 1)
    assert caught.value.status == 431
