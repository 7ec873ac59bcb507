"""The upstream of the tests: plays a script of octets on each connection."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.proxy.http.ends import PATIENCE, EndedError, Peer
from tests.proxy.http.messages import RequestHead

DATE = b"Date: Mon, 01 Jan 2001 00:00:00 GMT\r\n"
OK = b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Length: 2\r\n\r\nok"
FAREWELL = 2.0
"""Seconds that the proxy is given to close a connection after us."""

Script = Callable[[Peer], Awaitable[None]]


def answering(*answers: bytes) -> Script:
    """One answer for each whole request on a connection, the last one again and again."""

    async def script(peer: Peer) -> None:
        turn = 0
        while True:
            await peer.request()
            await peer.say(answers[min(turn, len(answers) - 1)])
            turn += 1

    return script


def answering_and_closing(answer: bytes) -> Script:
    """One answer to one whole request, then the end of the connection."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(answer)

    return script


def in_pieces(answer: bytes, size: int) -> Script:
    """One answer to one whole request, in pieces of so many octets."""

    async def script(peer: Peer) -> None:
        await peer.request()
        for at in range(0, len(answer), size):
            await peer.say(answer[at : at + size])
            await asyncio.sleep(0)
        await peer.gone()

    return script


async def left_to_the_test(_: Peer) -> None:
    """The test reads and says everything itself, through `Upstream.peer`."""
    await asyncio.Event().wait()


class Upstream:
    """Plays `scripts`, one for each connection in turn (the last again and again).

    A script that ends closes its connection. That the proxy hung up is not a fault of the script:
    it may between requests, and a test that cares asks for it.
    """

    def __init__(self) -> None:
        self._listener = _listening(0)
        self.port: int = self._listener.getsockname()[1]
        self._scripts: tuple[Script, ...] = (answering(OK),)
        self.peers: list[Peer] = []
        self.faults: list[BaseException] = []
        self._came = asyncio.Condition()
        self._playing: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    async def close(self) -> None:
        await self._deafen()
        await self.forget()
        self._listener.close()

    @asynccontextmanager
    async def refusing(self) -> AsyncIterator[None]:
        """Nobody listens meanwhile: new connections are refused."""
        await self._deafen()
        self._listener.close()
        try:
            yield
        finally:
            self._listener = _listening(self.port)
            self._accepting = asyncio.get_running_loop().create_task(self._accept())

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        """New connections hang meanwhile: the kernel's queue of them is full."""
        await self._deafen()
        self._listener.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
        try:
            yield
        finally:
            self._listener.close()
            for filler in fillers:
                filler.close()
            self._listener = _listening(self.port)
            self._accepting = asyncio.get_running_loop().create_task(self._accept())

    async def _deafen(self) -> None:
        self._accepting.cancel()
        await asyncio.wait((self._accepting,))

    def play(self, *scripts: Script) -> None:
        self._scripts = scripts

    @property
    def heads(self) -> list[RequestHead]:
        """Of all requests so far, by connection."""
        return [head for peer in self.peers for head in peer.heads]

    @property
    def head(self) -> RequestHead:
        """Of the only request."""
        (head,) = self.heads
        return head

    @property
    def bodies(self) -> list[bytes]:
        return [body for peer in self.peers for body in peer.bodies]

    async def peer(self, number: int = 0) -> Peer:
        """The connection with that number, once it is there."""
        async with asyncio.timeout(PATIENCE), self._came:
            await self._came.wait_for(lambda: len(self.peers) > number)
        return self.peers[number]

    async def played(self) -> None:
        """Until the script of the first connection is over."""
        peer = await self.peer()
        async with asyncio.timeout(2 * PATIENCE):  # it has more patience than its own reads
            await peer.played.wait()

    async def forget(self) -> None:
        """End all connections, and wait until the proxy has closed its ends too."""
        for task in self._playing:
            task.cancel()
        if self._playing:
            await asyncio.wait(self._playing)
        await asyncio.gather(*(_part(peer) for peer in self.peers))
        self.peers = []
        self._scripts = (answering(OK),)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(self._listener)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(sock)
            script = self._scripts[min(len(self.peers), len(self._scripts) - 1)]
            task = loop.create_task(self._play(script, peer))
            self._playing.add(task)
            task.add_done_callback(self._playing.discard)
            async with self._came:
                self.peers.append(peer)
                self._came.notify_all()

    async def _play(self, script: Script, peer: Peer) -> None:
        try:
            await script(peer)
        except (EndedError, ConnectionError):
            pass
        except Exception as error:
            self.faults.append(error)
        finally:
            _say_goodbye(peer)
            peer.played.set()


def _listening(port: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    listener.setblocking(False)
    return listener


def _say_goodbye(peer: Peer) -> None:
    """In order, so that what was said arrives; a closed socket stays as it is."""
    if peer.sock.fileno() < 0:
        return
    try:
        peer.half_close()
    except OSError:
        peer.close()


async def _part(peer: Peer) -> None:
    _say_goodbye(peer)
    if peer.sock.fileno() < 0:
        return
    try:
        async with asyncio.timeout(FAREWELL):
            await peer.gone()
    except (TimeoutError, OSError):
        peer.reset()
    else:
        peer.close()
