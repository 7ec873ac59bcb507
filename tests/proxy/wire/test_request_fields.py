"""What the fields of a request mean, and which of them pass."""

import pytest

from proxy.wire.errors import MalformedError
from proxy.wire.request import Plan, hops_left, pseudonym_of, via_line
from tests.proxy.wire.feeding import refusal, request
from tests.proxy.wire.plans import PLAIN, head, passed, plan, status


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
