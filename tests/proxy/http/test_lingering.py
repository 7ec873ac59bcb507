"""How a client's connection ends where the client does not help: in this process, and impatient."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from proxy.net.clock import Clock
from proxy.net.poller import open_poller
from proxy.server.client import Client as Served
from proxy.server.config import ServerConfig
from proxy.server.request import Request
from proxy.server.serving import Serving
from proxy.wire.answer import UNSIZED
from tests.proxy.http.ends import PATIENCE, Client
from tests.proxy.http.harness import request

pytestmark = pytest.mark.musts

SIZE = 4 * 1024 * 1024
IMPATIENT = ServerConfig(head_timeout=0.2, client_timeout=0.2, keepalive=0.2, linger=0.2)
PATIENT = ServerConfig(head_timeout=0.5, client_timeout=0.5, keepalive=0.5, linger=0.5)
"""With room for a machine that is busy for a moment."""
LONG = 3 * PATIENCE
"""Seconds that no test waits for."""
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % SIZE


class Nowhere:
    """Records of no interest."""

    def record(self, request: Request, now: float) -> None: ...

    def refused(self, status: int) -> None: ...


class Door:
    """Takes in one client after another; `gone` once the last one's connection is closed."""

    def __init__(self, config: ServerConfig) -> None:
        loop = asyncio.get_running_loop()
        self._poller = open_poller(loop)
        self._clock = Clock(loop)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.gone = asyncio.Event()
        self.serving = Serving(
            loop, self._poller, self._clock, config, self.answer_all_at_once, Nowhere()
        )
        self.serving.on_gone = self.gone.set

    def answer_all_at_once(self, client: Served, asked: Request) -> None:
        """More than the kernel takes: the rest waits here."""
        asked.status = 200
        if asked.path == b"/sized":
            client.send_whole(SIZED, bytes(SIZE))
        else:
            client.send_start(b"HTTP/1.1 200 OK\r\n", UNSIZED, bytes(SIZE), whole=True)

    def welcome(self) -> Client:
        """The other end of a connection that is served from now on."""
        theirs = socket.socket()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        theirs.connect(self._listener.getsockname())
        theirs.setblocking(False)
        ours, _ = self._listener.accept()
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        served = Served(ours, "127.0.0.1", 0, trusted=False, serving=self.serving)
        self.serving.clients.add(served)
        return Client(theirs)

    def close(self) -> None:
        self._clock.stop()
        self._poller.close()
        self._listener.close()


@pytest_asyncio.fixture
async def door(request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    door = Door(getattr(request, "param", IMPATIENT))
    yield door
    door.close()


async def ended(door: Door) -> None:
    async with asyncio.timeout(PATIENCE):
        await door.gone.wait()


@pytest.mark.parametrize("path", [b"/unsized", b"/sized"])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_who_takes_nothing_of_the_end_of_an_answer_sees_it_cut(
    door: Door, version: bytes, path: bytes
) -> None:
    """All of it was said, a part of it waits, and the client lets it wait too long: an orderly end
    would make a part of an answer to HTTP/1.0 look like the whole."""
    client = door.welcome()
    await client.say(request(path, version=version))
    await ended(door)
    assert await client.gone() == "reset"
    client.close()


@pytest.mark.parametrize("door", [PATIENT], indirect=True)
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_who_takes_it_slowly_gets_it_all(door: Door, version: bytes) -> None:
    """Longer than any time-out, a little at a time."""
    client = door.welcome()
    await client.say(request(b"/sized", b"Connection: close", version=version))
    await client.head()
    for _ in range(6):
        await asyncio.sleep(PATIENT.client_timeout / 5)
        await client.exactly(SIZE // 8)
    assert await client.exactly(SIZE - 6 * (SIZE // 8))
    assert await client.rest() == b""
    client.close()


async def test_who_never_stops_sending_is_cut_off(door: Door) -> None:
    """After its refusal, of which it takes no notice: `linger` is the most it gets."""
    client = door.welcome()
    await client.say(b"malformed\r\n\r\n")
    assert (await client.last_answer()).status == 400
    with pytest.raises(ConnectionError):
        await say_for_ever(client)
    assert door.gone.is_set()
    client.close()


async def say_for_ever(client: Client) -> None:
    while True:
        await client.say(bytes(1000))
        await asyncio.sleep(0.01)


async def test_who_never_closes_is_closed(door: Door) -> None:
    client = door.welcome()
    await client.say(b"malformed\r\n\r\n")
    assert (await client.last_answer()).status == 400
    assert not door.gone.is_set()
    await ended(door)
    client.close()


@pytest.mark.parametrize("door", [replace(IMPATIENT, linger=LONG)], indirect=True)
async def test_who_closes_at_once_is_gone_at_once(door: Door) -> None:
    client = door.welcome()
    await client.say(b"malformed\r\n\r\n")
    client.close()
    await ended(door)


async def test_who_says_nothing_is_closed_in_order(door: Door) -> None:
    client = door.welcome()
    assert await client.rest() == b""
    client.close()
