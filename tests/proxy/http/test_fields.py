"""Fields that are none of a proxy's business: they pass octet for octet, in their order."""

import pytest

from tests.proxy.http.harness import STRANGER, Harness, answer, chunked, request
from tests.proxy.http.messages import ADDED_TO_REQUESTS
from tests.proxy.http.upstream import in_pieces

pytestmark = pytest.mark.musts

HOST = (b"Host", b"www.example.org")
DATE = (b"Date", b"Mon, 01 Jan 2001 00:00:00 GMT")

Fields = list[tuple[bytes, bytes]]

UNKNOWN: list[Fields] = [
    [(b"X-Unknown", b"1")],
    [(b"x-lower", b"a"), (b"X-UPPER", b"B"), (b"x-MiXeD-cAsE", b"c")],
    [(b"X-Empty", b"")],
    [(b"X", b"one letter")],
    [(b"!#$%&'*+-.^`|~0aZ", b"every octet of a token but one")],
    [(b"X-Quoted", b'"a, \\"b\\" ; c", d;e="f"')],
    [(b"X-Octets", bytes(range(0x80, 0x100)))],
    [(b"X-Inside", b"a \t  b:c::d")],
    [(b"X-Visible", bytes(range(0x21, 0x7F)))],
    [(b"X-Long", b"v" * 8000)],
    [(b"Accept-Encoding", b"gzip, br;q=0.5, *;q=0"), (b"Content-Type", b"text/plain")],
    [(b"Sec-Fetch-Site", b"same-origin"), (b"Priority", b"u=1, i"), (b"DNT", b"1")],
    [(b"X-%d" % number, b"%d" % number) for number in range(90)],
]
REPEATED: list[Fields] = [
    [(b"X-A", b"1"), (b"X-A", b"2"), (b"X-A", b"3")],
    [(b"X-A", b"2"), (b"X-B", b"x"), (b"x-a", b"1"), (b"X-B", b"y"), (b"X-A", b"2")],
    [(b"Accept", b"a/b"), (b"X-Between", b""), (b"Accept", b"c/d, e/f")],
    [(b"Warning", b'110 - "a"'), (b"Warning", b'110 - "a"')],
]
SET_COOKIE: list[Fields] = [
    [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")],
    [(b"Set-Cookie", b"a=1; Expires=Mon, 01 Jan 2001 00:00:00 GMT; Path=/"), (b"X", b"y")],
    [(b"set-cookie", b'c="a, b; c"'), (b"Set-Cookie", b"c="), (b"SET-COOKIE", b"=;;")],
    [(b"Set-Cookie", b"sessionid=%d; HttpOnly" % number) for number in range(30)],
]
PROXY_ADDS = {b"via", b"x-request-id", b"strangler-owner"}


def lines(fields: Fields) -> tuple[bytes, ...]:
    return tuple(name + b": " + value for name, value in fields)


@pytest.mark.must(8)
@pytest.mark.parametrize("fields", UNKNOWN, ids=lambda fields: repr(fields[0][0]))
async def test_unknown_fields_pass_both_ways(harness: Harness, fields: Fields) -> None:
    said = answer(*lines([DATE, *fields]))
    seen = await harness.exchange(request(b"/", *lines(fields)), answer=said)
    assert seen.request.passed == [HOST, *fields]
    assert seen.answer.head.passed == [DATE, *fields, (b"Content-Length", b"2")]


@pytest.mark.must(9)
@pytest.mark.parametrize("fields", REPEATED, ids=lambda fields: repr(fields[0][0]))
async def test_lines_of_one_name_keep_their_order(harness: Harness, fields: Fields) -> None:
    said = answer(*lines([DATE, *fields]))
    seen = await harness.exchange(request(b"/", *lines(fields)), answer=said)
    assert seen.request.passed == [HOST, *fields]
    assert seen.answer.head.passed == [DATE, *fields, (b"Content-Length", b"2")]


@pytest.mark.must(9)
@pytest.mark.parametrize("fields", SET_COOKIE, ids=lambda fields: repr(fields[0][1]))
async def test_every_set_cookie_stays_a_line_of_its_own(harness: Harness, fields: Fields) -> None:
    seen = await harness.exchange(request(), answer=answer(*lines([DATE, *fields])))
    assert seen.answer.head.passed == [DATE, *fields, (b"Content-Length", b"2")]


@pytest.mark.must(9)
@pytest.mark.parametrize(
    "value",
    [b"a=1", b"a=1; b=2", b"a=1;b=2;", b'a="x, y";  b=', b"csrftoken=a%20b", b"a=\xe9", b"junk"],
)
async def test_one_cookie_line_passes_as_it_is(harness: Harness, value: bytes) -> None:
    seen = await harness.exchange(request(b"/", b"X-Before: 1", b"Cookie: " + value, b"X-After: 2"))
    assert seen.request.passed == [
        HOST,
        (b"X-Before", b"1"),
        (b"Cookie", value),
        (b"X-After", b"2"),
    ]


@pytest.mark.must(9)
@pytest.mark.parametrize(
    ("values", "one"),
    [
        ([b"a=1", b"b=2"], b"a=1; b=2"),
        ([b'a="1"', b"b=2; c=3", b"d=4"], b'a="1"; b=2; c=3; d=4'),
        ([b"a=1", b"a=1"], b"a=1; a=1"),
        ([b"c=%d" % number for number in range(20)], b"; ".join(b"c=%d" % n for n in range(20))),
    ],
)
async def test_several_cookie_lines_become_one(
    harness: Harness, values: list[bytes], one: bytes
) -> None:
    between = [line for value in values for line in (b"Cookie: " + value, b"X-Between: 1")]
    seen = await harness.exchange(request(b"/", *between))
    assert seen.request.values(b"cookie") == [one]


@pytest.mark.must(8, 29)
async def test_a_whole_head_without_body(harness: Harness) -> None:
    seen = await harness.exchange(request(b"/a?b", b"X-B: 1", b"x-a:2", b"X-B:\t3 "))
    request_id = seen.answer.value(b"x-request-id")
    assert unified(seen.request.raw) == (
        b"GET /a?b HTTP/1.1\r\nHost: www.example.org\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\n"
        + appended(harness, request_id)
        + b"\r\n"
    )


@pytest.mark.must(8, 29)
@pytest.mark.parametrize(
    ("line", "framing", "body"),
    [
        (b"Content-Length: 5", b"content-length: 5", b"hello"),
        (b"Content-Length: 0", b"content-length: 0", b""),
        (
            b"Transfer-Encoding: chunked",
            b"transfer-encoding: chunked",
            b"5\r\nhello\r\n0\r\n\r\n",
        ),
    ],
)
async def test_a_whole_head_with_a_body(
    harness: Harness, line: bytes, framing: bytes, body: bytes
) -> None:
    seen = await harness.exchange(request(b"/", b"X-A: 1", line, method=b"POST") + body)
    lowered = seen.request.raw.lower()
    assert lowered.count(framing + b"\r\n") == 1
    request_id = seen.answer.value(b"x-request-id")
    assert unified(seen.request.raw, framing) == (
        b"POST / HTTP/1.1\r\nHost: www.example.org\r\nX-A: 1\r\n"
        + appended(harness, request_id)
        + b"\r\n"
    )


@pytest.mark.must(8, 29)
async def test_a_whole_head_of_an_answer(harness: Harness) -> None:
    """What the upstream said first, then ours."""
    said = answer(b"Date: now", b"X-B: 1", b"x-a:2", status=b"200 Fine  by me")
    seen = await harness.exchange(request(), answer=said)
    head = seen.answer.head
    start = b"HTTP/1.1 200 Fine  by me\r\nDate: now\r\nX-B: 1\r\nx-a: 2\r\ncontent-length: 2\r\n"
    assert unified(head.raw).startswith(start)
    assert {name.lower() for name, _ in head.fields[4:]} == PROXY_ADDS


WHOLE_REQUEST = (
    request(
        b"/a?b", b"X-A: 1", b"Cookie: a=1", b"Cookie: b=2",
        b"Transfer-Encoding: chunked", method=b"POST",
    )
    + chunked(b"hello", b"x" * 40, trailers=b"X-Trailer: 1\r\n")
)  # fmt: skip
WHOLE_ANSWER = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 201 Made\r\nDate: now\r\nX-A: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
) + chunked(b"hello", b"x" * 40, trailers=b"X-Trailer: 1\r\n")


@pytest.mark.must(8, 9, 11)
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_whatever_pieces_it_comes_in(harness: Harness, size: int) -> None:
    pieces = [WHOLE_REQUEST[at : at + size] for at in range(0, len(WHOLE_REQUEST), size)]
    seen = await harness.exchange(*pieces, script=in_pieces(WHOLE_ANSWER, size))
    assert seen.request.start == b"POST /a?b HTTP/1.1"
    assert seen.request.passed == [HOST, (b"X-A", b"1"), (b"Cookie", b"a=1; b=2")]
    assert seen.body == seen.answer.body == b"hello" + b"x" * 40
    assert seen.answer.head.start == b"HTTP/1.1 201 Made"
    assert seen.answer.head.passed == [
        (b"Date", b"now"),
        (b"X-A", b"1"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
    ]


def appended(harness: Harness, request_id: bytes) -> bytes:
    """What the proxy appends to a request of a stranger, in this order."""
    origin = STRANGER.encode()
    return (
        b"via: 1.1 " + harness.pseudonym + b"\r\n"
        b"x-forwarded-for: " + origin + b"\r\n"
        b"x-forwarded-proto: http\r\n"
        b"x-forwarded-host: www.example.org\r\n"
        b"forwarded: for=" + origin + b';host="www.example.org";proto=http\r\n'
        b"x-request-id: " + request_id + b"\r\n"
    )


def unified(head: bytes, without: bytes = b"") -> bytes:
    """With one space after each colon, names of ours in lower case, and without that line."""
    start, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = (line.partition(b":") for line in lines if line.lower() != without)
    unified = (own_in_lower_case(name) + b": " + value.strip(b" \t") for name, _, value in kept)
    return b"\r\n".join((start, *unified, b"", b""))


def own_in_lower_case(name: bytes) -> bytes:
    return name.lower() if name.lower() in ADDED_TO_REQUESTS else name
