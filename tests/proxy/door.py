"""An edge with stand-ins for both sides, on a socket."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from types import SimpleNamespace

from proxy.edge import NOT_FOUND, TRUSTED_PEER_KEY, Edge, EdgeConfig
from proxy.forwarding.faults import STATUS, Fault
from proxy.routing.parse import parse
from proxy.routing.table import RoutingTable
from proxy.server.asgi import Application, Receive, Scope, Send
from proxy.server.client import Client
from proxy.server.request import Request
from proxy.wire.answer import own_answer
from tests.inside import FRONT, STRANGER, Inside, inside
from tests.proxy.http.messages import Answer

ROUTING = """
version: 1
domains:
  downloads:
    phase: {phase}
    routes:
      - /downloads/**
      - {{path: /downloads/old/**, pin: legacy}}
"""
TRUSTING = EdgeConfig(trusted=(ip_network(FRONT),))


class Legacy:
    """Stands in for the forwarder: gives one answer, or fails, and keeps what it was asked."""

    def __init__(self, status: int = 200, fault: Fault | None = None) -> None:
        self.status = status
        self.fault = fault
        self.asked: list[bytes] = []

    def forward(
        self, client: Client, request: Request, fallback: Callable[[], None] | None = None
    ) -> None:
        self.asked.append(request.target)
        request.fault = self.fault
        if self.fault is None:
            request.status = self.status
            start = b"HTTP/1.1 %d Legacy\r\nContent-Length: 11\r\n" % self.status
            client.send_whole(start, b"" if request.method == b"HEAD" else b"from legacy")
        elif fallback is not None:
            fallback()
        else:
            request.status = STATUS[self.fault]
            client.send_own(*own_answer(request.status), head_only=request.method == b"HEAD")


async def native(scope: Scope, receive: Receive, send: Send) -> None:
    """Says what it sees; of what is missing it sets the key before it answers."""
    if "broken" in scope["path"]:
        raise RuntimeError("of no concern to the visitor")
    status, body = 200, f"{scope['scheme']} native {scope[TRUSTED_PEER_KEY]}".encode()
    if "missing" in scope["path"]:
        scope[NOT_FOUND] = True
        status, body = 404, b"nothing here"
    elif scope["path"].endswith("slashless"):
        scope[NOT_FOUND] = True
        status, body = 301, b"over there"
    headers = [(b"content-length", b"%d" % len(body)), (b"strangler-owner", b"forged")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def no_pages(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError(f"{scope['path']} is none of the proxy's own")


class Door:
    """An edge with its surroundings, on a socket."""

    def __init__(self, server: Inside, legacy: Legacy) -> None:
        self.server = server
        self.legacy = legacy

    async def ask(
        self, target: bytes, *lines: bytes, method: bytes = b"GET", source: str = STRANGER
    ) -> Answer:
        head = b"%b %b HTTP/1.1\r\nHost: www.example.org\r\n" % (method, target)
        fields = b"".join(line + b"\r\n" for line in lines)
        client = await self.server.client(head + fields + b"\r\n", source=source)
        return await client.answer(method.decode())


@asynccontextmanager
async def door(
    phase: str = "reads",
    config: EdgeConfig | None = None,
    legacy: Legacy | None = None,
    app: Application | None = native,
    own: Application = no_pages,
) -> AsyncIterator[Door]:
    table = RoutingTable.build(parse(ROUTING.format(phase=phase), {"downloads"}))
    legacy = legacy or Legacy()
    edge = Edge(config or EdgeConfig(), SimpleNamespace(table=table), app, legacy, own)
    async with inside(edge.answer) as server:
        yield Door(server, legacy)
