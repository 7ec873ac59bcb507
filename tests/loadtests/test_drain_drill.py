"""The drill itself, once round; and that its visitors call a failure a failure."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from loadtests.drain_drill import front
from loadtests.drain_drill.drill import BALANCING, NGINX, Plan, drill
from loadtests.drain_drill.site import PAGE, serve
from loadtests.drain_drill.visitor import QUESTIONS, UPLOAD_BODY, Tally, Visitor
from tests.longer import LONGER

QUICK, UPLOAD = QUESTIONS[0], QUESTIONS[3]
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 1026\r\n\r\n" + PAGE[:-1]
WRONG = b"HTTP/1.1 200 OK\r\nContent-Length: 1026\r\n\r\n" + PAGE[:-1] + b"!"
GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\ngone"
RESET = struct.pack("ii", 1, 0)

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@LONGER
@pytest.mark.faults
async def test_nobody_notices_that_replicas_end_and_come_back() -> None:
    report = await drill(Plan(seconds=0))
    ways = [BALANCING] if front.missing() else [BALANCING, NGINX]
    assert [way.way for way in report.ways] == ways
    for way in report.ways:
        assert way.failures == []
        assert set(way.requests) == {question.name for question in QUESTIONS}
        assert way.total >= way.connections
    assert [(stop.replica, stop.code) for stop in report.stops] == [(0, 0), (1, 0)]
    assert len(report.rollovers) == 1
    assert report.held
    row = report.as_dict()["ways"][0]
    assert (row["failed"], row["reset"], row["requests"]) == (0, 0, report.ways[0].total)


@asynccontextmanager
async def listening(*behaviours: Behaviour) -> AsyncIterator[list[int]]:
    """A server for each; their ports."""
    servers = [await asyncio.start_server(one, "127.0.0.1", 0) for one in behaviours]
    try:
        yield [server.sockets[0].getsockname()[1] for server in servers]
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()


def saying(answer: bytes) -> Behaviour:
    """Answers the first request on each connection with this, and ends it."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    return behave


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def tired(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one request; ends the connection when the next has come."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(PAGE), PAGE))
    if (await reader.readuntil(b"\r\n\r\n")).startswith(b"POST"):
        await reader.readexactly(len(UPLOAD_BODY))
    writer.close()


@pytest.mark.parametrize(
    ("behaviour", "resets", "told"),
    [
        (saying(b""), 0, "/quick: IncompleteReadError"),
        (saying(CUT), 0, "/quick: IncompleteReadError"),
        (saying(WRONG), 0, "/quick: FailedError('1026 other octets instead of 1026')"),
        (saying(GATEWAY), 0, "/quick: FailedError('http/1.1 502 bad gateway: gone')"),
        (resetting, 1, "/quick: ConnectionResetError"),
    ],
)
async def test_what_is_not_the_right_answer_is_a_failure(
    behaviour: Behaviour, resets: int, told: str
) -> None:
    tally = Tally("test", 1)
    async with listening(behaviour, serve) as ports:
        visitor = Visitor(ports, tally, 1)
        await visitor.ask(QUICK)
        await visitor.leave()
    (failure,) = tally.failures
    assert failure.startswith(told)
    assert (tally.total, tally.resets, tally.retried) == (0, resets, 0)


async def test_a_get_on_a_kept_connection_that_was_closed_goes_elsewhere() -> None:
    tally = Tally("test", 1)
    async with listening(tired, serve) as ports:
        visitor = Visitor(ports, tally, 1)
        await visitor.ask(QUICK)
        await visitor.ask(QUICK)
        await visitor.leave()
    assert (tally.total, tally.retried, tally.failures) == (2, 1, [])


async def test_an_upload_on_a_kept_connection_that_was_closed_has_failed() -> None:
    tally = Tally("test", 1)
    async with listening(tired, serve) as ports:
        visitor = Visitor(ports, tally, 1)
        await visitor.ask(QUICK)
        await visitor.ask(UPLOAD)
        await visitor.leave()
    assert (tally.total, tally.retried, tally.resets, len(tally.failures)) == (1, 0, 0, 1)


async def test_with_one_address_there_is_nowhere_else_to_go() -> None:
    tally = Tally("test", 1)
    async with listening(tired) as ports:
        visitor = Visitor(ports, tally, 0)
        await visitor.ask(QUICK)
        await visitor.ask(QUICK)
        await visitor.leave()
    await visitor.ask(QUICK)
    assert (tally.total, tally.retried, tally.refused, len(tally.failures)) == (1, 0, 0, 2)


async def test_who_is_refused_asks_the_other() -> None:
    tally = Tally("test", 1)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with listening(serve) as ports:
            visitor = Visitor([unused.getsockname()[1], *ports], tally, 1)
            for question in QUESTIONS:
                await visitor.ask(question)
            await visitor.leave()
    assert (tally.total, tally.refused, tally.failures) == (len(QUESTIONS), 1, [])
