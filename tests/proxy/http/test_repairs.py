"""Space before a colon and folded lines: refused in requests, repaired in answers."""

import pytest

from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import HOST, Harness, request
from tests.proxy.http.upstream import DATE, OK, answering

pytestmark = pytest.mark.musts

SPACES = [b" ", b"\t", b"  ", b" \t "]
DATED = (b"Date", b"Mon, 01 Jan 2001 00:00:00 GMT")
BAD_GATEWAY = b"502 Bad Gateway\n"


@pytest.mark.must(33)
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    "line",
    [
        b"X-Any%b: 1",
        b"Cookie%b: a=b",
        b"Content-Length%b: 5",
        b"Transfer-Encoding%b: chunked",
        b"Connection%b: close",
        b"Host%b: www.example.org",
        b"x_dropped%b: 1",
        b"X-Any%b:",
    ],
)
async def test_space_before_the_colon_is_refused(
    harness: Harness, line: bytes, space: bytes
) -> None:
    host = b"" if line.startswith(b"Host") else HOST
    said = b"POST / HTTP/1.1\r\n" + host + line.replace(b"%b", space) + b"\r\n\r\nhello"
    await harness.refused(said, status=400)


NO_NAMES = [
    b"X Any: 1",
    b"X-Any 1",
    b"X-Any",
    b": 1",
    b" : 1",
    b":",
    b"X[Any]: 1",
    b"X(Any): 1",
    b"X/Any: 1",
    b"X@Any: 1",
    b"X=Any: 1",
    b"X,Any: 1",
    b"X;Any: 1",
    b"X?Any: 1",
    b'X"Any": 1',
    b"X\\Any: 1",
    b"X{Any}: 1",
    b"<X>: 1",
    b"GET / HTTP/1.1",
]


@pytest.mark.must(33)
@pytest.mark.parametrize("line", NO_NAMES)
async def test_what_is_no_name_is_refused(harness: Harness, line: bytes) -> None:
    await harness.refused(request(b"/", line), status=400)


@pytest.mark.must(33)
@pytest.mark.parametrize("line", NO_NAMES)
async def test_in_answers_too(harness: Harness, line: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\n" + line + b"\r\nContent-Length: 2\r\n\r\nok"
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)


@pytest.mark.must(33)
@pytest.mark.parametrize("space", SPACES)
async def test_space_before_the_colon_is_removed_from_answers(
    harness: Harness, space: bytes
) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Any%b: 1\r\nSet-Cookie%b:a=b : c\r\nX-Good: a : b\r\n" + DATE
    said = head.replace(b"%b", space) + b"Content-Length" + space + b": 2\r\n\r\nok"
    seen = await harness.exchange(request(), answer=said)
    assert seen.answer.head.passed == [
        (b"X-Any", b"1"),
        (b"Set-Cookie", b"a=b : c"),
        (b"X-Good", b"a : b"),
        DATED,
        (b"Content-Length", b"2"),
    ]
    assert (seen.answer.status, seen.answer.body) == (200, b"ok")


@pytest.mark.must(33)
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    ("line", "rest", "body"),
    [
        (b"Transfer-Encoding%b: chunked", b"2\r\nok\r\n0\r\n\r\n", b"ok"),
        (b"Content-Length%b: 0", b"", b""),
        (b"Connection%b: X-Gone\r\nX-Gone: 1\r\nContent-Length: 2", b"ok", b"ok"),
        (b"Keep-Alive%b: 5\r\nContent-Length: 2", b"ok", b"ok"),
        (b"Strangler-Owner%b: native\r\nContent-Length: 2", b"ok", b"ok"),
    ],
)
async def test_and_then_the_field_means_what_it_means(
    harness: Harness, line: bytes, rest: bytes, body: bytes, space: bytes
) -> None:
    """The connection is kept, so that the answer has just the length that it says."""
    head = b"HTTP/1.1 200 OK\r\n" + DATE + line.replace(b"%b", space) + b"\r\n\r\n"
    harness.upstream.play(answering(head + rest))
    client = await harness.client()
    for _ in range(2):
        await client.say(request())
        came = await client.answer()
        assert (came.status, came.body) == (200, body)
        assert came.values(b"strangler-owner") == [b"legacy"]
        names = {name.lower() for name, _ in came.head.fields}
        assert names.isdisjoint({b"x-gone", b"keep-alive"})
    assert len(harness.upstream.peers) == 1


@pytest.mark.must(33, 39)
@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length : 2\r\nContent-Length: 3",
        b"Content-Length : 2\r\nTransfer-Encoding: chunked",
        b"Content-Length: 2\r\nTransfer-Encoding : chunked",
        b"Transfer-Encoding : gzip",
        b"Content-Length : x",
    ],
)
async def test_and_is_refused_for_what_it_means(harness: Harness, lines: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n\r\nok"
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)


FOLDS = [b"\r\n ", b"\r\n\t", b" \r\n  ", b"\t\r\n \t", b"\r\n \r\n "]


@pytest.mark.must(34)
@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize(
    "line",
    [
        b"X-Any: a%bb",
        b"X-Any:%bb",
        b"X-Any: a%b",
        b"X-Any: a%bContent-Length: 5",
        b"X-Any: a%bGET /second HTTP/1.1",
        b"Cookie: a=b;%bc=d",
        b"Content-Length:%b5",
        b"Content-Length: 5%b5",
        b"Transfer-Encoding:%bchunked",
        b"Transfer-Encoding: chunked%b",
        b"Transfer-Encoding: gzip,%bchunked",
        b"Connection:%bclose",
        b"x_dropped: a%bb",
    ],
)
async def test_folded_lines_are_refused(harness: Harness, line: bytes, fold: bytes) -> None:
    said = b"POST / HTTP/1.1\r\n" + HOST + line.replace(b"%b", fold) + b"\r\n\r\nhello"
    await harness.refused(said, status=400)


@pytest.mark.must(34)
@pytest.mark.parametrize("fold", FOLDS)
async def test_a_folded_host_is_refused(harness: Harness, fold: bytes) -> None:
    said = b"GET / HTTP/1.1\r\nHost: www" + fold + b".example.org\r\n\r\n"
    await harness.refused(said, status=400)


@pytest.mark.must(34)
@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"X-Any: a%bb", b"a b"),
        (b"X-Any: a%bb%bc", b"a b c"),
        (b"X-Any:%ba", b"a"),
        (b"X-Any: a%bSet-Cookie: b=c", b"a Set-Cookie: b=c"),
        (b"X-Any: a%bHTTP/1.1 200 OK", b"a HTTP/1.1 200 OK"),
        (b"X-Any: a : b%bc : d", b"a : b c : d"),
        (b"X-Any : a%bb", b"a b"),
    ],
)
async def test_folded_lines_of_answers_become_one(
    harness: Harness, line: bytes, value: bytes, fold: bytes
) -> None:
    """With whitespace where the fold was, however much."""
    folded = line.replace(b"%b", fold)
    said = b"HTTP/1.1 200 OK\r\n" + DATE + folded + b"\r\nContent-Length: 2\r\n\r\nok"
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.status, seen.answer.body) == (200, b"ok")
    dated, (name, unfolded), length = seen.answer.head.passed
    assert (dated, name, length) == (DATED, b"X-Any", (b"Content-Length", b"2"))
    assert b" ".join(unfolded.split()) == value


@pytest.mark.must(34)
@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (b"Transfer-Encoding:%bchunked", b"2\r\nok\r\n0\r\n\r\n"),
        (b"Content-Length:%b2", b"ok"),
        (b"X-Any: a%bTransfer-Encoding: chunked\r\nContent-Length: 2", b"ok"),
        (b"X-Any: a%bContent-Length: 7\r\nContent-Length: 2", b"ok"),
    ],
)
async def test_and_then_the_framing_is_what_is_in_it(
    harness: Harness, line: bytes, rest: bytes, fold: bytes
) -> None:
    said = b"HTTP/1.1 200 OK\r\n" + DATE + line.replace(b"%b", fold) + b"\r\n\r\n" + rest
    harness.upstream.play(answering(said))
    client = await harness.client()
    for _ in range(2):
        await client.say(request())
        came = await client.answer()
        assert (came.status, came.body) == (200, b"ok")
    assert len(harness.upstream.peers) == 1


@pytest.mark.must(34, 39)
@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length: 2%b2",
        b"Content-Length: 2%bContent-Length: 2",
        b"Transfer-Encoding: gzip,%bchunked",
        b"Transfer-Encoding: chunked%bidentity",
    ],
)
async def test_or_the_answer_is_refused(harness: Harness, line: bytes, fold: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\n" + line.replace(b"%b", fold) + b"\r\n\r\nok"
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)


@pytest.mark.must(33, 34)
@pytest.mark.parametrize("size", [1, 7, 1000], ids=["octet by octet", "in pieces", "whole"])
async def test_however_it_comes(harness: Harness, size: int) -> None:
    """An interim answer is repaired like a final one."""
    lines = b"X-Any : a\r\n b\r\n"
    said = b"HTTP/1.1 103 Early Hints\r\n" + lines + b"\r\n" + OK[:-6] + b"\r\n" + lines + b"\r\nok"

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(*(said[at : at + size] for at in range(0, len(said), size)))

    seen = await harness.exchange(request(), script=script)
    (hints,) = seen.answer.interim
    assert hints.values(b"x-any") == [b"a b"]
    assert seen.answer.values(b"x-any") == [b"a b"]
    assert seen.answer.body == b"ok"
