"""A worker's server in this process: real sockets, and whatever is to answer."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from proxy.net.clock import Clock
from proxy.net.poller import open_poller
from proxy.server.asgi import Application, Native, scope_of
from proxy.server.client import Client
from proxy.server.config import ServerConfig
from proxy.server.listener import Listener
from proxy.server.request import Request
from proxy.server.serving import Serving
from tests.proxy.http import ends
from tests.proxy.http.ends import PATIENCE

STRANGER = "127.0.0.1"
FRONT = "127.0.0.2"
"""Who connects from here is one of our own front servers."""

Answer = Callable[[Client, Request], None]


class Records:
    """Requests that ended, in order, and the statuses of refusals."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.refusals: list[int] = []
        self._news = asyncio.Event()

    def record(self, request: Request, _now: float) -> None:
        self.requests.append(request)
        self._news.set()

    def refused(self, status: int) -> None:
        self.refusals.append(status)

    async def ended(self, number: int = 1) -> Request:
        """The request that ended as the so-manieth, once it has."""
        async with asyncio.timeout(PATIENCE):
            while len(self.requests) < number:
                self._news.clear()
                await self._news.wait()
        return self.requests[number - 1]


class Inside:
    """`serving` and `listener` are the real ones; `client` connects to them."""

    def __init__(self, serving: Serving, listener: Listener, records: Records, port: int) -> None:
        self.serving = serving
        self.listener = listener
        self.records = records
        self.port = port
        self._clients: list[ends.Client] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def client(
        self, *said: bytes, source: str = STRANGER, receive_buffer: int = 0, port: int = 0
    ) -> ends.Client:
        """Connects from that address, and says that; a small buffer makes a slow reader.

        `port` is for the door of another worker.
        """
        sock = socket.socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.bind((source, 0))
        sock.setblocking(False)
        client = ends.Client(sock)
        self._clients.append(client)
        async with asyncio.timeout(PATIENCE):
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port or self.port))
        return await client.say(*said)

    def knock(self, port: int = 0) -> ends.Client:
        """Connects before the loop runs again: whoever listens has not seen it yet."""
        sock = socket.create_connection(("127.0.0.1", port or self.port))
        sock.setblocking(False)
        client = ends.Client(sock)
        self._clients.append(client)
        return client

    async def ours(self, number: int = 1) -> list[Client]:
        """The server's ends, once there are so many, in no order."""
        await until(lambda: len(self.serving.clients) == number)
        return list(self.serving.clients)

    def part(self) -> None:
        for client in self._clients:
            client.close()


async def until(holds: Callable[[], bool]) -> None:
    """Looks again and again, for what the server has no event for."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def native(application: Application) -> Answer:
    """Every request is the application's."""

    def answer(client: Client, request: Request) -> None:
        Native(client, request).begin(application, scope_of(client, request))

    return answer


@asynccontextmanager
async def inside(
    answer: Answer, doors: Sequence[socket.socket] = (), **config: Any
) -> AsyncIterator[Inside]:
    """A server on a port of its own; what is under way at the end is cut off.

    `doors` are listening sockets: its own, then those of other workers.
    """
    loop = asyncio.get_running_loop()
    poller, clock, records = open_poller(loop), Clock(loop), Records()
    serving = Serving(loop, poller, clock, ServerConfig(**config), answer, records)
    doors = doors or [listening()]
    port = doors[0].getsockname()[1]
    listener = Listener(doors, serving, poller, clock, lambda peer: peer == FRONT)
    server = Inside(serving, listener, records, port)
    try:
        yield server
    finally:
        if doors[0].fileno() >= 0:
            listener.stop()
        await serving.drain(0)
        server.part()
        clock.stop()
        poller.close()


def listening(
    door: type[socket.socket] = socket.socket, address: str = "127.0.0.1"
) -> socket.socket:
    """A listening socket of that class, on a port of its own."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = door(family, socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind((address, 0))
    sock.listen(128)
    sock.setblocking(False)
    return sock
