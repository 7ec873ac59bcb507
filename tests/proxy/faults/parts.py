"""What the client does, and what it sees."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Literal

from proxy.demo.parts import RunningProxy
from tests.proxy.faults.play import LEFT, TARGET, Part, Play, echo, echo_once, happened
from tests.proxy.faults.proxy import POOL, refusing
from tests.proxy.http.ends import Client, Peer
from tests.proxy.http.harness import answer, request

How = Literal["close", "reset"]


def asks(*pieces: bytes, method: str = "GET") -> Part:
    """Say the first piece, and the others once the upstream has the head; then wait."""

    async def part(play: Play) -> str:
        client = await play.harness.client()
        await client.say(pieces[0])
        for piece in pieces[1:]:
            await happened(play.asked)
            await client.say(piece)
        return await play.see(client, method)

    return part


def sends(head: bytes, body: bytes) -> Part:
    """Upload as long as anything is taken, and look at the answer meanwhile."""

    async def part(play: Play) -> str:
        client = await play.harness.client()

        async def upload() -> None:
            with suppress(ConnectionError, TimeoutError):
                await client.say(head, body)

        uploading = asyncio.create_task(upload())
        seen = await play.see(client)
        uploading.cancel()
        await asyncio.wait((uploading,))
        return seen

    return part


def answers_back(head: bytes, *pieces: bytes) -> Part:
    """Say the head, and the pieces once the answer has begun."""

    async def part(play: Play) -> str:
        client = await play.harness.client()
        await client.say(head)
        seeing = asyncio.create_task(play.see(client))
        await happened(play.begun)
        await client.say(*pieces)
        return await seeing

    return part


def leaves(*pieces: bytes, how: How, reads: int = -1) -> Part:
    """Go when the upstream has the head and so many octets of its answer came; -1 is no head."""

    async def part(play: Play) -> str:
        client = await play.harness.client()
        await client.say(*pieces)
        await happened(play.asked)
        if reads >= 0:
            await client.head()
            await client.exactly(reads)
        leave(client, how)
        return LEFT

    return part


def leaves_early(*pieces: bytes, how: How) -> Part:
    """Go before the upstream was asked at all."""

    async def part(play: Play) -> str:
        client = await play.harness.client()
        await client.say(*pieces)
        await play.gauge("strangler_requests_in_flight", 2)  # it, and the question itself
        leave(client, how)
        return LEFT

    return part


async def does_not_read(play: Play) -> str:
    """Take nothing of the answer until the proxy has given up."""
    sock = socket.socket()
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    # Small segments make the proxy's buffer in the kernel small too: 200 KB instead of 2.6 MB.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", play.harness.port))
    client = Client(sock)
    try:
        await client.say(request(TARGET))
        await play.harness.line(path=TARGET.decode())
        return await play.see(client)
    finally:
        client.close()


async def comes_back(play: Play) -> str:
    """Its own request, as the next hop would send it on."""
    return await asks(request(TARGET, b"Via: 1.1 " + play.harness.pseudonym))(play)


def leave(client: Client, how: How) -> None:
    if how == "reset":
        client.reset()
    else:
        client.close()


def asks_meanwhile(octets: bytes, end: Callable[[Peer], None]) -> Part:
    """Ask while a kept connection ends: the worker, held up, finds both at once, in this order."""

    async def part(play: Play) -> str:
        async def script(peer: Peer) -> None:
            await echo_once(peer)
            await happened(play.begun)

        play.harness.upstream.play(script, echo)
        client = await play.harness.client()
        await client.say(request(b"/warm"))
        assert (await client.answer()).body == b"/warm"
        peer = await play.harness.upstream.peer()
        play.guilty.append(peer)
        with suspended(play.harness.proxy):
            await client.say(octets)
            end(peer)
        return await play.see(client)

    return part


def resets_meanwhile(octets: bytes) -> Part:
    """Ask and reset: the worker, held up, finds both at once."""

    async def part(play: Play) -> str:
        play.harness.upstream.play(echo)
        client = await play.harness.client()
        await client.say(request(b"/warm"))
        assert (await client.answer()).body == b"/warm"
        with suspended(play.harness.proxy):
            await client.say(octets)
            client.reset()
        return LEFT

    return part


@contextmanager
def suspended(proxy: RunningProxy) -> Iterator[None]:
    """The workers stand still meanwhile, and then find all at once what happened."""
    _, *workers = proxy.processes()
    for worker in workers:
        worker.suspend()
    try:
        yield
    finally:
        for worker in workers:
            worker.resume()


# tunnels

HANDSHAKE = request(TARGET, b"Connection: Upgrade", b"Upgrade: websocket")


def upgrades(*pieces: bytes) -> Part:
    """Send the pieces through the tunnel, then wait for its end."""

    async def part(play: Play) -> str:
        client = await play.harness.client()
        await client.say(HANDSHAKE)
        seen = await play.see(client)
        with suppress(ConnectionError):
            await client.say(*pieces)
        ending = await client.gone()
        client.close()
        return f"{seen}, then {ending}"

    return part


async def upgrades_and_resets(play: Play) -> str:
    client = await play.harness.client()
    await client.say(HANDSHAKE)
    await play.see(client)
    client.reset()
    return LEFT


async def upgrades_and_takes_nothing(play: Play) -> str:
    client = await play.harness.client(receive_buffer=4096)
    await client.say(HANDSHAKE)
    seen = await play.see(client)
    await play.harness.line(path=TARGET.decode())
    return f"{seen}, then {await client.gone()}"


# where no connection is to be had


class Held:
    """Every connection of the pool is waiting for an answer."""

    def __init__(self) -> None:
        self.peers: list[Peer] = []
        self.all = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, peer: Peer) -> None:
        """The script of each connection."""
        head = await peer.request()
        self.peers.append(peer)
        if len(self.peers) == POOL:
            self.all.set()
        await happened(self.released)
        if peer.sock.fileno() >= 0:
            await peer.say(answer(body=head.target))
            await echo(peer)


@asynccontextmanager
async def all_in_use(play: Play) -> AsyncIterator[Held]:
    """Until the end, when each gets its answer."""
    held = Held()
    play.harness.upstream.play(held)
    async with asyncio.TaskGroup() as holders:
        asking = [
            holders.create_task(play.harness.ask(request(b"/held%d" % number)))
            for number in range(POOL)
        ]
        await happened(held.all)
        yield held
        held.released.set()
    assert [one.result().body for one in asking] == [b"/held%d" % n for n in range(POOL)]


async def waits_in_line(play: Play) -> str:
    async with all_in_use(play):
        return await asks(request(TARGET))(play)


async def finds_the_line_full(play: Play) -> str:
    async with all_in_use(play):
        other = await play.harness.client()
        await other.say(request(b"/in-line"))
        await play.gauge("strangler_upstream_waiting", 1)
        seen = await asks(request(TARGET))(play)
    assert (await other.answer()).body == b"/in-line"
    return seen


def leaves_the_line(how: How) -> Part:
    async def part(play: Play) -> str:
        async with all_in_use(play):
            client = await play.harness.client()
            await client.say(request(TARGET))
            await play.gauge("strangler_upstream_waiting", 1)
            leave(client, how)
            await play.gauge("strangler_upstream_waiting", 0)
        return LEFT

    return part


async def inherits_a_closed_connection(play: Play) -> str:
    """A POST in line, when those before it are answered and their connections closed at once."""
    async with all_in_use(play) as held:
        client = await play.harness.client()
        await client.say(request(TARGET, method=b"POST", body=b"hello"))
        await play.gauge("strangler_upstream_waiting", 1)
        with suspended(play.harness.proxy):
            for peer in held.peers:
                await peer.say(answer(body=peer.heads[0].target))
                peer.close()
    play.guilty.append(held.peers[0])
    return await play.see(client)


def refused(octets: bytes) -> Part:
    async def part(play: Play) -> str:
        async with refusing(play.harness.upstream):
            return await asks(octets)(play)

    return part


def unreachable(part: Part) -> Part:
    async def inside(play: Play) -> str:
        async with play.harness.upstream.unreachable():
            return await part(play)

    return inside
