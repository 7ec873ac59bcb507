"""lease/client/late: a client stops taking one answer, while its next request is in line.

`strangler serve` begins the next request when less than 64 KiB wait for the client, and then the
kernel takes them at one go: only a smaller buffer in the kernel shows what becomes of such a one.
"""

import asyncio
import socket

import pytest

from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.forwarding.forwarder import Forwarder
from proxy.server.client import Client
from proxy.server.request import Request
from tests.inside import inside
from tests.proxy.faults.play import happened
from tests.proxy.faults.proxy import becomes_true
from tests.proxy.http.ends import Client as ClientEnd
from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import answer, request
from tests.proxy.http.upstream import Upstream

pytestmark = pytest.mark.faults

LARGE = answer(b"Connection: close", body=bytes(50_000))


async def test_late_in_line() -> None:
    upstream, forwarders = Upstream(), list[Forwarder]()
    asked, release = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await happened(release)
        await peer.say(LARGE)

    def forward(client: Client, request: Request) -> None:
        if not forwarders:
            url, serving = f"http://127.0.0.1:{upstream.port}", client.serving
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            parts = (serving.loop, serving.poller, serving.clock)
            forwarders.append(Forwarder((url,), ForwardingConfig(), *parts))
        forwarders[0].forward(client, request)

    upstream.play(script)
    async with inside(forward, client_timeout=0.5) as server:
        client = await slow_client(server.port)
        await client.say(request(b"/first") + request(b"/next"))
        await happened(asked)
        async with upstream.unreachable():
            release.set()
            await client.exactly(20_000)

            async def recorded() -> bool:
                return len(server.records.requests) == 2

            await becomes_true(recorded)
        assert await client.gone() == "reset"
        client.close()
        first, following = server.records.requests
        assert (first.target, first.fault) == (b"/first", None)
        assert following.target == b"/next"
        assert following.fault == Fault(Stage.LEASE, Side.CLIENT, Cause.LATE)
        assert [member.pool.open for member in forwarders[0].upstreams.members] == [0]
    await upstream.close()


async def slow_client(port: int) -> ClientEnd:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    return ClientEnd(sock)
