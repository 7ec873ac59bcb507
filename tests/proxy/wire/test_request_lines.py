"""The first line of a request: what is taken for what, and what is refused with which status."""

import pytest

from proxy.wire.errors import MalformedError
from proxy.wire.request import (
    LONGEST_HOST,
    LONGEST_LINE,
    ORDINARY_LINE,
    RequestLine,
    check_unfinished,
    read_unusual_line,
    valid_host,
)
from tests.proxy.wire.feeding import refusal, request

HOST = b"\r\nHost: a\r\n\r\n"


def line_of(line: bytes) -> RequestLine:
    read, _ = request(line + HOST)
    assert read.size == len(line) + 2
    return read


@pytest.mark.parametrize(
    ("line", "method", "target", "minor"),
    [
        (b"GET / HTTP/1.1", b"GET", b"/", 1),
        (b"GET / HTTP/1.0", b"GET", b"/", 0),
        (b"GET / HTTP/1.2", b"GET", b"/", 1),
        (b"GET / HTTP/1.9", b"GET", b"/", 1),
        (b"get /A HTTP/1.1", b"get", b"/A", 1),
        (b"!#$%&'*+-.^_`|~09AZaz / HTTP/1.1", b"!#$%&'*+-.^_`|~09AZaz", b"/", 1),
        (b"CONNECTED / HTTP/1.1", b"CONNECTED", b"/", 1),
        (b"GET //a/../%2F?a&b=;?/ HTTP/1.1", b"GET", b"//a/../%2F?a&b=;?/", 1),
        (b'GET /"<>\\^{|} HTTP/1.1', b"GET", b'/"<>\\^{|}', 1),
        (b"GET /\x80\xff\xc3\xa9 HTTP/1.1", b"GET", b"/\x80\xff\xc3\xa9", 1),
        (b"GET /* HTTP/1.1", b"GET", b"/*", 1),
        (b"OPTIONS * HTTP/1.1", b"OPTIONS", b"*", 1),
        (b"OPTIONS * HTTP/1.0", b"OPTIONS", b"*", 0),
    ],
)
def test_origin_form(line: bytes, method: bytes, target: bytes, minor: int) -> None:
    assert line_of(line) == (method, target, minor, None, len(line) + 2)


@pytest.mark.parametrize(
    ("target", "authority", "origin"),
    [
        (b"http://b/", b"b", b"/"),
        (b"http://b", b"b", b"/"),
        (b"HTTPS://B:8/x?y", b"B:8", b"/x?y"),
        (b"http://b?x", b"b", b"/?x"),
        (b"http://[::1]:8//x", b"[::1]:8", b"//x"),
        (b"http://b/http://c/", b"b", b"/http://c/"),
        (b"http://b/\x85\xff", b"b", b"/\x85\xff"),
    ],
)
def test_absolute_form(target: bytes, authority: bytes, origin: bytes) -> None:
    """Its authority is the Host, whatever Host says (RFC 9112 §3.2.2)."""
    line, plan = request(b"GET " + target + b" HTTP/1.1\r\nX: 1\r\nhost: other\r\nY: 2\r\n\r\n")
    assert line == (b"GET", origin, 1, authority, len(target) + 15)
    assert plan.host == authority
    assert plan.passing == b"Host: %b\r\nX: 1\r\nY: 2\r\n" % authority


def test_absolute_form_of_http_1_0_needs_no_host() -> None:
    _, plan = request(b"GET http://b/ HTTP/1.0\r\n\r\n")
    assert (plan.host, plan.passing) == (b"b", b"Host: b\r\n")


def test_absolute_form_of_http_1_1_does() -> None:
    assert refusal(b"GET http://b/ HTTP/1.1\r\n\r\n") == 400


def test_options_of_a_server_as_a_whole() -> None:
    """RFC 9112 §3.2.4."""
    line, _ = request(b"OPTIONS http://b HTTP/1.1" + HOST)
    assert (line.target, line.authority) == (b"*", b"b")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET / HTTP/2.0", 505),
        (b"GET / HTTP/0.9", 505),
        (b"PRI * HTTP/2.0", 505),
        (b"CONNECT a:80 HTTP/1.1", 501),
        (b"CONNECT / HTTP/1.1", 501),
        (b"CONNECT * HTTP/1.0", 501),
        (b"GET * HTTP/1.1", 400),
        (b"GET a HTTP/1.1", 400),
        (b"GET ?a HTTP/1.1", 400),
        (b"GET  HTTP/1.1", 400),
        (b"GET /a#b HTTP/1.1", 400),
        (b"GET http://b/#c HTTP/1.1", 400),
        (b"GET http:// HTTP/1.1", 400),
        (b"GET http:///a HTTP/1.1", 400),
        (b"GET http://?a HTTP/1.1", 400),
        (b"GET http://u@b/ HTTP/1.1", 400),
        (b"GET http://u:p@b/ HTTP/1.1", 400),
        (b"GET http://b\\@c/ HTTP/1.1", 400),
        (b"GET http://b:x/ HTTP/1.1", 400),
        (b"GET ftp://b/ HTTP/1.1", 400),
        (b"GET http:/b HTTP/1.1", 400),
        (b"OPTIONS b:80 HTTP/1.1", 400),
        (b"GET /", 400),
        (b"GET", 400),
        (b"", 400),
        (b"GET / ", 400),
        (b"GET / HTTP", 400),
        (b"GET / HTTP/1", 400),
        (b"GET / HTTP/1.", 400),
        (b"GET / HTTP/1.10", 400),
        (b"GET / HTTP/11.1", 400),
        (b"GET / HTTP/1,1", 400),
        (b"GET / HTTP/1.\xb9", 400),
        (b"GET / http/1.1", 400),
        (b"GET / HTTPS/1.1", 400),
        (b"GET / HTTP/1.1 ", 400),
        (b"GET / HTTP/1.1\t", 400),
        (b"GET / HTTP/1.1 HTTP/1.1", 400),
        (b"GET / a HTTP/1.1", 400),
        (b" GET / HTTP/1.1", 400),
        (b"GET  / HTTP/1.1", 400),
        (b"GET /  HTTP/1.1", 400),
        (b"GET\t/ HTTP/1.1", 400),
        (b"GET /\tHTTP/1.1", 400),
        (b"GET /\x0bHTTP/1.1", 400),
        (b"GET /\x0cHTTP/1.1", 400),
        (b"GET /\xa0HTTP/1.1", 400),
        (b"GET: / HTTP/1.1", 400),
        (b"G(T / HTTP/1.1", 400),
        (b"G\xc9T / HTTP/1.1", 400),
        (b" / HTTP/1.1", 400),
    ],
)
def test_what_is_no_request_line(line: bytes, status: int) -> None:
    assert refusal(line + HOST) == status


CONTROLS = [bytes((one,)) for one in (*range(0x20), 0x7F) if one != 9]


@pytest.mark.parametrize("line", [b"G%bT / HTTP/1.1", b"GET /%b HTTP/1.1", b"GET / HTTP/1.1%b"])
def test_control_octets(line: bytes) -> None:
    """CR and LF by themselves too: a line ends with both."""
    told = {octet: refusal(line % octet + HOST) for octet in CONTROLS}
    assert told == dict.fromkeys(CONTROLS, 400)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\n\r", b"\r\r\n", b" \r\n", b"\x0b\r\n", b"\r \n"])
def test_line_ends(end: bytes) -> None:
    assert refusal(b"GET / HTTP/1.1" + end + b"Host: a\r\n\r\n") == 400


def test_a_line_that_both_ways_can_read_is_the_same_to_both() -> None:
    """`ORDINARY_LINE` is quicker, not laxer."""
    for line in (b"GET /a?b HTTP/1.1\r\n", b"PUT /\xff HTTP/1.0\r\n", b"x / HTTP/1.7\r\n"):
        ordinary = ORDINARY_LINE.match(line)
        assert ordinary is not None
        method, target, digit = ordinary.groups()
        minor = 0 if digit == b"0" else 1
        assert read_unusual_line(line) == (method, target, minor, None, len(line))


# length


def long_line(size: int, target: bytes = b"/") -> bytes:
    """With its end so many octets long."""
    return b"GET " + target + b"x" * (size - len(target) - 15) + b" HTTP/1.1"


@pytest.mark.parametrize("target", [b"/", b"http://b/"])
def test_16_kib_are_taken(target: bytes) -> None:
    assert line_of(long_line(LONGEST_LINE, target)).size == LONGEST_LINE


@pytest.mark.parametrize("target", [b"/", b"http://b/"])
@pytest.mark.parametrize("over", [1, 2, 1000])
def test_one_octet_more_is_not(target: bytes, over: int) -> None:
    assert refusal(long_line(LONGEST_LINE + over, target) + HOST) == 414


@pytest.mark.parametrize("octets", [b"x", b"GET /" + b"x", b" ", b"GET http://"])
def test_a_line_without_end_is_refused_when_it_is_too_long(octets: bytes) -> None:
    short = octets.ljust(LONGEST_LINE - 1, b"x")
    check_unfinished(short)
    for longer in (short + b"x", short + b"\r", short + b"x" * 1000):
        with pytest.raises(MalformedError) as caught:
            check_unfinished(longer)
        assert caught.value.status == 414


def test_what_is_too_long_is_that_and_not_malformed() -> None:
    with pytest.raises(MalformedError) as caught:
        read_unusual_line(b" " * LONGEST_LINE + b" / HTTP/1.1\r\n")
    assert caught.value.status == 414
    with pytest.raises(MalformedError) as caught:
        read_unusual_line(b" " * (LONGEST_LINE - 14) + b" / HTTP/1.1\r\n")
    assert caught.value.status == 400


# hosts


@pytest.mark.parametrize(
    "host",
    [
        b"a", b"A.b-C_d~e", b"a:80", b"a:", b"127.0.0.1:65535", b"[::1]", b"[2001:DB8::1.2.3.4]:8",
        b"%e9%E9", b"!$&'()*+,;=", b"a" * LONGEST_HOST,
    ],
)  # fmt: skip
def test_valid_hosts(host: bytes) -> None:
    assert valid_host(host)


@pytest.mark.parametrize(
    "host",
    [
        b"", b":80", b"a b", b"a/b", b"a?b", b"a#b", b"a@b", b"a\\b", b"a:80:90", b"a:x", b"a:-1",
        b"a:123456", b"[::1", b"::1", b"[]", b"[a g]", b"[::1]a", b"a\xff", b"%", b"%4", b"%zz",
        b"a\x00", b"a\t", b"a\n", b'"a"', b"<a>", b"a" * (LONGEST_HOST + 1),
    ],
)  # fmt: skip
def test_invalid_hosts(host: bytes) -> None:
    assert not valid_host(host)
