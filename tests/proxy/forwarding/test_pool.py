"""Connections: reused when clean, never when dirty, bounded, and waited for in line."""

import asyncio

import pytest

from proxy.forwarding.faults import Cause, Fault, Side, Stage
from tests.proxy.forwarding.scripted import OK, Pair, Peer, answering, forwarding


async def closes_after_one(peer: Peer) -> None:
    """Keeps the connection, as far as the client knows, and closes it while it is idle."""
    await answer_one(peer)


async def answer_one(peer: Peer) -> None:
    await peer.head()
    await peer.say(OK)


async def test_connection_is_reused() -> None:
    async with forwarding() as pair:
        for _ in range(5):
            assert (await pair.ask()).status == 200
        assert len(pair.upstream.peers) == 1
        assert (pair.forwarder.pool.open, pair.forwarder.pool.idle) == (1, 1)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_closed_while_idle_costs_no_request(method: str) -> None:
    async with forwarding(closes_after_one) as pair:
        for number in range(1, 4):
            assert (await pair.ask(method)).status == 200
            assert len(pair.upstream.peers) == number
            await pair.upstream.peers[-1].writer.wait_closed()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_closed_while_idle_before_the_loop_saw_it(method: str) -> None:
    """The end is in the kernel only, as if nothing had run between the close and the request."""
    may_close = asyncio.Event()

    async def script(peer: Peer) -> None:
        await answer_one(peer)
        await may_close.wait()

    async with forwarding(script) as pair:
        assert (await pair.ask(method)).status == 200
        (connection,) = pair.forwarder.pool._idle
        connection.transport.pause_reading()
        may_close.set()
        await pair.upstream.peers[0].writer.wait_closed()
        assert not connection.closed
        assert (await pair.ask(method)).status == 200
        assert len(pair.upstream.peers) == 2


async def hang_up_on_the_second(peer: Peer) -> None:
    await answer_one(peer)
    await peer.head()


@pytest.mark.parametrize(
    ("method", "headers", "body"),
    [
        ("GET", [], None),
        ("HEAD", [], None),
        ("DELETE", [], None),
        ("PUT", [(b"content-length", b"3")], [b"abc"]),
    ],
)
@pytest.mark.musts
async def test_must_19_idempotent_is_asked_again_once(
    method: str, headers: list[tuple[bytes, bytes]], body: list[bytes] | None
) -> None:
    async with forwarding(hang_up_on_the_second, answering(OK)) as pair:
        assert (await pair.ask()).status == 200
        reply = await pair.ask(method, headers=headers, body=body)
        assert (reply.status, reply.outcome.fault) == (200, None)
        assert [len(peer.heads) for peer in pair.upstream.peers] == [2, 1]
        assert pair.upstream.heads[1] == pair.upstream.heads[2]


@pytest.mark.parametrize(
    ("method", "headers", "body"),
    [
        ("POST", [], None),
        ("PATCH", [(b"content-length", b"3")], [b"abc"]),
        ("PUT", [(b"transfer-encoding", b"chunked")], [b"abc"]),
    ],
)
@pytest.mark.musts
async def test_must_19_what_may_have_been_done_is_not_asked_again(
    method: str, headers: list[tuple[bytes, bytes]], body: list[bytes] | None
) -> None:
    async with forwarding(hang_up_on_the_second, answering(OK)) as pair:
        assert (await pair.ask()).status == 200
        assert (await pair.ask(method, headers=headers, body=body)).status == 502
        assert len(pair.upstream.peers) == 1


@pytest.mark.musts
@pytest.mark.parametrize("begun", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_must_19_not_again_after_a_byte_of_answer(begun: bytes) -> None:
    async def script(peer: Peer) -> None:
        await answer_one(peer)
        await peer.head()
        await peer.say(begun)

    async with forwarding(script) as pair:
        assert (await pair.ask()).status == 200
        assert (await pair.ask()).status == 502
        assert len(pair.upstream.peers) == 1


@pytest.mark.musts
async def test_must_19_not_again_on_a_fresh_connection() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()

    async with forwarding(script) as pair:
        assert (await pair.ask()).status == 502
        assert len(pair.upstream.peers) == 1


async def test_retries_can_be_switched_off() -> None:
    async with forwarding(hang_up_on_the_second, retries=0) as pair:
        assert (await pair.ask()).status == 200
        assert (await pair.ask()).status == 502


async def test_idle_connections_expire() -> None:
    async with forwarding(keepalive=0.1) as pair:
        await pair.ask()
        await asyncio.wait_for(pair.upstream.peers[0].writer.wait_closed(), 5)
        assert (pair.forwarder.pool.open, pair.forwarder.pool.idle) == (0, 0)


class Gate:
    """Answers each request when it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.asked = 0
        self._questions = asyncio.Semaphore(0)

    async def questions(self, number: int) -> None:
        for _ in range(number):
            await self._questions.acquire()

    async def script(self, peer: Peer) -> None:
        while True:
            await peer.head()
            self.asked += 1
            self._questions.release()
            await self.open.wait()
            await peer.say(OK)


async def test_bounded_and_in_line() -> None:
    gate = Gate()
    async with forwarding(gate.script, pool_size=2) as pair:
        running = [asyncio.create_task(pair.ask()) for _ in range(10)]
        await gate.questions(2)
        assert pair.forwarder.pool.open == 2
        gate.open.set()
        assert [(await task).status for task in running] == [200] * 10
        assert len(pair.upstream.peers) == 2
        assert (pair.forwarder.pool.open, pair.forwarder.pool.idle) == (2, 2)


async def test_place_of_a_closed_connection_goes_to_the_next_in_line() -> None:
    async with forwarding(closes_after_one, pool_size=1, keepalive=5) as pair:
        answer_and_close = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
        pair.upstream.scripts = (answering(answer_and_close),)
        replies = await asyncio.gather(*(pair.ask() for _ in range(6)))
        assert [reply.status for reply in replies] == [200] * 6
        assert len(pair.upstream.peers) == 6
        assert pair.forwarder.pool.open == 0


async def full(pair: Pair, gate: Gate) -> "asyncio.Task[object]":
    holding = asyncio.create_task(pair.ask())
    await gate.questions(1)
    return holding


async def test_waiting_is_timed() -> None:
    gate = Gate()
    async with forwarding(gate.script, pool_size=1, connect_timeout=0.1) as pair:
        holding = await full(pair, gate)
        reply = await pair.ask()
        assert (reply.status, reply.values(b"retry-after")) == (503, [b"1"])
        assert reply.outcome.fault == Fault(Stage.LEASE, Side.PROXY, Cause.LATE)
        gate.open.set()
        await holding
        assert (await pair.ask()).status == 200


async def test_line_is_bounded() -> None:
    gate = Gate()
    async with forwarding(gate.script, pool_size=1, pool_waiting=1) as pair:
        holding = await full(pair, gate)
        waiting = asyncio.create_task(pair.ask())
        await asyncio.sleep(0)
        reply = await pair.ask()
        assert reply.status == 503
        assert reply.outcome.fault == Fault(Stage.LEASE, Side.PROXY, Cause.LIMIT)
        gate.open.set()
        await asyncio.gather(holding, waiting)


async def test_client_that_leaves_the_line_is_not_asked_for() -> None:
    gate = Gate()
    async with forwarding(gate.script, pool_size=1) as pair:
        holding = await full(pair, gate)
        client = pair.client()
        client.leave()
        waiting = asyncio.create_task(client.run())
        await client.told_to_leave.wait()
        gate.open.set()
        await holding
        reply = await waiting
        assert reply.status is None
        assert reply.outcome.fault == Fault(Stage.LEASE, Side.CLIENT, Cause.CLOSED)
        assert gate.asked == 1
        assert (await pair.ask()).status == 200


async def test_cancelled_requests_free_their_places() -> None:
    gate = Gate()
    async with forwarding(gate.script, pool_size=1) as pair:
        holding = await full(pair, gate)
        waiting = asyncio.create_task(pair.ask())
        await asyncio.sleep(0)
        for task in (waiting, holding):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        gate.open.set()
        assert (await pair.ask()).status == 200
        assert pair.forwarder.pool.open == 1


async def test_close_closes_idle_now_and_leased_when_they_come_back() -> None:
    gate = Gate()
    async with forwarding(gate.script) as pair:
        holding = await full(pair, gate)
        await pair.forwarder.close()
        gate.open.set()
        await holding
        assert pair.forwarder.pool.open == 0


async def test_must_43_nothing_dirty_is_reused() -> None:
    """Whatever went wrong before, the next request gets its own answer."""

    async def script(peer: Peer) -> None:
        first = await peer.head()
        number = first.split(b" ")[1][1:]
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nanswer " + number)
        await peer.gone()

    async with forwarding(script, read_timeout=0.1) as pair:
        for number in range(3):
            reply = await pair.ask("GET", b"/%d" % number)
            assert (reply.body, reply.broken) == (b"answer %d" % number, True)
            assert pair.forwarder.pool.open == 0
