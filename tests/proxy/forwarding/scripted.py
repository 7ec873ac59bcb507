"""Both ends of the forwarder: an upstream that plays a script byte for byte, and an ASGI caller."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from proxy.forwarding.asgi import Message, Scope
from proxy.forwarding.faults import AnswerBrokenError, Outcome
from proxy.forwarding.forwarder import ForwardContext, Forwarder, ForwardingConfig
from proxy.forwarding.upstream import Upstream

PATIENCE = 5.0
REQUEST_ID = "00112233445566778899aabbccddeeff"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Peer:
    """The upstream's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.received = bytearray()
        self.heads: list[bytes] = []

    async def head(self) -> bytes:
        head = await self._reader.readuntil(b"\r\n\r\n")
        self.received += head
        self.heads.append(head)
        return head

    async def read(self, size: int) -> bytes:
        data = await self._reader.readexactly(size)
        self.received += data
        return data

    async def until(self, end: bytes) -> bytes:
        data = await self._reader.readuntil(end)
        self.received += data
        return data

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    def reset(self) -> None:
        """Close so that the other end sees a reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def gone(self) -> None:
        """Until the forwarder has closed its end."""
        with suppress(ConnectionError):
            while data := await self._reader.read(65536):
                self.received += data


Script = Callable[[Peer], Awaitable[None]]


def fields_of(head: bytes) -> list[tuple[bytes, bytes]]:
    lines = head.split(b"\r\n")[1:-2]
    return [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]


def values_of(head: bytes, name: bytes) -> list[bytes]:
    return [value for key, value in fields_of(head) if key.lower() == name]


def answering(*answers: bytes) -> Script:
    """One answer for each request on a connection, the last one again and again."""

    async def script(peer: Peer) -> None:
        for turn in range(1000):
            head = await peer.head()
            if lengths := values_of(head, b"content-length"):
                await peer.read(int(lengths[0]))
            elif values_of(head, b"transfer-encoding"):
                await peer.until(b"0\r\n\r\n")
            await peer.say(answers[min(turn, len(answers) - 1)])

    return script


class ScriptedUpstream:
    """Plays its scripts, one for each connection in turn (the last again and again)."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = scripts
        self.peers: list[Peer] = []
        self.faults: list[BaseException] = []
        self.port = 0
        self.connected = asyncio.Event()

    @property
    def heads(self) -> list[bytes]:
        return [head for peer in self.peers for head in peer.heads]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        self.peers.append(peer)
        self.connected.set()
        script = self.scripts[min(len(self.peers), len(self.scripts)) - 1]
        try:
            await script(peer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the forwarder hung up, as it may between requests
        except Exception as error:
            self.faults.append(error)
        finally:
            writer.close()


@dataclass
class Reply:
    """What the server in front was told."""

    outcome: Outcome
    broken: bool = False
    status: int | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    finished: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key == name]


class Client:
    """One request, as a server would hand it over; its pieces can be watched as they come."""

    def __init__(self, forwarder: Forwarder, scope: Scope, body: Sequence[bytes] | None) -> None:
        self._forwarder = forwarder
        self._scope = scope
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.outbox: asyncio.Queue[Message] = asyncio.Queue()
        self.received = 0
        self.told_to_leave = asyncio.Event()
        self.may_send = asyncio.Event()
        self.may_send.set()
        self._reply = Reply(Outcome(None))
        pieces = [b""] if body is None else body
        for number, piece in enumerate(pieces, start=1):
            self.upload(piece, more=number < len(pieces))

    def upload(self, piece: bytes, *, more: bool) -> None:
        self._inbox.put_nowait({"type": "http.request", "body": piece, "more_body": more})

    def leave(self) -> None:
        self._inbox.put_nowait({"type": "http.disconnect"})

    async def receive(self) -> Message:
        message = await self._inbox.get()
        self.received += 1
        if message["type"] == "http.disconnect":
            self.told_to_leave.set()
        return message

    async def send(self, message: Message) -> None:
        await self.may_send.wait()
        reply = self._reply
        if message["type"] == "http.response.start":
            assert reply.status is None
            reply.status = message["status"]
            reply.headers = list(message["headers"])
        else:
            assert reply.status is not None
            assert not reply.finished
            reply.pieces.append(message.get("body", b""))
            reply.finished = not message.get("more_body", False)
        self.outbox.put_nowait(message)

    async def run(self, *, trusted: bool = False) -> Reply:
        context = ForwardContext(REQUEST_ID, trusted)
        forward = self._forwarder.forward(self._scope, self.receive, self.send, context)
        try:
            self._reply.outcome = await asyncio.wait_for(forward, PATIENCE)
        except AnswerBrokenError as error:
            self._reply.outcome, self._reply.broken = error.outcome, True
        return self._reply

    async def piece(self) -> bytes:
        """The next piece of the answer's body."""
        while True:
            message = await asyncio.wait_for(self.outbox.get(), PATIENCE)
            if message.get("body"):
                return bytes(message["body"])


def scope_of(method: str = "GET", target: bytes = b"/", **more: Any) -> Scope:
    path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "client": ("203.0.113.9", 4711),
        "server": ("127.0.0.1", 8000),
    } | more


class Pair:
    """A forwarder and the upstream it forwards to."""

    def __init__(self, forwarder: Forwarder, upstream: ScriptedUpstream) -> None:
        self.forwarder = forwarder
        self.upstream = upstream

    def client(
        self,
        method: str = "GET",
        target: bytes = b"/",
        *,
        hosts: Sequence[bytes] = (b"www.example.org",),
        headers: Sequence[tuple[bytes, bytes]] = (),
        body: Sequence[bytes] | None = None,
        **more: Any,
    ) -> Client:
        """`headers` come after Host; `more` goes into the scope."""
        scope = scope_of(**({"method": method, "target": target} | more))
        scope["headers"] = [*((b"host", host) for host in hosts), *headers]
        return Client(self.forwarder, scope, body)

    async def ask(self, *arguments: Any, trusted: bool = False, **more: Any) -> Reply:
        return await self.client(*arguments, **more).run(trusted=trusted)


@asynccontextmanager
async def forwarding(*scripts: Script, **config: Any) -> AsyncIterator[Pair]:
    """An upstream with these scripts, and a forwarder with this configuration."""
    upstream = ScriptedUpstream(*(scripts or (answering(OK),)))
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    upstream.port = server.sockets[0].getsockname()[1]
    forwarder = Forwarder(
        Upstream.from_url(f"http://127.0.0.1:{upstream.port}"),
        ForwardingConfig(**config),
        instance="test",
    )
    try:
        yield Pair(forwarder, upstream)
    finally:
        await forwarder.close()
        server.close()
        for peer in upstream.peers:
            peer.writer.close()
    assert upstream.faults == []
