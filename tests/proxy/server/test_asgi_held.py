"""Answers that are held back, until it is known whether they are sent."""

import asyncio

import pytest

from proxy.server.asgi import Application, Native, Receive, Send, scope_of
from proxy.server.client import Client
from proxy.server.request import Request
from tests.inside import inside
from tests.proxy.server.applications import (
    GET,
    Fields,
    body,
    doing,
    request,
    start,
    streamed,
    whole,
)


class Holding:
    """Holds answers back that have one of these statuses; what is to come instead is `instead`."""

    def __init__(self, application: Application, *statuses: int) -> None:
        self.application = application
        self.statuses = statuses
        self.held: list[Native] = []
        self.client: Client | None = None

    def answer(self, client: Client, request: Request) -> None:
        self.client = client
        course = Native(client, request, self.statuses.__contains__, self.instead)
        course.begin(self.application, scope_of(client, request))

    def instead(self, held: Native) -> None:
        self.held.append(held)
        if self.client is not None:
            self.client.request.status = 200
            self.client.send_whole(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n", b"instead")


class Releasing(Holding):
    def instead(self, held: Native) -> None:
        self.held.append(held)
        held.release()


MISSING: Fields = [(b"x-a", b"1")]


@pytest.mark.parametrize(
    "application",
    [whole(b"missing", 404, MISSING), streamed(b"mis", b"sing", status=404, headers=MISSING)],
)
async def test_nothing_is_seen_of_an_answer_that_is_held_back(application: Application) -> None:
    holding = Holding(application, 404)
    async with inside(holding.answer) as server:
        client = await server.client(GET, GET)
        for number in (1, 2):
            answer = await client.answer()
            assert (answer.status, answer.body) == (200, b"instead")
            assert answer.values(b"x-a") == []
            assert (await server.records.ended(number)).status == 200
        assert client.silent()
    assert len(holding.held) == 2


@pytest.mark.parametrize(
    "application",
    [
        whole(b"missing", 404, MISSING),
        streamed(b"mis", b"sing", status=404, headers=MISSING),
        streamed(b"missing", status=404, headers=[*MISSING, (b"content-length", b"7")]),
    ],
)
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_released_it_is_sent_whole(method: bytes, application: Application) -> None:
    holding = Releasing(application, 404)
    async with inside(holding.answer) as server:
        client = await server.client(request(method), request(method))
        for number in (1, 2):
            answer = await client.answer(method.decode())
            assert (answer.status, answer.value(b"x-a")) == (404, b"1")
            assert answer.value(b"content-length") == b"7"
            assert answer.body == (b"" if method == b"HEAD" else b"missing")
            assert (await server.records.ended(number)).status == 404
        assert client.silent()


async def test_an_answer_that_is_not_held_goes_out_at_once() -> None:
    holding = Holding(whole(), 404)
    async with inside(holding.answer) as server:
        client = await server.client(GET)
        assert (await client.answer()).body == b"ok"
    assert holding.held == []


async def test_a_failure_while_it_is_held_is_500(caplog: pytest.LogCaptureFixture) -> None:
    async def work(_receive: Receive, send: Send) -> None:
        await send(start(404))
        await send(body(b"mis", more=True))
        raise RuntimeError

    holding = Holding(doing(work), 404)
    async with inside(holding.answer) as server:
        client = await server.client(GET)
        assert (await client.answer()).status == 500
    assert holding.held == []
    assert len(caplog.records) == 1


async def test_a_client_that_leaves_meanwhile_gets_nothing_instead() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(_receive: Receive, send: Send) -> None:
        await send(start(404))
        await send(body(b"mis", more=True))
        begun.set()
        await go_on.wait()
        await send(body(b"sing"))

    holding = Holding(doing(work), 404)
    async with inside(holding.answer) as server:
        client = await server.client(GET)
        await begun.wait()
        client.close()
        ended = await server.records.ended()
        go_on.set()
        assert ended.fault == ("await_head", "client", "closed")
        assert ended.status == 0
    assert holding.held == []
