"""WebSocket through the whole of it: a real client, the server we ship, a real server upstream."""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus

from proxy.forwarding.asgi import Message
from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.forwarding.forwarder import ForwardContext, Forwarder, ForwardingConfig, Outcome
from proxy.forwarding.upstream import Upstream
from tests.proxy.forwarding.conftest import EchoServer, Served, free_port
from tests.proxy.forwarding.scripted import Peer, ScriptedUpstream, values_of

pytestmark = pytest.mark.musts

BAD_ACCEPT = (
    b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
    b"Sec-WebSocket-Accept: bad\r\n\r\n"
)
LARGE = 4 * 1024 * 1024


def opened(served: Served, path: str = "/ws", **options: Any) -> connect:
    url = f"ws://127.0.0.1:{served.port}{path}"
    return connect(url, proxy=None, max_size=None, **options)


async def say(client: ClientConnection, message: str | bytes) -> str | bytes:
    await client.send(message)
    return await asyncio.wait_for(client.recv(), 5)


async def test_messages_both_ways(served: Served) -> None:
    async with opened(served) as client:
        assert await say(client, "text é") == "text é"
        assert await say(client, b"\x00\xff") == b"\x00\xff"
        assert await say(client, "") == ""
        assert await say(client, "fragments") == "one two three"
        assert await say(client, "ping") == "ponged"
        await asyncio.wait_for(await client.ping(), 5)


async def test_large_messages(served: Served) -> None:
    async with opened(served) as client:
        assert await say(client, bytes(LARGE)) == bytes(LARGE)
        assert await say(client, "x" * LARGE) == "x" * LARGE


async def test_the_request_upstream(served: Served) -> None:
    headers = {"Cookie": "sessionid=1", "X-Forwarded-For": "1.2.3.4", "X-Request-ID": "forged"}
    async with opened(served, "/a%2Fb;c//d?e&f=", additional_headers=headers) as client:
        head = str(await say(client, "head"))
        assert head.startswith("/a%2Fb;c//d?e&f= ")
        assert f"host: 127.0.0.1:{served.port}\r\n" in head
        assert "cookie: sessionid=1\r\n" in head
        assert "x-forwarded-for: 127.0.0.1\r\n" in head
        assert "x-forwarded-proto: http\r\n" in head
        assert head.count("x-request-id: ") == 1
        assert "1.2.3.4" not in head
        assert "sec-websocket-extensions" not in head


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["chat.v1", "chat.v2"], "chat.v2"), (["chat.v1"], "chat.v1")]
)
async def test_subprotocols(served: Served, offered: list[Any], chosen: str) -> None:
    async with opened(served, subprotocols=offered) as client:
        assert client.subprotocol == chosen


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (4002, "own é"), (1011, "x")])
async def test_close_from_the_upstream(served: Served, code: int, reason: str) -> None:
    path = f"/upstream-closes-{code}"
    async with opened(served, path) as client:
        await client.send(f"close {code} {reason}")
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 5)
        assert (client.close_code, client.close_reason) == (code, reason)
    assert await served.echo.end(path) == code


@pytest.mark.parametrize("code", [1000, 1001, 4001])
async def test_close_from_the_client(served: Served, code: int) -> None:
    path = f"/client-closes-{code}"
    async with opened(served, path) as client:
        assert await say(client, "hello") == "hello"
        await client.close(code)
    assert await served.echo.end(path) == code


async def test_upstream_that_vanishes(served: Served) -> None:
    async with opened(served) as client:
        await client.send("drop")
        with pytest.raises(ConnectionClosedError):
            await asyncio.wait_for(client.recv(), 5)
        assert client.close_code == 1011


async def test_client_that_vanishes(served: Served) -> None:
    async with opened(served, "/client-vanishes") as client:
        assert await say(client, "hello") == "hello"
        client.transport.abort()
        assert await served.echo.end("/client-vanishes") == 1005


async def test_refusal_is_passed_on(served: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(served, "/forbidden"):
            pass
    response = refused.value.response
    assert (response.status_code, response.body) == (403, b"not here\n")
    assert response.headers["X-Why"] == "because"


class WebSocketCaller:
    """A WebSocket as a server would hand it over."""

    def __init__(self, url: str, *, denial: bool = True, **config: Any) -> None:
        self.forwarder = Forwarder(Upstream.from_url(url), ForwardingConfig(**config))
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.outbox: asyncio.Queue[Message] = asyncio.Queue()
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.scope = {
            "type": "websocket",
            "http_version": "1.1",
            "scheme": "wss",
            "path": "/ws",
            "raw_path": b"/ws",
            "query_string": b"",
            "headers": [(b"host", b"www.example.org"), (b"sec-websocket-key", b"x")],
            "client": ("203.0.113.9", 1),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}} if denial else {},
        }

    async def run(self) -> Outcome:
        context = ForwardContext("0123456789abcdef", trusted=False)
        forward = self.forwarder.forward(self.scope, self.inbox.get, self.outbox.put, context)
        return await asyncio.wait_for(forward, 5)


async def test_refused_connection_is_502() -> None:
    caller = WebSocketCaller(f"http://127.0.0.1:{free_port()}")
    outcome = await caller.run()
    assert (outcome.status, outcome.fault) == (
        502,
        Fault(Stage.CONNECT, Side.UPSTREAM, Cause.CLOSED),
    )
    start, body = caller.outbox.get_nowait(), caller.outbox.get_nowait()
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 502)
    assert body["body"] == b"502 Bad Gateway\n"


async def test_refusal_where_the_server_has_no_way_to_tell(echo: EchoServer) -> None:
    caller = WebSocketCaller(echo.url, denial=False)
    caller.scope["raw_path"] = b"/forbidden"
    assert (await caller.run()).status == 403
    assert caller.outbox.get_nowait() == {"type": "websocket.close", "code": 1008}


@pytest.mark.parametrize(
    ("answer", "cause", "status"),
    [
        (b"", Cause.LATE, 504),
        (BAD_ACCEPT, Cause.INVALID, 502),
        (b"nonsense\r\n\r\n", Cause.INVALID, 502),
    ],
)
async def test_must_14_no_message_before_101(answer: bytes, cause: Cause, status: int) -> None:
    """Nothing the client says is sent before the handshake is done."""

    async def script(peer: Peer) -> None:
        head = await peer.head()
        assert values_of(head, b"upgrade") == [b"websocket"]
        assert values_of(head, b"connection") == [b"Upgrade"]
        assert values_of(head, b"x-forwarded-proto") == [b"https"]
        await peer.say(answer)
        await peer.gone()
        assert peer.received == head

    upstream = ScriptedUpstream(script)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    caller = WebSocketCaller(url, read_timeout=0.2)
    caller.inbox.put_nowait({"type": "websocket.receive", "text": "early"})
    outcome = await caller.run()
    assert outcome.status == status
    assert outcome.fault == Fault(Stage.AWAIT_HEAD, Side.UPSTREAM, cause)
    server.close()
    assert upstream.faults == []


async def test_message_beyond_the_limit(echo: EchoServer) -> None:
    caller = WebSocketCaller(echo.url, max_message=1000)
    caller.inbox.put_nowait({"type": "websocket.receive", "bytes": bytes(1001)})
    outcome = await caller.run()
    assert outcome.fault == Fault(Stage.UPGRADED, Side.UPSTREAM, Cause.LIMIT)
    assert caller.outbox.get_nowait()["type"] == "websocket.accept"
    assert caller.outbox.get_nowait()["code"] == 1009
