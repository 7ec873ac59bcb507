"""What may be asked of the upstream a second time, after its connection broke without an answer."""

import asyncio

import pytest

from tests.proxy.http.ends import PATIENCE, Peer
from tests.proxy.http.harness import Harness, chunked, request
from tests.proxy.http.upstream import OK, Script, answering

pytestmark = pytest.mark.musts

IDEMPOTENT = [b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"]
OTHERS = [b"POST", b"PATCH", b"LOCK", b"get"]
BAD_GATEWAY = b"502 Bad Gateway\n"


def breaking(*said: bytes, reset: bool = False) -> Script:
    """One good answer; then a whole request is read, `said` is said, and the connection broken."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(OK)
        await peer.request()
        await peer.say(*said)
        if reset:
            peer.reset()

    return script


def asked(harness: Harness) -> list[list[bytes]]:
    """The targets that each connection of the upstream was asked for."""
    return [[head.target for head in peer.heads] for peer in harness.upstream.peers]


@pytest.mark.must(19)
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("method", IDEMPOTENT)
async def test_idempotent_requests_are_asked_once_more(
    harness: Harness, method: bytes, reset: bool
) -> None:
    """On a fresh connection, after a kept one broke before a single octet of the answer."""
    harness.upstream.play(breaking(reset=reset), answering(OK))
    assert (await harness.ask(request(b"/first"))).status == 200
    body = b"hello" if method == b"PUT" else b""
    came = await harness.ask(request(b"/second", method=method, body=body), method=method.decode())
    assert (came.status, came.value(b"content-length")) == (200, b"2")
    assert asked(harness) == [[b"/first", b"/second"], [b"/second"]]
    assert harness.upstream.bodies == [b"", body, body]


@pytest.mark.must(19)
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("method", OTHERS)
async def test_others_are_not(harness: Harness, method: bytes, reset: bool) -> None:
    """They reached the upstream, and who knows what came of it."""
    harness.upstream.play(breaking(reset=reset), answering(OK))
    assert (await harness.ask(request(b"/first"))).status == 200
    came = await harness.ask(request(b"/second", method=method, body=b"hello"))
    assert (came.status, came.body) == (502, BAD_GATEWAY)
    assert asked(harness) == [[b"/first", b"/second"]]


@pytest.mark.must(19)
@pytest.mark.parametrize("said", [b"H", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: y\r\n"])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_nor_is_what_was_already_being_answered(
    harness: Harness, method: bytes, said: bytes
) -> None:
    harness.upstream.play(breaking(said), answering(OK))
    assert (await harness.ask(request(b"/first"))).status == 200
    came = await harness.ask(request(b"/second", method=method))
    assert (came.status, came.body) == (502, BAD_GATEWAY)
    assert asked(harness) == [[b"/first", b"/second"]]


@pytest.mark.must(19)
@pytest.mark.parametrize("method", OTHERS)
async def test_nor_is_it_asked_again_after_a_fresh_connection(
    harness: Harness, method: bytes
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()

    harness.upstream.play(script, answering(OK))
    came = await harness.ask(request(b"/only", method=method))
    assert (came.status, came.body) == (502, BAD_GATEWAY)
    assert asked(harness) == [[b"/only"]]


@pytest.mark.must(19)
@pytest.mark.parametrize("method", [b"GET", b"PUT", b"POST"])
async def test_nor_is_a_request_whose_answer_is_late(harness: Harness, method: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    harness.upstream.play(script, answering(OK))
    came = await harness.ask(request(b"/late", method=method))
    assert (came.status, came.body) == (504, b"504 Gateway Timeout\n")
    assert asked(harness) == [[b"/late"]]


@pytest.mark.must(19)
@pytest.mark.parametrize("method", [b"PUT", b"POST"])
async def test_nor_is_a_body_that_went_through_our_hands(harness: Harness, method: bytes) -> None:
    """A streamed body is gone when it was sent, whatever the method."""
    harness.upstream.play(breaking(), answering(OK))
    assert (await harness.ask(request(b"/first"))).status == 200
    head = request(b"/second", b"Transfer-Encoding: chunked", method=method)
    came = await harness.ask(head + chunked(b"hello"))
    assert (came.status, came.body) == (502, BAD_GATEWAY)
    assert asked(harness) == [[b"/first", b"/second"]]


@pytest.mark.must(19)
async def test_twice_is_the_most(harness: Harness) -> None:
    """`retries` is 1: an upstream that breaks every connection is not asked for ever."""

    async def at_once(peer: Peer) -> None:
        await peer.request()

    harness.upstream.play(breaking(), at_once)
    assert (await harness.ask(request(b"/first"))).status == 200
    came = await harness.ask(request(b"/second"))
    assert (came.status, came.body) == (502, BAD_GATEWAY)
    assert asked(harness) == [[b"/first", b"/second"], [b"/second"]]


@pytest.mark.must(19, "A8")
@pytest.mark.parametrize("ending", ["closed", "reset"])
@pytest.mark.parametrize("method", [b"GET", b"POST", b"PATCH"])
async def test_what_no_octet_of_arrived_is_asked_on_another_connection(
    harness: Harness, method: bytes, ending: str
) -> None:
    """The kept connection was closed while idle: any method may still be asked."""
    may_end, ended = asyncio.Event(), asyncio.Event()

    async def ending_when_idle(peer: Peer) -> None:
        await peer.request()
        await peer.say(OK)
        await may_end.wait()
        if ending == "reset":
            peer.reset()
        else:
            peer.half_close()
        ended.set()

    harness.upstream.play(ending_when_idle, answering(OK))
    client = await harness.client()
    await client.say(request(b"/first"))
    assert (await client.answer()).status == 200
    may_end.set()
    await asyncio.wait_for(ended.wait(), PATIENCE)
    await client.say(request(b"/second", method=method, body=b"hello"))
    assert (await client.answer()).status == 200
    assert asked(harness) == [[b"/first"], [b"/second"]]
    assert harness.upstream.bodies == [b"", b"hello"]
