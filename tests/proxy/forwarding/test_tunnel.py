"""How a tunnel ends: what either end still says arrives, however late, and silence is cut off."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
import trustme

from proxy.forwarding import tunnel
from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import Cause
from proxy.forwarding.pool import Pool
from proxy.net.tls import Secured
from tests.inside import until
from tests.proxy.forwarding.ground import Ground
from tests.proxy.forwarding.leasing import asking
from tests.proxy.forwarding.serving import Forwarding, forwarding
from tests.proxy.forwarding.test_places import SWITCHING, WEBSOCKET
from tests.proxy.http.ends import Client, Peer
from tests.proxy.http.upstream import Script, Upstream

CLOSE_WAIT = 0.2
PAUSE = 0.1
"""Between two words of somebody who goes on."""
PATIENT = 0.7
"""`CLOSE_WAIT` for those: less than their words take together, by far more than one of them."""
LARGE = bytes(range(256)) * 4096


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnel, "CLOSE_WAIT", CLOSE_WAIT)


@asynccontextmanager
async def switched(
    script: Script, receive_buffer: int = 0
) -> AsyncIterator[tuple[Client, Forwarding]]:
    upstream = Upstream()

    async def whole(peer: Peer) -> None:
        await peer.head()
        await peer.say(SWITCHING)
        await script(peer)

    upstream.play(whole)
    try:
        async with forwarding([f"http://127.0.0.1:{upstream.port}"]) as proxy:
            client = await proxy.server.client(WEBSOCKET, receive_buffer=receive_buffer)
            assert (await client.head()).status == 101
            yield client, proxy
    finally:
        await upstream.close()
    assert upstream.faults == []


@pytest.fixture
def _patiently(monkeypatch: pytest.MonkeyPatch, _soon: None) -> None:
    """A machine that is busy for a moment makes nobody late."""
    monkeypatch.setattr(tunnel, "CLOSE_WAIT", PATIENT)


@pytest.mark.usefixtures("_patiently")
async def test_whoever_goes_on_is_heard_to_the_end() -> None:
    """Though it takes longer than one may be silent."""

    async def goes_on(peer: Peer) -> None:
        assert await peer.rest() == b""
        for _ in range(10):
            await asyncio.sleep(PAUSE)
            await peer.say(b"and ")
        peer.close()

    async with switched(goes_on) as (client, _):
        client.half_close()
        assert await client.rest() == b"and " * 10


@pytest.mark.usefixtures("_patiently")
async def test_a_client_that_goes_on_is_too() -> None:
    said = b""

    async def listens(peer: Peer) -> None:
        nonlocal said
        peer.half_close()
        said = await peer.rest()

    async with switched(listens) as (client, proxy):
        assert await client.rest() == b""
        for _ in range(10):
            await asyncio.sleep(PAUSE)
            await client.say(b"and ")
        client.close()
        await until(lambda: proxy.server.serving.clients == set())
        await until(lambda: said == b"and " * 10)


@pytest.mark.parametrize("before", [b"", b"hello"])
async def test_whoever_is_silent_is_cut_off(before: bytes) -> None:
    over = asyncio.Event()

    async def stays(peer: Peer) -> None:
        await peer.say(before)
        assert await peer.rest() == b""
        await over.wait()

    async with switched(stays) as (client, proxy):
        assert await client.exactly(len(before)) == before
        began = monotonic()
        client.half_close()
        assert await client.rest() == b""
        assert CLOSE_WAIT <= monotonic() - began < CLOSE_WAIT + 5
        assert (await proxy.server.records.ended()).fault is None
        over.set()


@pytest.mark.parametrize("receive_buffer", [0, 4096])
async def test_a_client_that_ended_takes_its_time(receive_buffer: int) -> None:
    """The upstream has said all and is gone; what waits is the client's all the same."""

    async def speaks(peer: Peer) -> None:
        assert await peer.rest() == b""
        await peer.say(LARGE)
        peer.close()

    async with switched(speaks, receive_buffer) as (client, _):
        client.half_close()
        await asyncio.sleep(CLOSE_WAIT * 3)
        assert await client.rest() == LARGE


# the upstream's end of it


class Taker:
    """Who takes the octets of a connection."""

    def __init__(self) -> None:
        self.came = b""
        self.told: list[str] = []

    def from_upstream(self, data: bytes) -> None:
        self.came += data

    def upstream_ended(self) -> None:
        self.told.append("ended")

    def upstream_failed(self, cause: Cause) -> None:
        self.told.append(cause)

    def upstream_ready(self) -> None:
        self.told.append("ready")


async def test_the_last_words_before_a_reset(
    around: Ground, door: socket.socket, pool: Pool
) -> None:
    """That we cannot be heard any more is noticed first."""
    connection = await asking(pool).got()
    peer = await around.accepted(door)
    taker = Taker()
    connection.switch(taker)
    peer.send(b"the last words")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    connection.write(b"hello")
    assert (taker.came, taker.told) == (b"the last words", [Cause.CLOSED])


async def test_our_close_alert_waits_for_the_kernel(around: Ground, pool: Pool) -> None:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("legacy.internal").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    ours, theirs = socket.socketpair()
    around.ends.append(theirs)
    ours.setblocking(False)
    secured = Secured(ours, trusting, "legacy.internal")
    shaking = asyncio.create_task(asyncio.to_thread(serving.wrap_socket, theirs, server_side=True))
    await until(lambda: not secured.shake_hands())
    peer = await shaking
    around.ends.append(peer)

    connection = Connection(secured, pool)
    taker = Taker()
    connection.switch(taker)
    size = filled(ours)
    connection.end()
    await asyncio.sleep(0.01)
    assert socket.socket.recv(peer, size, socket.MSG_WAITALL) == b"x" * size
    assert await asyncio.to_thread(peer.recv, 1) == b""
    peer.send(b"bye")
    await until(lambda: taker.came == b"bye")
    assert taker.told == []


def filled(sock: socket.socket) -> int:
    """Let the kernel take no more; octets that no TLS made, to be taken out again."""
    size = 0
    while True:
        try:
            size += sock.send(b"x" * 100)
        except BlockingIOError:
            return size
