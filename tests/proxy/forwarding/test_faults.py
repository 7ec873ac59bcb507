"""Stage by side: what the client is told, and what is left of the connection."""

import asyncio
import socket

import pytest

from proxy.forwarding.asgi import Message
from proxy.forwarding.faults import STATUS, Cause, Fault, Side, Stage
from proxy.forwarding.forwarder import ForwardContext, Forwarder, ForwardingConfig
from proxy.forwarding.upstream import Upstream
from tests.proxy.forwarding.scripted import OK, Client, Peer, answering, forwarding, scope_of

pytestmark = pytest.mark.faults

HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf!"


async def stall(peer: Peer) -> None:
    await peer.head()
    await peer.gone()


async def refuse(peer: Peer) -> None:
    peer.reset()


async def hang_up_after_the_head(peer: Peer) -> None:
    await peer.head()


async def stall_in_the_head(peer: Peer) -> None:
    await peer.head()
    await peer.say(b"HTTP/1.1 200 OK\r\nX-A: ")
    await peer.gone()


async def break_in_the_head(peer: Peer) -> None:
    await peer.head()
    await peer.say(b"HTTP/1.1 200 OK\r\nX-A: ")


async def stall_in_the_body(peer: Peer) -> None:
    await peer.head()
    await peer.say(HALF)
    await peer.gone()


@pytest.mark.parametrize(
    ("script", "stage", "cause", "status"),
    [
        (refuse, Stage.AWAIT_HEAD, Cause.CLOSED, 502),
        (hang_up_after_the_head, Stage.AWAIT_HEAD, Cause.CLOSED, 502),
        (break_in_the_head, Stage.AWAIT_HEAD, Cause.CLOSED, 502),
        (stall, Stage.AWAIT_HEAD, Cause.LATE, 504),
        (stall_in_the_head, Stage.AWAIT_HEAD, Cause.LATE, 504),
    ],
)
async def test_before_the_answer(script: object, stage: Stage, cause: Cause, status: int) -> None:
    async with forwarding(script, read_timeout=0.2) as pair:  # type: ignore[arg-type]
        reply = await pair.ask()
        assert reply.outcome.fault == Fault(stage, Side.UPSTREAM, cause)
        assert (reply.status, reply.outcome.status, reply.finished) == (status, status, True)
        assert b"upstream" not in reply.body
        assert pair.forwarder.pool.open == 0


async def test_stall_in_the_body_breaks_the_answer() -> None:
    async with forwarding(stall_in_the_body, read_timeout=0.2) as pair:
        reply = await pair.ask()
        assert reply.outcome.fault == Fault(Stage.RECEIVE_BODY, Side.UPSTREAM, Cause.LATE)
        assert (reply.status, reply.broken, reply.body) == (200, True, b"half!")
        assert pair.forwarder.pool.open == 0


async def test_slow_but_steady_body_is_not_late() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for _ in range(6):
            await asyncio.sleep(0.1)
            await peer.say(b"x")

    async with forwarding(script, read_timeout=0.3) as pair:
        assert (await pair.ask()).body == b"xxxxxx"


async def test_upstream_that_takes_no_body() -> None:
    async with forwarding(stall, read_timeout=0.2) as pair:
        size = 32 * 1024 * 1024

        async def script(peer: Peer) -> None:
            await peer.head()
            await asyncio.sleep(2)

        pair.upstream.scripts = (script,)
        headers = [(b"content-length", b"%d" % size)]
        reply = await pair.ask("POST", headers=headers, body=[bytes(size // 8)] * 8)
        assert reply.status == 504
        assert reply.outcome.fault == Fault(Stage.SEND_BODY, Side.UPSTREAM, Cause.LATE)


async def test_upstream_that_breaks_during_the_upload() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        peer.reset()

    async with forwarding(script) as pair:
        client = pair.client("POST", headers=[(b"transfer-encoding", b"chunked")], body=[])
        client.upload(b"x", more=True)
        reply = await client.run()
        assert reply.status == 502
        assert reply.outcome.fault == Fault(Stage.SEND_BODY, Side.UPSTREAM, Cause.CLOSED)


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.mark.parametrize("url", [f"http://127.0.0.1:{closed_port()}", "http://no-such.invalid"])
async def test_refused_and_unknown_name_are_502(url: str) -> None:
    forwarder = Forwarder(Upstream.from_url(url))
    reply = await Client(forwarder, scope_of() | {"headers": [(b"host", b"a")]}, None).run()
    assert (reply.status, reply.body) == (502, b"502 Bad Gateway\n")
    assert reply.outcome.fault == Fault(Stage.CONNECT, Side.UPSTREAM, Cause.CLOSED)
    assert forwarder.pool.open == 0
    await forwarder.close()


async def test_connect_that_takes_too_long_is_504() -> None:
    """A listener whose queue is full answers no more."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        forwarder = Forwarder(Upstream.from_url(url), ForwardingConfig(connect_timeout=0.2))
        reply = await Client(forwarder, scope_of() | {"headers": [(b"host", b"a")]}, None).run()
        assert reply.status == 504
        assert reply.outcome.fault == Fault(Stage.CONNECT, Side.UPSTREAM, Cause.LATE)
        await forwarder.close()


@pytest.mark.parametrize("length", [b"5", b"100000"])
async def test_client_that_sends_no_body_is_408(length: bytes) -> None:
    async with forwarding(stall, client_timeout=0.2) as pair:
        client = pair.client("POST", headers=[(b"content-length", length)], body=[])
        client.upload(b"abc", more=True)
        reply = await client.run()
        assert reply.status == 408
        assert reply.outcome.fault == Fault(Stage.SEND_BODY, Side.CLIENT, Cause.LATE)
        assert pair.forwarder.pool.open == 0


async def test_client_that_takes_no_answer_lets_the_upstream_go() -> None:
    async with forwarding(stall_in_the_body, client_timeout=0.2) as pair:
        client = pair.client()
        client.may_send.clear()
        running = asyncio.create_task(client.run())
        await pair.upstream.connected.wait()
        await asyncio.wait_for(pair.upstream.peers[0].writer.wait_closed(), 5)
        client.may_send.set()
        assert (await running).broken


async def test_client_leaves_while_waiting() -> None:
    left = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        client.leave()
        await peer.gone()
        left.set()

    async with forwarding(script) as pair:
        client = pair.client()
        reply = await client.run()
        assert (reply.status, reply.outcome.status) == (None, None)
        assert reply.outcome.fault == Fault(Stage.AWAIT_HEAD, Side.CLIENT, Cause.CLOSED)
        await asyncio.wait_for(left.wait(), 5)
        assert pair.forwarder.pool.open == 0


async def test_client_leaves_during_the_answer() -> None:
    left = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n")
        await peer.gone()
        left.set()

    async with forwarding(script) as pair:
        client = pair.client()
        running = asyncio.create_task(client.run())
        assert await client.piece() == b"data: 1\n\n"
        client.leave()
        reply = await running
        assert (reply.status, reply.broken, reply.finished) == (200, False, False)
        assert reply.outcome.fault == Fault(Stage.RECEIVE_BODY, Side.CLIENT, Cause.CLOSED)
        await asyncio.wait_for(left.wait(), 5)


async def test_client_leaves_and_the_server_says_so_in_send() -> None:
    async def gone(_: Message) -> None:
        raise ConnectionResetError

    async with forwarding(stall_in_the_body) as pair:
        scope = scope_of() | {"headers": [(b"host", b"a")]}
        receive = pair.client().receive
        context = ForwardContext("0123456789abcdef", trusted=False)
        outcome = await pair.forwarder.forward(scope, receive, gone, context)
        assert outcome.fault == Fault(Stage.RECEIVE_BODY, Side.CLIENT, Cause.CLOSED)
        assert pair.forwarder.pool.open == 0


@pytest.mark.parametrize("length", [b"5", b"100000"])
async def test_client_leaves_during_the_upload(length: bytes) -> None:
    """400, because a server reports a malformed chunk in the same way."""
    async with forwarding(stall) as pair:
        client = pair.client("POST", headers=[(b"content-length", length)], body=[])
        client.upload(b"abc", more=True)
        client.leave()
        reply = await client.run()
        assert reply.status == 400
        assert reply.outcome.fault == Fault(Stage.SEND_BODY, Side.CLIENT, Cause.CLOSED)
        assert pair.forwarder.pool.open == 0


async def test_outcome_of_a_good_exchange() -> None:
    async with forwarding(answering(OK)) as pair:
        outcome = (await pair.ask()).outcome
        assert (outcome.status, outcome.fault) == (200, None)
        assert (outcome.bytes_in, outcome.bytes_out) == (0, 2)
        assert outcome.upstream_seconds is not None
        assert 0 < outcome.upstream_seconds < 5


def test_every_status_is_one_that_a_gateway_may_give() -> None:
    assert set(STATUS.values()) == {0, 400, 408, 413, 502, 503, 504, 508}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://a", "scheme"),
        ("http://", "host name"),
        ("http://a/path", "paths"),
        ("http://a:99999", "port"),
        ("http://u:p@a", "user name"),
        ("localhost:8000", "scheme"),
    ],
)
def test_upstream_url(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Upstream.from_url(url)


def test_upstream_parts() -> None:
    upstream = Upstream.from_url("http://[::1]:8080/")
    assert (upstream.host, upstream.port, upstream.authority) == ("::1", 8080, b"[::1]:8080")
    assert Upstream.from_url("https://legacy.example").port == 443
