"""What the upstream does on the connection of the request in question."""

import asyncio
from contextlib import suppress

from tests.proxy.faults.play import Act, Play, happened
from tests.proxy.http.ends import Peer

SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


async def closes(_: Play, peer: Peer) -> None:
    """In order; whatever still comes is read."""
    peer.half_close()
    await peer.gone()


async def hangs_up(_: Play, peer: Peer) -> None:
    """In order, and deaf from then on: the kernel answers what still comes with a reset."""
    peer.close()


async def resets(_: Play, peer: Peer) -> None:
    peer.reset()


async def stalls(_: Play, peer: Peer) -> None:
    """Silent until the proxy has gone."""
    await peer.gone()


async def goes_on(_play: Play, _peer: Peer) -> None:
    """As if nothing had been."""


def says(*pieces: bytes, then: Act = closes) -> Act:
    """Read the whole request; say the first piece, and the others once the client has a head."""

    async def act(play: Play, peer: Peer) -> None:
        head = await peer.head()
        play.asked.set()
        await peer.body(head)
        await _say(play, peer, pieces, then)

    return act


def interrupts(*pieces: bytes, then: Act = closes, reads: int = 0) -> Act:
    """The same after the head and so many octets of the body as they come: more is under way."""

    async def act(play: Play, peer: Peer) -> None:
        await peer.head()
        play.asked.set()
        await peer.exactly(reads)
        await _say(play, peer, pieces, then)

    return act


async def _say(play: Play, peer: Peer, pieces: tuple[bytes, ...], then: Act) -> None:
    for number, piece in enumerate(pieces):
        if number:
            await happened(play.begun)
        await peer.say(piece)
    await then(play, peer)


async def listens(play: Play, peer: Peer) -> None:
    """Read all that comes, say nothing."""
    await peer.head()
    play.asked.set()
    await peer.gone()


async def is_deaf(play: Play, peer: Peer) -> None:
    """Read the head, and nothing more."""
    peer.take_little()
    await peer.head()
    play.asked.set()
    await hears_nothing(play, peer)


async def hears_nothing(play: Play, peer: Peer) -> None:
    """In the end reset: to read what the proxy's kernel still holds would take long."""
    await happened(play.over)
    peer.reset()


async def resets_at_once(_: Play, peer: Peer) -> None:
    await peer.exactly(1)  # else it might look as if it had never been connected
    peer.reset()


def trickles(*pieces: bytes, pause: float) -> Act:
    """Slow, but never silent for too long."""

    async def act(play: Play, peer: Peer) -> None:
        await peer.request()
        play.asked.set()
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(pause)
            await peer.say(piece)

    return act


async def speaks_until_left(play: Play, peer: Peer) -> None:
    """More than anyone takes who does not read."""
    await peer.head()
    play.asked.set()
    await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    await speaks(play, peer)


async def speaks(_: Play, peer: Peer) -> None:
    with suppress(ConnectionError):
        await peer.say(bytes(20_000_000))
    await peer.gone()


def switches(then: Act) -> Act:
    """Take the change of protocol."""

    async def act(play: Play, peer: Peer) -> None:
        await peer.head()
        play.asked.set()
        peer.take_little()
        await peer.say(SWITCHING)
        await happened(play.begun)
        await then(play, peer)

    return act
