"""Answers that have no body, whatever their fields say and whatever the upstream sends after."""

import pytest

from tests.proxy.http.harness import Harness, chunked, request
from tests.proxy.http.upstream import DATE, OK, answering, left_to_the_test

pytestmark = pytest.mark.musts

NO_FRAMING = b""
LENGTH = b"Content-Length: 5\r\n"
LENGTH_0 = b"Content-Length: 0\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def said(status: bytes, fields: bytes) -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + DATE + fields + b"\r\n"


@pytest.mark.must(16)
@pytest.mark.parametrize("fields", [NO_FRAMING, LENGTH, LENGTH_0, CHUNKED])
@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD"])
async def test_204_has_no_framing(harness: Harness, method: str, fields: bytes) -> None:
    script = answering(said(b"204 No Content", fields))
    seen = await harness.exchange(request(method=method.encode()), script=script, method=method)
    assert seen.answer.status == 204
    assert seen.answer.values(b"content-length") == []
    assert seen.answer.values(b"transfer-encoding") == []


@pytest.mark.must(16, 21)
@pytest.mark.parametrize("fields", [LENGTH, LENGTH_0, CHUNKED])
@pytest.mark.parametrize("status", [b"103 Early Hints", b"102 Processing"])
async def test_1xx_has_no_framing(harness: Harness, status: bytes, fields: bytes) -> None:
    interim = said(status, b"Link: </a>\r\n" + fields)
    seen = await harness.exchange(request(), answer=interim + OK)
    (head,) = seen.answer.interim
    assert head.start == b"HTTP/1.1 " + status
    assert head.values(b"link") == [b"</a>"]
    assert head.values(b"content-length") == head.values(b"transfer-encoding") == []
    assert (seen.answer.status, seen.answer.body) == (200, b"ok")


@pytest.mark.must(17)
@pytest.mark.parametrize(
    ("method", "status"),
    [("HEAD", b"200 OK"), ("HEAD", b"404 No"), ("HEAD", b"304 Same"), ("GET", b"304 Same")],
)
@pytest.mark.parametrize(
    ("fields", "lengths"),
    [
        (NO_FRAMING, []),
        (LENGTH, [b"5"]),
        (LENGTH_0, [b"0"]),
        (b"content-length:  123456789012 \r\n", [b"123456789012"]),
        (CHUNKED, []),
    ],
)
async def test_length_as_the_upstream_said_it_and_no_body(
    harness: Harness, method: str, status: bytes, fields: bytes, lengths: list[bytes]
) -> None:
    """Complete, so that both connections serve on."""
    harness.upstream.play(answering(said(status, fields), OK))
    client = await harness.client()
    await client.say(request(method=method.encode()))
    came = await client.answer(method)
    assert came.head.start == b"HTTP/1.1 " + status
    assert came.values(b"content-length") == lengths
    await client.say(request())
    assert (await client.answer()).body == b"ok"
    assert len(harness.upstream.peers) == 1


SURPLUS = {
    "HEAD with length": ("HEAD", said(b"200 OK", LENGTH) + b"hello"),
    "HEAD chunked": ("HEAD", said(b"200 OK", CHUNKED) + chunked(b"hello")),
    "HEAD until close": ("HEAD", said(b"200 OK", NO_FRAMING) + b"hello"),
    "HEAD with an answer": ("HEAD", said(b"200 OK", LENGTH_0) + OK),
    "HEAD of an error": ("HEAD", said(b"500 No", LENGTH) + b"hello"),
    "204 with length": ("GET", said(b"204 No Content", LENGTH) + b"hello"),
    "204 without": ("GET", said(b"204 No Content", NO_FRAMING) + b"hello"),
    "204 chunked": ("GET", said(b"204 No Content", CHUNKED) + chunked(b"hello")),
    "304 with length": ("GET", said(b"304 Same", LENGTH) + b"hello"),
    "304 with an answer": ("GET", said(b"304 Same", NO_FRAMING) + OK),
}


@pytest.mark.must(17, 18)
@pytest.mark.parametrize(("method", "surplus"), SURPLUS.values(), ids=SURPLUS)
async def test_no_content_even_where_the_upstream_sends_some(
    harness: Harness, method: str, surplus: bytes
) -> None:
    """It reaches nobody, and the next answer comes from another connection."""
    harness.upstream.play(answering(surplus), answering(OK))
    client = await harness.client()
    await client.say(request(method=method.encode()))
    assert (await client.answer(method)).body == b""
    await client.say(request(b"/next"))
    came = await client.answer()
    assert (came.status, came.body) == (200, b"ok")
    assert client.silent()
    assert [[head.target for head in peer.heads] for peer in harness.upstream.peers] == [
        [b"/"],
        [b"/next"],
    ]


@pytest.mark.must(18)
@pytest.mark.parametrize("method", ["HEAD", "GET"])
async def test_nor_where_it_sends_some_later(harness: Harness, method: str) -> None:
    """Octets that come after the exchange is over belong to none."""
    harness.upstream.play(left_to_the_test, answering(OK))
    client = await harness.client()
    await client.say(request(method=method.encode()))
    peer = await harness.upstream.peer()
    await peer.request()
    await peer.say(said(b"200 OK", LENGTH if method == "HEAD" else LENGTH_0))
    assert (await client.answer(method)).body == b""
    await peer.say(b"hello")
    await peer.gone()
    await client.say(request())
    assert (await client.answer()).body == b"ok"
    assert len(harness.upstream.peers) == 2
