"""Content passes as it is, whatever it is and however it is framed; trailers go nowhere."""

import gzip
import zlib

import pytest

from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import HOST, Harness, answer, chunked, request
from tests.proxy.http.upstream import DATE, OK, answering_and_closing

pytestmark = pytest.mark.musts

EVERY_OCTET = bytes(range(256))
BODIES = {
    "one octet": b"x",
    "every octet": EVERY_OCTET,
    "line ends": b"\r\n\r\n\n\r0\r\n\r\n",
    "looks like an answer": OK,
    "gzip": gzip.compress(b"text " * 100, mtime=0),
    "no gzip at all": b"\x1f\x8bnot really",
    "large": EVERY_OCTET * 1024,
}
CODINGS = [b"gzip", b"br", b"identity", b"deflate", b"gzip, br", b"x-unknown"]


def in_chunks(body: bytes) -> bytes:
    return chunked(*(body[at : at + 1000] for at in range(0, len(body), 1000)))


@pytest.mark.must(7)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
async def test_content_of_answers(harness: Harness, framing: str, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Encoding: gzip\r\nContent-Type: text/html\r\n"
    whole = {
        "length": head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body),
        "chunked": head + b"Transfer-Encoding: chunked\r\n\r\n" + in_chunks(body),
        "close": head + b"\r\n" + body,
    }[framing]
    seen = await harness.exchange(request(), script=answering_and_closing(whole))
    assert seen.answer.body == body
    assert seen.answer.values(b"content-encoding") == [b"gzip"]
    assert seen.answer.values(b"content-type") == [b"text/html"]


@pytest.mark.must(7)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_content_of_requests(harness: Harness, framing: str, body: bytes) -> None:
    lines = (b"Content-Encoding: gzip", b"Content-Type: application/x-www-form-urlencoded")
    if framing == "length":
        said = request(b"/", *lines, method=b"POST", body=body)
    else:
        head = request(b"/", *lines, b"Transfer-Encoding: chunked", method=b"POST")
        said = head + in_chunks(body)
    seen = await harness.exchange(said)
    assert seen.body == body
    assert seen.request.values(b"content-encoding") == [b"gzip"]
    assert seen.request.values(b"content-length") == (
        [b"%d" % len(body)] if framing == "length" else []
    )


@pytest.mark.must(7)
@pytest.mark.parametrize("coding", CODINGS)
async def test_no_coding_is_undone_or_done(harness: Harness, coding: bytes) -> None:
    body = zlib.compress(b"text " * 50)
    lines = (b"Content-Encoding: " + coding, b"Content-MD5: x", b'ETag: "strong"', b"Age: 1")
    seen = await harness.exchange(
        request(b"/", b"Accept-Encoding: " + coding), answer=answer(*lines, body=body)
    )
    assert seen.request.values(b"accept-encoding") == [coding]
    assert seen.answer.body == body
    assert seen.answer.value(b"content-encoding") == coding
    assert seen.answer.value(b"etag") == b'"strong"'
    assert seen.answer.value(b"content-length") == b"%d" % len(body)


@pytest.mark.must(7)
@pytest.mark.parametrize("method", [b"GET", b"DELETE", b"OPTIONS", b"PATCH", b"QUERY"])
async def test_any_method_may_have_content(harness: Harness, method: bytes) -> None:
    seen = await harness.exchange(request(method=method, body=b"hello"))
    assert (seen.request.method, seen.body) == (method, b"hello")


TRAILERS = [
    b"X-Checksum: 1\r\n",
    b"Content-Length: 5\r\n",
    b"Host: evil.example\r\n",
    b"Cookie: evil=1\r\nAuthorization: evil\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Set-Cookie: evil=1\r\n",
    b"X-Forwarded-For: 192.0.2.1\r\nX-Empty:\r\n",
]


@pytest.mark.must(11)
@pytest.mark.parametrize("trailers", TRAILERS)
async def test_trailers_of_a_request_go_nowhere(harness: Harness, trailers: bytes) -> None:
    """The strict reader at the upstream takes no trailers, and the connection serves on."""
    head = request(b"/", b"Transfer-Encoding: chunked", b"X-Kept: 1", method=b"POST")
    client = await harness.client()
    for _ in range(2):
        await client.say(head + chunked(b"hello", trailers=trailers))
        assert (await client.answer()).status == 200
    assert harness.upstream.bodies == [b"hello", b"hello"]
    for seen in harness.upstream.heads:
        assert seen.passed == [(b"Host", b"www.example.org"), (b"X-Kept", b"1")]


@pytest.mark.must(11)
@pytest.mark.parametrize("trailers", TRAILERS)
async def test_trailers_of_an_answer_go_nowhere(harness: Harness, trailers: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + DATE + b"Trailer: X-Checksum\r\nTransfer-Encoding: chunked\r\n"
    said = head + b"\r\n" + chunked(b"hello", trailers=trailers)

    async def script(peer: Peer) -> None:
        for _ in range(2):
            await peer.request()
            await peer.say(said)
        await peer.gone()

    harness.upstream.play(script)
    client = await harness.client()
    for _ in range(2):
        await client.say(request())
        came = await client.answer()
        assert (came.status, came.body) == (200, b"hello")
        assert came.head.passed == [(b"Date", b"Mon, 01 Jan 2001 00:00:00 GMT")]
    assert len(harness.upstream.peers) == 1


MALFORMED_LENGTHS = [
    b"+5",
    b"-5",
    b"0x5",
    b"5,5",
    b"5, 5",
    b"5 5",
    b"5;",
    b"",
    b"five",
    b"5.0",
    b"1_0",
    b"\xb5",
    b"9" * 19,
    b"9" * 40,
]


@pytest.mark.must(15)
@pytest.mark.parametrize("length", MALFORMED_LENGTHS)
async def test_a_malformed_length_never_reaches_the_upstream(
    harness: Harness, length: bytes
) -> None:
    said = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: " + length + b"\r\n\r\nhello"
    await harness.refused(said, status=400)


@pytest.mark.must(15)
@pytest.mark.parametrize("length", MALFORMED_LENGTHS)
async def test_a_malformed_length_never_reaches_the_client(harness: Harness, length: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\nhello"
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.status, seen.answer.body) == (502, b"502 Bad Gateway\n")
    assert seen.answer.value(b"content-length") == b"16"


@pytest.mark.must(15)
@pytest.mark.parametrize("size", [5, 65_536, 200_000])
async def test_a_length_that_turns_out_wrong_never_looks_right(harness: Harness, size: int) -> None:
    """Half of the body, and the client is gone: the upstream sees it cut, or nothing of it."""

    async def script(peer: Peer) -> None:
        await peer.request()  # a whole body would be written down in `bodies`
        await peer.gone()

    harness.upstream.play(script)
    client = await harness.client()
    head = request(b"/cut", b"Content-Length: %d" % size, method=b"POST")
    await client.say(head + b"x" * (size // 2))
    client.half_close()
    await client.gone()
    client.close()
    await harness.line(path="/cut")
    assert harness.upstream.bodies == []


@pytest.mark.must(15)
async def test_equal_lengths_of_an_answer_become_one(harness: Harness) -> None:
    said = answer(b"Content-Length: 5", body=b"hello")
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.values(b"content-length"), seen.answer.body) == ([b"5"], b"hello")
