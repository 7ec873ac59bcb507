"""Expect: 100-continue from end to end."""

import asyncio
from contextlib import suppress

import pytest

from tests.proxy.http.ends import PATIENCE, Peer
from tests.proxy.http.harness import Harness, chunked, request
from tests.proxy.http.upstream import DATE, OK, left_to_the_test

pytestmark = pytest.mark.musts

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EXPECTING = b"Expect: 100-continue"
LENGTH = b"Content-Length: 5"
CHUNKED = b"Transfer-Encoding: chunked"
BODIES = {LENGTH: b"hello", CHUNKED: chunked(b"hello")}


async def continuing(peer: Peer) -> None:
    head = await peer.head()
    await peer.say(CONTINUE)
    await peer.body(head)
    await peer.say(OK)
    await peer.gone()


@pytest.mark.must(20)
@pytest.mark.parametrize("framing", BODIES)
@pytest.mark.parametrize("expect", [EXPECTING, b"expect:100-Continue ", b"EXPECT: 100-CONTINUE"])
async def test_the_body_waits_for_the_upstreams_word(
    harness: Harness, expect: bytes, framing: bytes
) -> None:
    harness.upstream.play(continuing)
    client = await harness.client()
    await client.say(request(b"/", framing, expect, method=b"POST"))
    assert (await client.head()).start == b"HTTP/1.1 100 Continue"
    peer = await harness.upstream.peer()
    assert peer.silent()
    await client.say(BODIES[framing])
    came = await client.answer()
    assert (came.status, came.body, came.interim) == (200, b"ok", ())
    assert harness.upstream.bodies == [b"hello"]
    assert harness.upstream.head.value(b"expect").lower() == b"100-continue"


@pytest.mark.must(20)
@pytest.mark.parametrize("framing", BODIES)
@pytest.mark.parametrize("status", [b"417 Expectation Failed", b"401 Unauthorized", b"200 OK"])
async def test_a_final_answer_instead_needs_no_body(
    harness: Harness, status: bytes, framing: bytes
) -> None:
    """Then the upstream waits for a body that never comes: its connection is of no more use."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request(b"/", framing, EXPECTING, method=b"POST"))
    peer = await harness.upstream.peer()
    head = await peer.head()
    await peer.say(b"HTTP/1.1 " + status + b"\r\n" + DATE + b"Content-Length: 2\r\n\r\nno")
    came = await client.answer()
    assert (came.head.start, came.body) == (b"HTTP/1.1 " + status, b"no")
    client.close()
    await peer.gone()
    assert peer.received == head.raw


@pytest.mark.must(20, 42, "A9")
@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_body_that_comes_after_the_final_answer_is_no_request(
    harness: Harness, framing: str
) -> None:
    """A client may have begun to send it: it is read as what it is, or not at all."""
    smuggled = request(b"/smuggled")
    line = CHUNKED if framing == "chunked" else b"Content-Length: %d" % len(smuggled)
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request(b"/", line, EXPECTING, method=b"POST"))
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
    assert (await client.answer()).status == 401
    with suppress(ConnectionError):
        await client.say(chunked(smuggled) if framing == "chunked" else smuggled)
        client.half_close()
    await client.gone()
    assert [head.target for head in harness.upstream.heads] == [b"/"]
    assert client.heads[1:] == []


@pytest.mark.must(20)
@pytest.mark.parametrize("framing", BODIES)
async def test_a_client_need_not_wait(harness: Harness, framing: bytes) -> None:
    """RFC 9110 §10.1.1: it must not wait for ever, as not every server knows the word."""

    async def silent(peer: Peer) -> None:
        head = await peer.head()
        await peer.body(head)
        await peer.say(OK)

    harness.upstream.play(silent)
    client = await harness.client()
    await client.say(request(b"/", framing, EXPECTING, method=b"POST"))
    await harness.upstream.peer()
    await client.say(BODIES[framing])
    assert (await client.answer()).status == 200
    assert harness.upstream.bodies == [b"hello"]


@pytest.mark.must(20)
@pytest.mark.parametrize("framing", BODIES)
async def test_body_and_head_in_one_piece(harness: Harness, framing: bytes) -> None:
    harness.upstream.play(continuing)
    client = await harness.client()
    await client.say(request(b"/", framing, EXPECTING, method=b"POST") + BODIES[framing])
    assert (await client.answer()).status == 200
    assert harness.upstream.bodies == [b"hello"]


@pytest.mark.must(20, 13)
async def test_it_is_ignored_from_http_1_0(harness: Harness) -> None:
    """Not forwarded, and a 100 that comes all the same reaches no such client."""
    seen = await harness.exchange(
        request(b"/", EXPECTING, method=b"POST", version=b"1.0", body=b"hello"), script=continuing
    )
    assert seen.request.values(b"expect") == []
    assert (seen.body, seen.answer.status, seen.answer.interim) == (b"hello", 200, ())


@pytest.mark.must(20)
@pytest.mark.parametrize("lines", [(), (b"Content-Length: 0",)])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_it_is_ignored_without_a_body(
    harness: Harness, method: bytes, lines: tuple[bytes, ...]
) -> None:
    seen = await harness.exchange(request(b"/", EXPECTING, *lines, method=method))
    assert seen.request.values(b"expect") == []
    assert seen.answer.status == 200


@pytest.mark.must(20)
@pytest.mark.parametrize(
    "value", [b"miracles", b"100-continue, miracles", b"200-ok", b"100-continue;x=y", b"100"]
)
async def test_other_expectations_cannot_be_met(harness: Harness, value: bytes) -> None:
    said = request(b"/", b"Expect: " + value, LENGTH, method=b"POST")
    came = await harness.ask(said)
    assert (came.status, came.body) == (417, b"417 Expectation Failed\n")
    assert harness.upstream.heads == []


@pytest.mark.must(20, "A1")
async def test_a_large_body_streams_after_the_word(harness: Harness) -> None:
    """No octet of it may wait for the others."""
    half, came_half = bytes(100_000), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(CONTINUE)
        assert await peer.exactly(len(half)) == half
        came_half.set()
        assert await peer.exactly(len(half)) == half
        await peer.say(OK)

    harness.upstream.play(script)
    client = await harness.client()
    length = b"Content-Length: %d" % (2 * len(half))
    await client.say(request(b"/", length, EXPECTING, method=b"PUT"))
    assert (await client.head()).status == 100
    await client.say(half)
    await asyncio.wait_for(came_half.wait(), PATIENCE)
    await client.say(half)
    assert (await client.answer()).status == 200
