"""Bodies pass as they come, both ways, and the proxy holds only a little of them."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import psutil  # type: ignore[import-untyped]
import pytest

from tests.longer import shorter
from tests.proxy.http.ends import PATIENCE, Peer, stops
from tests.proxy.http.harness import MAX_BODY, Harness, request
from tests.proxy.http.upstream import DATE, OK, left_to_the_test

pytestmark = pytest.mark.musts

EVENTS = [b"data: %d\n\n" % number for number in range(5)]
PIECES = [b"a", b"two", b"x" * 70_000, b"", b"last"]
MEBIBYTE = 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Type: text/event-stream\r\n"
CHUNKED = b"Transfer-Encoding: chunked"


def framed(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


@pytest.mark.must("A1")
@pytest.mark.parametrize("framing", ["chunked", "close", "length"])
async def test_an_event_arrives_before_the_next_is_said(harness: Harness, framing: str) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request())
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(HEAD + FRAMINGS[framing] + b"\r\n")
    head = await client.head()
    assert head.value(b"content-type") == b"text/event-stream"
    said = framed if framing == "chunked" else bytes
    arriving = bytes if framing == "length" else framed
    for event in EVENTS:
        await peer.say(said(event))
        assert await client.exactly(len(arriving(event))) == arriving(event)


FRAMINGS = {
    "chunked": b"Transfer-Encoding: chunked\r\n",
    "close": b"",
    "length": b"Content-Length: 1000\r\n",
}


@pytest.mark.must("A1")
async def test_an_event_in_one_piece_with_the_head(harness: Harness) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request())
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(HEAD + FRAMINGS["chunked"] + b"\r\n" + framed(EVENTS[0]))
    await client.head()
    assert await client.exactly(len(framed(EVENTS[0]))) == framed(EVENTS[0])


@pytest.mark.must("A1")
async def test_a_chunk_passes_before_it_is_whole(harness: Harness) -> None:
    """A chunk may be of gigabytes."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request())
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(HEAD + FRAMINGS["chunked"] + b"\r\n" + b"40000000\r\nbegin")
    await client.head()
    assert await client.until(b"begin")


@pytest.mark.must("A1")
async def test_a_chunked_upload_arrives_piece_by_piece(harness: Harness) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request(b"/", CHUNKED, method=b"POST"))
    peer = await harness.upstream.peer()
    assert (await peer.head()).values(b"transfer-encoding") == [b"chunked"]
    for piece in filter(None, PIECES):
        await client.say(framed(piece))
        assert await decoded(peer, len(piece)) == piece
    await client.say(b"0\r\n\r\n")
    assert await peer.exactly(5) == b"0\r\n\r\n"
    await peer.say(OK)
    assert (await client.answer()).status == 200


@pytest.mark.must("A1")
async def test_a_long_upload_arrives_piece_by_piece(harness: Harness) -> None:
    """Longer than what is gathered: 64 KiB."""
    size = sum(map(len, PIECES))
    assert size > 64 * 1024
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request(b"/", b"Content-Length: %d" % size, method=b"POST"))
    peer = await harness.upstream.peer()
    assert (await peer.head()).values(b"content-length") == [b"%d" % size]
    for piece in PIECES:
        await client.say(piece)
        assert await peer.exactly(len(piece)) == piece
    await peer.say(OK)
    assert (await client.answer()).status == 200


@pytest.mark.must("A1")
@pytest.mark.parametrize("size", [1, 1000, 65_536])
async def test_a_short_upload_holds_no_connection_of_the_upstreams(
    harness: Harness, size: int
) -> None:
    """It is gathered first: a slow client costs the site nothing."""
    client = await harness.client()
    await client.say(request(b"/", b"Content-Length: %d" % size, method=b"POST"), b"x" * (size - 1))
    await harness.metric("strangler_requests_in_flight")  # the proxy has been busy since
    assert harness.upstream.peers == []
    await client.say(b"y")
    assert (await client.answer()).status == 200
    assert harness.upstream.bodies == [b"x" * (size - 1) + b"y"]


@pytest.mark.must("A1")
async def test_an_answer_may_begin_before_the_request_has_ended(harness: Harness) -> None:
    """Both ways at once: what goes up comes down."""

    async def echo(peer: Peer) -> None:
        await peer.head()
        await peer.say(HEAD + FRAMINGS["chunked"] + b"\r\n")
        for piece in EVENTS:
            assert await decoded(peer, len(piece)) == piece
            await peer.say(framed(piece))
        assert await peer.exactly(5) == b"0\r\n\r\n"
        await peer.say(b"0\r\n\r\n")

    harness.upstream.play(echo)
    client = await harness.client()
    await client.say(request(b"/", CHUNKED, method=b"POST"))
    assert (await client.head()).status == 200
    for piece in EVENTS:
        await client.say(framed(piece))
        assert await client.exactly(len(framed(piece))) == framed(piece)
    await client.say(b"0\r\n\r\n")
    assert await client.exactly(5) == b"0\r\n\r\n"


@pytest.mark.must("A1")
async def test_a_client_that_does_not_read_stops_the_upstream(harness: Harness) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client(receive_buffer=4096)
    await client.say(request())
    peer = await harness.upstream.peer()
    await peer.head()
    size = 32 * MEBIBYTE
    await peer.say(HEAD + b"Content-Length: %d\r\n\r\n" % size)
    await client.head()
    await stops(peer, bytes(size), client)


@pytest.mark.must("A1")
async def test_an_upstream_that_does_not_read_stops_the_client(harness: Harness) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    length = b"Content-Length: %d" % MAX_BODY
    await client.say(request(b"/", length, method=b"POST"))
    peer = await harness.upstream.peer()
    await peer.head()
    await stops(client, bytes(MAX_BODY), peer)


@pytest.mark.must("A1")
async def test_memory_stays_bounded(harness: Harness) -> None:
    """128 MiB down, of which the proxy holds a little at any moment."""
    size, piece = shorter(128, 40) * MEBIBYTE, bytes(MEBIBYTE)
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request())
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(HEAD + b"Content-Length: %d\r\n\r\n" % size)
    await client.head()
    before = memory(harness)
    for _ in range(size // len(piece)):
        async with asyncio.TaskGroup() as group:
            group.create_task(peer.say(piece))
            assert await client.exactly(len(piece)) == piece
        client.received.clear()
        assert memory(harness) < before + 16 * MEBIBYTE


async def decoded(peer: Peer, size: int) -> bytes:
    """That much of a chunked body, however it is cut into chunks."""
    body = b""
    async with asyncio.timeout(PATIENCE):
        while len(body) < size:
            length = int((await peer.until(b"\r\n"))[:-2], 16)
            body += await peer.exactly(length)
            assert await peer.exactly(2) == b"\r\n"
    return body


def memory(harness: Harness) -> int:
    """Bytes of RAM of the largest of the proxy's processes."""
    return max(int(one.memory_info().rss) for one in processes(harness.port))


def processes(port: int) -> Iterator[psutil.Process]:
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # of another test, and gone meanwhile
            if str(port) in child.cmdline():
                yield child
                yield from child.children(recursive=True)
