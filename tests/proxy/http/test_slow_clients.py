"""Clients that take their time: how long each may, and that nobody else pays for it.

The proxy of these tests is impatient: see harness.py.
"""

import asyncio
import time
from statistics import median

import pytest

from tests.proxy.http.ends import Client, Peer
from tests.proxy.http.harness import (
    CLIENT_TIMEOUT,
    HEAD_TIMEOUT,
    HOST,
    KEEPALIVE,
    Harness,
    chunked,
    request,
)
from tests.proxy.http.upstream import DATE, OK, answering, left_to_the_test

pytestmark = pytest.mark.musts

MEBIBYTE = 1024 * 1024
TOLERANCE = 1.0
"""Seconds that a time-out may be late on a busy machine; the proxy's clock ticks every 0.1 s."""

CHUNKED = b"Transfer-Encoding: chunked"
SLOW_HEADS = [
    b"G",
    b"GET / HTTP/1.1",
    b"GET / HTTP/1.1\r",
    b"GET / HTTP/1.1\r\n",
    b"GET / HTTP/1.1\r\n" + HOST,
    b"GET http://www.example.org/ HTTP/1.1\r\nHo",
    b"\r\nGET",
    request()[:-1],
]


async def timed_out(client: Client, began: float, seconds: float, status: int = 408) -> None:
    """Answered with 408 after that time, then closed in order."""
    came = await client.last_answer()
    assert seconds - 0.05 <= time.monotonic() - began < seconds + TOLERANCE
    assert (came.status, came.values(b"connection")) == (status, [b"close"])
    assert came.body == b"408 Request Timeout\n"


@pytest.mark.must("A10")
async def test_a_head_has_its_time_from_its_first_octet(harness: Harness) -> None:
    async def begin(said: bytes) -> None:
        client = await harness.client()
        began = time.monotonic()
        await client.say(said)
        await timed_out(client, began, HEAD_TIMEOUT)

    await asyncio.gather(*map(begin, SLOW_HEADS))
    assert harness.upstream.peers == []
    line = await harness.line(status=408)
    assert line["fault"] == "read_request/client/late"


@pytest.mark.must("A10")
async def test_octet_after_octet_does_not_prolong_it(harness: Harness) -> None:
    """Nor do the requests before it."""
    client = await harness.client()
    await client.say(request())
    assert (await client.answer()).status == 200
    began = time.monotonic()
    saying = asyncio.create_task(trickle(client, request(b"/slow", b"X-Any: " + b"x" * 100)))
    await timed_out(client, began, HEAD_TIMEOUT)
    saying.cancel()
    assert [head.target for head in harness.upstream.heads] == [b"/"]


async def trickle(client: Client, said: bytes, seconds: float = 0.1) -> None:
    for at in range(len(said)):
        await client.say(said[at : at + 1])
        await asyncio.sleep(seconds)


@pytest.mark.must("A10")
@pytest.mark.parametrize("said", [b"", b"\r\n"], ids=["nothing", "an empty line"])
async def test_who_says_nothing_is_closed(harness: Harness, said: bytes) -> None:
    """Without an answer: there is nothing to answer."""
    client = await harness.client()
    began = time.monotonic()
    await client.say(said)
    assert await client.rest() == b""
    assert HEAD_TIMEOUT - 0.05 <= time.monotonic() - began < HEAD_TIMEOUT + TOLERANCE


@pytest.mark.must("A10")
async def test_an_idle_connection_is_kept_for_its_time(harness: Harness) -> None:
    client = await harness.client()
    await client.say(request())
    assert (await client.answer()).status == 200
    began = time.monotonic()
    assert await client.rest() == b""
    assert KEEPALIVE - 0.05 <= time.monotonic() - began < KEEPALIVE + TOLERANCE


BODIES = {
    "gathered": (b"Content-Length: 10", b"hello"),
    "gathered, nothing came": (b"Content-Length: 10", b""),
    "streamed": (b"Content-Length: 100000", b"hello"),
    "chunked": (CHUNKED, b"5\r\nhello\r\n"),
    "chunked, nothing came": (CHUNKED, b""),
    "chunked, in a size": (CHUNKED, b"5"),
    "chunked, in a chunk": (CHUNKED, b"5\r\nhel"),
    "chunked, in a trailer": (CHUNKED, b"5\r\nhello\r\n0\r\nX"),
}


@pytest.mark.must("A10")
async def test_a_body_must_go_on(harness: Harness) -> None:
    """The upstream never sees an end of it."""

    async def begin(line: bytes, part: bytes) -> None:
        client = await harness.client()
        began = time.monotonic()
        await client.say(request(b"/slow", line, method=b"POST") + part)
        await timed_out(client, began, CLIENT_TIMEOUT)

    await asyncio.gather(*(begin(*body) for body in BODIES.values()))
    assert len(harness.upstream.peers) == sum(name[:8] != "gathered" for name in BODIES)
    for peer in harness.upstream.peers:
        await told_no_end(peer)
    assert harness.upstream.bodies == []
    line = await harness.line(path="/slow")
    assert (line["status"], line["fault"]) == (408, "send_body/client/late")


async def told_no_end(peer: Peer) -> None:
    await peer.gone()
    assert not peer.received.endswith(b"\r\n0\r\n\r\n")


@pytest.mark.must("A10")
async def test_one_that_goes_on_has_all_the_time(harness: Harness) -> None:
    """More than `CLIENT_TIMEOUT` in all, in pieces that are not so far apart."""
    pause = CLIENT_TIMEOUT / 2.5

    async def upload(line: bytes, *pieces: bytes) -> None:
        client = await harness.client()
        await client.say(request(b"/", line, method=b"POST"))
        for piece in pieces:
            await asyncio.sleep(pause)
            await client.say(piece)
        assert (await client.answer()).status == 200

    await asyncio.gather(
        upload(b"Content-Length: 5", b"h", b"e", b"ll", b"o"),
        upload(b"Content-Length: 80000", *[bytes(20_000)] * 4),
        upload(CHUNKED, b"5\r\nh", b"ello", b"\r\n0\r", b"\n\r\n"),
    )
    assert sorted(map(len, harness.upstream.bodies)) == [5, 5, 80_000]


@pytest.mark.must("A10")
async def test_who_was_told_to_continue_must(harness: Harness) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    lines = (b"Content-Length: 5", b"Expect: 100-continue")
    await client.say(request(b"/slow", *lines, method=b"POST"))
    peer = await harness.upstream.peer()
    await peer.head()
    began = time.monotonic()
    await peer.say(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert (await client.head()).status == 100
    await timed_out(client, began, CLIENT_TIMEOUT)
    await peer.gone()


@pytest.mark.must("A10")
@pytest.mark.parametrize("framing", [b"Content-Length: 33554432", b"X-No: length"])
async def test_who_does_not_take_the_answer_is_cut_off(harness: Harness, framing: bytes) -> None:
    """And the upstream's connection is free again."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client(receive_buffer=4096)
    await client.say(request(b"/slow"))
    peer = await harness.upstream.peer()
    await peer.request()
    began = time.monotonic()
    await peer.say(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
    with pytest.raises(ConnectionError):
        await peer.say(bytes(32 * MEBIBYTE))
    assert CLIENT_TIMEOUT - 0.05 <= time.monotonic() - began < CLIENT_TIMEOUT + TOLERANCE
    assert await client.gone() == "reset"
    line = await harness.line(path="/slow")
    assert (line["status"], line["fault"]) == (200, "receive_body/client/late")


@pytest.mark.must("A10")
async def test_who_takes_it_slowly_gets_it_all(harness: Harness) -> None:
    """A little now and then is enough, however long it takes."""
    size = 8 * MEBIBYTE
    head = b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Length: %d\r\n\r\n" % size
    harness.upstream.play(answering(head + bytes(size)))
    client = await harness.client(receive_buffer=4096)
    await client.say(request())
    await client.head()
    for _ in range(4):
        await asyncio.sleep(CLIENT_TIMEOUT / 2.5)
        await client.exactly(MEBIBYTE)
    assert len(await client.exactly(size - 4 * MEBIBYTE)) == size - 4 * MEBIBYTE
    await client.say(request())
    assert (await client.head()).status == 200


@pytest.mark.must("A10", "A1")
async def test_who_asks_and_does_not_listen_is_not_heard(harness: Harness) -> None:
    """Requests by the thousand, and not one answer taken: the proxy stops reading, and then cuts
    it off. Most of them never reach the upstream."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"
    harness.upstream.play(answering(head + bytes(60_000)))
    client = await harness.client(receive_buffer=4096)
    said = request(b"/", b"X-Any: " + b"x" * 8000)
    with pytest.raises(ConnectionError):
        await client.say(said * 4000)
    assert len(harness.upstream.heads) < 400


@pytest.mark.must("A10")
async def test_others_do_not_notice(harness: Harness) -> None:
    """Two hundred who are slow in every way, and one who is not."""
    harness.upstream.play(answering(OK))
    slow = [await harness.client() for _ in range(200)]
    for number, client in enumerate(slow):
        said = request(b"/slow", CHUNKED, method=b"POST") + chunked(b"x" * 10)
        await client.say(said[: len(said) * number // 200])
    seconds = []
    for _ in range(20):
        began = time.monotonic()
        assert (await harness.ask(request(b"/fast"))).status == 200
        seconds.append(time.monotonic() - began)
    assert median(seconds) < 0.5
