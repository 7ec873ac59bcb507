"""One fault brought about: what upstream and client do to each other, octet by octet."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.proxy.faults.proxy import FaultHarness, Settings, becomes_true, rerouted
from tests.proxy.http.ends import BODILESS, PATIENCE, Client, EndedError, Peer
from tests.proxy.http.harness import answer, request
from tests.proxy.http.messages import AnswerHead, framing_of

TARGET = b"/fault"
"""Of the request in question; no other has it."""

LEFT = "left"
"""Seen by a client that did not wait for the end."""


@dataclass(slots=True)
class Play:
    """One row as it is played.

    `asked`: the upstream has the head of the request in question. `begun`: the client has the head
    of its answer. `over`: it has seen all that it will, and `body` is what came of the body.
    `guilty` are the connections on which the upstream met the fault. `besides` are faults of other
    requests, and how many. `afterwards` is what must be put right before the next request.
    """

    harness: FaultHarness
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    body: bytes = b""
    guilty: list[Peer] = field(default_factory=list)
    besides: dict[str, int] = field(default_factory=dict)
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def see(self, client: Client, method: str = "GET") -> str:
        """What the client sees: a status; `closed` or `reset`; or a status, then one of these."""
        try:
            head = await client.head()
            while head.status < 200 and head.status != 101:
                head = await client.head()
        except EndedError as ended:
            return ended.how
        self.begun.set()
        try:
            self.body = await _body(client, head, method)
        except EndedError as ended:
            self.body = ended.data
            return f"{head.status}, then {ended.how}"
        return str(head.status)

    async def gauge(self, name: str, value: float, **labels: str) -> None:
        """Wait until the metrics page says so."""

        async def says_so() -> bool:
            return await self.harness.metric(name, **labels) == value

        await becomes_true(says_so)

    async def reroute(self, settings: Settings) -> None:
        """Put the settings into routing.yaml, and wait until they are in force."""
        await rerouted(self.harness.proxy, settings.routing())


Act = Callable[[Play, Peer], Awaitable[None]]
"""What the upstream does on the connection of the request in question."""

Part = Callable[[Play], Awaitable[str]]
"""What the client does, and what it sees."""


def scene(act: Act, part: Part, *, kept: bool = False) -> Part:
    """Both at once. `kept`: on a connection that has served a request before.

    A connection that the act leaves open goes on answering, as an upstream does: so one that the
    proxy must not use again would be seen to be used.
    """

    async def play_both(play: Play) -> str:
        async def script(peer: Peer) -> None:
            if kept:
                await echo_once(peer)
            play.guilty.append(peer)
            await act(play, peer)
            if peer.sock.fileno() >= 0:
                await echo(peer)

        play.harness.upstream.play(script, echo)
        if kept:
            assert (await play.harness.ask(request(b"/warm"))).body == b"/warm"
        seen = await part(play)
        play.over.set()
        return seen

    return play_both


async def echo_once(peer: Peer) -> None:
    """Answer one request with its target."""
    head = await peer.request()
    await peer.say(answer(body=head.target))


async def echo(peer: Peer) -> None:
    while True:
        await echo_once(peer)


async def happened(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await event.wait()


async def _body(client: Client, head: AnswerHead, method: str) -> bytes:
    bodiless = method == "HEAD" or head.status in BODILESS or head.status == 101
    framing, length = framing_of(head, bodiless=bodiless, otherwise="close")
    if framing == "chunked":
        return await client.chunks()
    if framing == "length":
        return await client.exactly(length)
    return await client.rest() if framing == "close" else b""
