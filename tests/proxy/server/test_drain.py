"""The end of a worker: what is under way finishes, within its time."""

import asyncio
import time

import pytest

from proxy.net.link import AHEAD
from proxy.server.asgi import Application, Receive, Send
from tests.inside import Inside, inside, native, until
from tests.proxy.http.ends import EndedError
from tests.proxy.server.applications import GET, body, doing, request, saying, sized, start, whole

GRACE = 0.15
LONG = 60.0
"""Seconds that no test waits for."""


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.server.serving.IDLE_GRACE", GRACE)


class Gate:
    """Answers when it is opened: whole, or in two pieces of which the first goes out before."""

    def __init__(self, *, pieces: bool = False) -> None:
        self.opened = asyncio.Event()
        self._pieces = pieces

    @property
    def application(self) -> Application:
        return doing(self._work)

    async def _work(self, receive: Receive, send: Send) -> None:
        await receive()
        await send(start())
        if self._pieces:
            await send(body(b"first ", more=True))
        await self.opened.wait()
        await send(body(b"last"))


async def draining(server: Inside, seconds: float) -> "asyncio.Task[bool]":
    """The drain, once it has begun."""
    task = asyncio.create_task(server.serving.drain(seconds))
    await until(lambda: server.serving.draining)
    return task


async def test_with_nobody_there_it_is_over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.server.serving.IDLE_GRACE", LONG)
    async with inside(native(whole())) as server, asyncio.timeout(LONG / 2):
        assert await server.serving.drain(LONG)


async def test_what_is_under_way_is_answered_and_told_to_close() -> None:
    gate = Gate()
    async with inside(native(gate.application)) as server:
        client = await server.client(GET)
        await until(lambda: server.serving.in_flight == 1)
        drained = await draining(server, 60)
        await asyncio.sleep(2 * GRACE)
        assert not drained.done()
        gate.opened.set()
        answer = await client.last_answer()
        assert (answer.body, answer.values(b"connection")) == (b"last", [b"close"])
        client.close()
        assert await drained


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_an_answer_that_began_before_is_completed(version: bytes) -> None:
    gate = Gate(pieces=True)
    async with inside(native(gate.application)) as server:
        client = await server.client(request(version=version))
        await until(lambda: server.serving.in_flight == 1)
        head = await client.head()
        drained = await draining(server, 60)
        gate.opened.set()
        if head.values(b"transfer-encoding"):
            assert await client.chunks() == b"first last"
        assert (await client.rest()) == (b"" if version == b"1.1" else b"first last")
        client.close()
        assert await drained


async def test_a_kept_connection_may_still_bring_a_request_for_a_moment() -> None:
    async with inside(native(whole())) as server:
        client = await server.client(GET)
        await client.answer()
        drained = await draining(server, 60)
        await client.say(GET)
        answer = await client.last_answer()
        assert (answer.status, answer.values(b"connection")) == (200, [b"close"])
        client.close()
        assert await drained


@pytest.mark.parametrize("asked", [True, False], ids=["kept", "fresh"])
async def test_then_it_is_closed(asked: bool) -> None:
    async with inside(native(whole())) as server:
        client = await server.client()
        await server.ours()
        if asked:
            await client.say(GET)
            await client.answer()
        drained = await draining(server, 60)
        began = time.monotonic()
        assert await client.rest() == b""
        assert GRACE / 2 < time.monotonic() - began < LONG / 2
        client.close()
        assert await drained


async def test_a_client_that_does_not_close_does_not_hold_it_up() -> None:
    async with inside(native(whole()), linger=0.1) as server:
        client = await server.client(GET)
        await client.answer()
        assert await server.serving.drain(60)
        assert await client.rest() == b""


async def test_half_a_request_may_still_become_one() -> None:
    async with inside(native(whole())) as server:
        client = await server.client(GET[:-2])
        (ours,) = await server.ours()
        await until(lambda: not ours.idle)
        drained = await draining(server, 60)
        await asyncio.sleep(2 * GRACE)
        await client.say(GET[-2:])
        answer = await client.last_answer()
        assert (answer.status, answer.values(b"connection")) == (200, [b"close"])
        client.close()
        assert await drained


async def test_an_upload_may_still_be_completed() -> None:
    gate = Gate()
    gate.opened.set()
    async with inside(native(gate.application)) as server:
        client = await server.client(sized(b"hello")[:-5])
        await until(lambda: server.serving.in_flight == 1)
        drained = await draining(server, 60)
        await asyncio.sleep(2 * GRACE)
        await client.say(b"hello")
        assert (await client.last_answer()).body == b"last"
        client.close()
        assert await drained


async def test_of_pipelined_requests_one_is_answered() -> None:
    gate = Gate()
    async with inside(native(gate.application)) as server:
        client = await server.client(GET * 3)
        await until(lambda: server.serving.in_flight == 1)
        drained = await draining(server, 60)
        gate.opened.set()
        assert (await client.last_answer()).values(b"connection") == [b"close"]
        client.close()
        assert await drained
        assert len(server.records.requests) == 1


# the time is over


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.3])
async def test_what_does_not_finish_in_time_is_cut_off_and_said(seconds: float) -> None:
    gate = Gate()
    async with inside(native(gate.application)) as server:
        client = await server.client(GET)
        await until(lambda: server.serving.in_flight == 1)
        began = time.monotonic()
        assert not await server.serving.drain(seconds)
        assert seconds <= time.monotonic() - began < seconds + 10
        with pytest.raises(EndedError):
            await client.head()
        assert server.serving.clients == set()
        assert (await server.records.ended()).fault is not None
        gate.opened.set()


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_what_is_cut_off_never_looks_whole(version: bytes) -> None:
    gate = Gate(pieces=True)
    async with inside(native(gate.application)) as server:
        client = await server.client(request(version=version))
        await client.head()
        await until(lambda: server.serving.in_flight == 1)
        assert not await server.serving.drain(0)
        assert await client.gone() == "reset"
        gate.opened.set()


async def test_nor_does_an_answer_that_is_complete_but_not_yet_taken() -> None:
    application = saying(start(), body(b"x", more=True), body(bytes(8 * 1024 * 1024)))
    async with inside(native(application)) as server:
        client = await server.client(request(version=b"1.0"), receive_buffer=4096)
        (ours,) = await server.ours()
        await until(lambda: ours.waiting > AHEAD and ours.course is None)
        assert not await server.serving.drain(0)
        assert await client.gone() == "reset"


async def test_idle_connections_do_not_outlast_it_either() -> None:
    async with inside(native(whole())) as server:
        client = await server.client(GET)
        await client.answer()
        assert not await server.serving.drain(0)
        await client.gone()
        assert server.serving.clients == set()
