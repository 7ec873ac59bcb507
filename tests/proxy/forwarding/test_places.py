"""However a request ends, its place among the upstream's connections is the next one's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from proxy.forwarding.pool import Pool
from proxy.net.link import AHEAD
from tests.inside import Inside, until
from tests.proxy.forwarding.serving import forwarding
from tests.proxy.http import ends
from tests.proxy.http.ends import PATIENCE, EndedError, Peer
from tests.proxy.http.upstream import OK, Script, Upstream, answering

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
UPLOAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
GATHERED = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
WEBSOCKET = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf!"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
TIME = 0.2


@dataclass(frozen=True, slots=True)
class Site:
    """An upstream, and a forwarder with one place for it."""

    upstream: Upstream
    server: Inside
    pool: Pool


@asynccontextmanager
async def site(*scripts: Script, **config: Any) -> AsyncIterator[Site]:
    upstream = Upstream()
    upstream.play(*scripts)
    config = {"client_timeout": TIME, "pool_size": 1, "keepalive": 60.0, **config}
    try:
        async with forwarding([f"http://127.0.0.1:{upstream.port}"], **config) as proxy:
            yield Site(upstream, proxy.server, proxy.pool)
    finally:
        await upstream.close()
    assert upstream.faults == []


# how the upstream makes an end


def saying(*pieces: bytes) -> Callable[[Peer], Awaitable[None]]:
    async def end(peer: Peer) -> None:
        await peer.say(*pieces)

    return end


async def answers_and_goes_on(peer: Peer) -> None:
    await peer.say(OK)
    await answering(OK)(peer)


async def answers_and_waits(peer: Peer) -> None:
    await peer.say(OK.replace(b"Date", b"Connection: close\r\nDate"))
    await peer.gone()


async def says_nothing(peer: Peer) -> None:
    await peer.gone()


async def stalls_in_the_answer(peer: Peer) -> None:
    await peer.say(HALF)
    await peer.gone()


async def resets(peer: Peer) -> None:
    peer.reset()


UPSTREAMS = {
    "kept": (answers_and_goes_on, 200),
    "said close": (answers_and_waits, 200),
    "closed behind the answer": (saying(OK), 200),
    "ended by its close": (saying(b"HTTP/1.1 200 OK\r\n\r\nall"), 200),
    "surplus octets": (saying(OK + b"surplus"), 200),
    "closed without an answer": (saying(), 502),
    "reset": (resets, 502),
    "late": (says_nothing, 504),
    "not HTTP": (saying(b"SSH-2.0\r\n"), 502),
    "an answer too long": (saying(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000), 502),
    "closed in the answer": (saying(HALF), 0),
    "late in the answer": (stalls_in_the_answer, 0),
    "a chunk that is none": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
        502,
    ),
    "101 that nobody asked for": (saying(SWITCHING), 502),
    "interim answers without end": (saying(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 40), 502),
}


@pytest.mark.parametrize("said", [GET, GATHERED], ids=["GET", "POST"])
@pytest.mark.parametrize("name", UPSTREAMS)
async def test_the_upstream_ends_it(name: str, said: bytes) -> None:
    end, status = UPSTREAMS[name]
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await go_on.wait()
        await end(peer)

    patience = 5 * TIME if name.startswith("late") else PATIENCE
    async with site(script, answering(OK), read_timeout=patience) as there:
        first = await there.server.client(said)
        await until(lambda: len(there.upstream.heads) == 1)
        second = await there.server.client(GET)
        await until(lambda: there.pool.waiting == 1)
        go_on.set()
        assert (await second.answer()).status == 200
        assert await status_of(first) == status
        await all_free(there)


async def status_of(client: ends.Client) -> int:
    """0 where the answer broke off."""
    try:
        return (await client.answer()).status
    except (EndedError, AssertionError):
        return 0


async def all_free(there: Site) -> None:
    """The upstream has answered once more; nothing is under way, nobody in line."""
    await until(lambda: there.server.serving.in_flight == 0)
    await until(lambda: there.pool.busy == 0)
    assert there.pool.waiting == 0
    assert there.pool.open == len(there.pool.idle) <= 1
    client = await there.server.client(GET)
    assert (await client.answer()).status == 200
    assert there.pool.open == len(there.pool.idle) == 1


# how the client does


async def closes(client: ends.Client) -> None:
    client.close()


async def resets_it(client: ends.Client) -> None:
    client.reset()


async def says_what_is_no_chunk(client: ends.Client) -> None:
    await client.say(b"no chunk\r\n")


async def is_late(client: ends.Client) -> None:
    assert (await client.answer()).status == 408


CLIENTS = {
    "left while it waited": (GET, closes),
    "reset while it waited": (GATHERED, resets_it),
    "left in its upload": (UPLOAD, closes),
    "reset in its upload": (UPLOAD, resets_it),
    "a chunk that is none": (UPLOAD, says_what_is_no_chunk),
    "late with its upload": (UPLOAD, is_late),
}


@pytest.mark.parametrize("name", CLIENTS)
async def test_the_client_ends_it(name: str) -> None:
    said, end = CLIENTS[name]
    gone = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.gone()
        gone.set()

    async with site(script, answering(OK)) as there:
        first = await there.server.client(said)
        await until(lambda: len(there.upstream.heads) == 1)
        second = await there.server.client(GET)
        await until(lambda: there.pool.waiting == 1)
        await end(first)
        assert (await second.answer()).status == 200
        await asyncio.wait_for(gone.wait(), 5)
        await all_free(there)


async def test_the_client_leaves_during_the_answer() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(HALF)
        await peer.gone()

    async with site(script, answering(OK)) as there:
        first = await there.server.client(GET)
        await first.until(b"half!")
        second = await there.server.client(GET)
        await until(lambda: there.pool.waiting == 1)
        first.close()
        assert (await second.answer()).status == 200
        await all_free(there)


async def test_the_client_takes_nothing_of_the_answer() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        size = 64 * 1024 * 1024
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, bytes(size))

    async with site(script, answering(OK)) as there:
        first = await there.server.client(GET, receive_buffer=4096)
        (ours,) = await there.server.ours()
        await until(lambda: ours.waiting > AHEAD)
        second = await there.server.client(GET)
        await until(lambda: there.pool.waiting == 1)
        assert (await second.answer()).status == 200
        assert await first.gone() == "reset"
        await all_free(there)


async def test_an_early_answer_ends_the_upload() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(OK)
        await peer.gone()

    async with site(script, answering(OK)) as there:
        first = await there.server.client(UPLOAD)
        assert (await first.last_answer()).status == 200
        await all_free(there)


@pytest.mark.parametrize("how", [closes, resets_it])
async def test_one_that_leaves_the_line_is_not_asked_for(
    how: Callable[[ends.Client], Awaitable[None]],
) -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await go_on.wait()
        await answers_and_goes_on(peer)

    async with site(script) as there:
        first = await there.server.client(GET)
        await until(lambda: len(there.upstream.heads) == 1)
        second, third = await there.server.client(GET), await there.server.client(GET)
        await until(lambda: there.pool.waiting == 2)
        await how(second)
        await until(lambda: there.pool.waiting == 1)
        go_on.set()
        for client in (first, third):
            assert (await client.answer()).status == 200
        assert len(there.upstream.heads) == 2
        await all_free(there)


async def test_a_websocket_leaves_its_place_to_others() -> None:
    """It lasts for hours, and others must not wait for it."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(SWITCHING)
        await peer.say(await peer.exactly(5))
        await peer.gone()

    async with site(script, answering(OK)) as there:
        socket = await there.server.client(WEBSOCKET)
        assert (await socket.answer()).status == 101
        other = await there.server.client(GET)
        assert (await other.answer()).status == 200
        await socket.say(b"hello")
        assert await socket.exactly(5) == b"hello"
        assert (there.pool.open, len(there.pool.idle)) == (1, 1)
        socket.close()
        await until(lambda: there.server.serving.in_flight == 0)
        other.close()
        await there.server.ours(0)
        assert (there.pool.open, len(there.pool.idle)) == (1, 1)
        await all_free(there)


@pytest.mark.parametrize("said", [GET, GATHERED, UPLOAD], ids=["GET", "POST", "upload"])
async def test_nobody_listens(said: bytes) -> None:
    async with site() as there, there.upstream.refusing():
        clients = [await there.server.client(said) for _ in range(5)]
        for client in clients:
            assert (await client.answer()).status == 502
        assert (there.pool.open, there.pool.waiting) == (0, 0)


async def test_after_a_retry() -> None:
    """The kept connection breaks under a request; it gets another."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(OK)
        await peer.request()

    async with site(script, answering(OK)) as there:
        client = await there.server.client()
        for _ in range(2):
            await client.say(GET)
            assert (await client.answer()).status == 200
        assert [len(peer.heads) for peer in there.upstream.peers] == [2, 1]
        await all_free(there)
