"""What the forwarder's connections stand on: a loop, names, and doors to knock at."""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from proxy.forwarding.dial import Dial
from proxy.net.clock import Clock
from proxy.net.link import Link
from proxy.net.poller import Poller, open_poller

Found = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]
"""One address, as a resolver gives it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """At its end nothing that stood on it is left open."""

    loop: asyncio.AbstractEventLoop
    poller: Poller
    clock: Clock
    ends: list[socket.socket]

    async def accepted(self, door: socket.socket) -> socket.socket:
        """The other end of the next connection."""
        sock, _ = await asyncio.wait_for(self.loop.sock_accept(door), 5)
        self.ends.append(sock)
        return sock

    def close(self) -> None:
        for one in tuple(self.clock._timed):
            if isinstance(one, Dial):
                one.cancel()
            elif isinstance(one, Link):
                one.close()
        for end in self.ends:
            end.close()
        self.clock.stop()
        self.poller.close()


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    loop = asyncio.get_running_loop()
    made = Ground(loop, open_poller(loop), Clock(loop), [])
    try:
        yield made
    finally:
        made.close()


class Names:
    """A loop as far as `Addresses` knows one: `addresses` are what any name leads to, once
    `open` is set; `None` is a resolver that fails."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: tuple[str, ...] | None = addresses
        self.asked: list[tuple[str, int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self._loop = asyncio.get_running_loop()
        self.call_soon = self._loop.call_soon

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return cast(asyncio.AbstractEventLoop, self)

    def create_task(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return self._loop.create_task(work)

    async def getaddrinfo(self, host: str, port: int, *, type: int) -> list[Found]:  # noqa: A002
        assert type == socket.SOCK_STREAM
        self.asked.append((host, port))
        await self.open.wait()
        if self.addresses is None:
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [_found(address, port) for address in self.addresses]


def _found(address: str, port: int) -> Found:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


class Hanging:
    """A door at which connecting hangs: the kernel's queue is full."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port = int(self._door.getsockname()[1])
        self._waiting = [socket.socket() for _ in range(3)]
        for sock in self._waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", self.port))

    def close(self) -> None:
        for sock in (self._door, *self._waiting):
            sock.close()


async def ended(sock: socket.socket) -> None:
    """Until the other end has closed, without having said a word."""
    data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sock, 1), 5)
    assert data == b""
