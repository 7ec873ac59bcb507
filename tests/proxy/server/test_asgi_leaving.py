"""Clients that leave, are late, or send what is no body: what the application is told."""

import asyncio

import pytest

from proxy.net.link import AHEAD
from proxy.server.asgi import ClientGoneError, Receive, Scope, Send
from tests.inside import inside, native, until
from tests.proxy.server.applications import (
    GET,
    Echo,
    body,
    doing,
    octet_by_octet,
    request,
    saying,
    sized,
    start,
    whole,
    whole_body,
)

CHUNKED = b"Transfer-Encoding: chunked"


class Reading:
    """Reads the body, and keeps what that came to."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.read: bytes | None = None
        self.refused = False

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self.read = await whole_body(receive)
        except EOFError:
            try:
                await send(start())
            except OSError:
                self.refused = True
        self.over.set()


def upload(content: bytes) -> bytes:
    return request(b"POST", CHUNKED, content=content)


@pytest.mark.parametrize(
    ("said", "status", "cause"),
    [
        (upload(b"zz\r\n"), 400, "invalid"),
        (upload(b"3\r\nabcd\r\n"), 400, "invalid"),
        (upload(b"1\r\na\r\n0\r\nno trailer\r\n\r\n"), 400, "invalid"),
        (upload(b"1;" + b"x" * 2000), 413, "limit"),
        (sized(b"hello")[:-2], 408, "late"),
        (sized(b"hello")[:-5], 408, "late"),
        (upload(b"5\r\nhel"), 408, "late"),
        (upload(b"5\r\nhello\r\n0\r\n"), 408, "late"),
    ],
)
async def test_a_body_that_is_none_is_answered_for(said: bytes, status: int, cause: str) -> None:
    reading = Reading()
    async with inside(native(reading), client_timeout=0.1) as server:
        client = await server.client(said)
        answer = await client.last_answer()
        assert (answer.status, answer.values(b"connection")) == (status, [b"close"])
        assert answer.body == b"%d %b\n" % (status, answer.head.reason)
        ended = await server.records.ended()
        assert (ended.status, ended.fault) == (status, ("send_body", "client", cause))
        await asyncio.wait_for(reading.over.wait(), 5)
        assert (reading.read, reading.refused) == (None, True)


async def test_a_slow_but_steady_body_is_not_late() -> None:
    async with inside(native(Echo()), client_timeout=0.5) as server:
        client = await server.client(sized(b"hello!")[:-6])
        for octet in octet_by_octet(b"hello!"):
            await asyncio.sleep(0.1)
            await client.say(octet)
        assert (await client.answer()).body == b"hello!"


async def test_an_application_may_take_its_time() -> None:
    """The client is not late while it is not its turn."""

    async def work(receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.25)
        content = await whole_body(receive)
        await asyncio.sleep(0.25)
        await whole(content)({}, receive, send)

    async with inside(native(doing(work)), client_timeout=0.1) as server:
        for said in (GET, sized(b"hello")):
            client = await server.client(said)
            assert (await client.answer()).status == 200


async def test_a_body_that_is_late_after_the_answer_began_cuts_it_off() -> None:
    reading = Reading()

    async def work(receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"begun", more=True))
        await reading({}, receive, send)

    async with inside(native(doing(work)), client_timeout=0.1) as server:
        client = await server.client(sized(b"hello")[:-2])
        assert await client.gone() == "reset"
        ended = await server.records.ended()
        assert (ended.status, ended.fault) == (200, ("receive_body", "client", "late"))
        assert reading.refused


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    ("said", "stage"),
    [
        (GET, "await_head"),
        (sized(b"hello"), "await_head"),
        (sized(b"hello")[:-2], "send_body"),
        (upload(b"5\r\nhel"), "send_body"),
    ],
)
async def test_a_client_that_leaves_before_the_answer(said: bytes, stage: str, how: str) -> None:
    asked, over = asyncio.Event(), asyncio.Event()
    told: list[object] = []

    async def work(receive: Receive, send: Send) -> None:
        asked.set()
        while (message := await receive())["type"] != "http.disconnect":
            pass
        told.append(message)
        for message in (start(), body(b"ok")):
            try:
                await send(message)
            except ClientGoneError as error:
                told.append(isinstance(error, OSError))
        over.set()

    async with inside(native(doing(work))) as server:
        client = await server.client(said)
        await asked.wait()
        getattr(client, how)()
        ended = await server.records.ended()
        assert (ended.status, ended.fault) == (0, (stage, "client", "closed"))
        await asyncio.wait_for(over.wait(), 5)
        assert told == [{"type": "http.disconnect"}, True, True]
        assert len(server.records.requests) == 1
        assert server.serving.clients == set()


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_client_that_leaves_during_the_answer(how: str) -> None:
    """An application that waits to send is told at once."""
    told = asyncio.Event()

    async def work(_receive: Receive, send: Send) -> None:
        await send(start())
        try:
            while True:
                await send(body(bytes(64 * 1024), more=True))
        except ClientGoneError:
            told.set()

    async with inside(native(doing(work))) as server:
        client = await server.client(GET, receive_buffer=4096)
        await client.head()
        (ours,) = await server.ours()
        await until(lambda: ours.waiting > AHEAD)
        getattr(client, how)()
        ended = await server.records.ended()
        assert (ended.status, ended.fault) == (200, ("receive_body", "client", "closed"))
        await asyncio.wait_for(told.wait(), 5)


async def test_a_client_that_takes_nothing_is_parted_with() -> None:
    told = asyncio.Event()

    async def work(_receive: Receive, send: Send) -> None:
        await send(start())
        try:
            while True:
                await send(body(bytes(64 * 1024), more=True))
        except ClientGoneError:
            told.set()

    async with inside(native(doing(work)), client_timeout=0.1) as server:
        client = await server.client(GET, receive_buffer=4096)
        ended = await server.records.ended()
        assert ended.fault == ("receive_body", "client", "late")
        await asyncio.wait_for(told.wait(), 5)
        assert await client.gone() == "reset"


async def test_what_an_application_raises_because_the_client_left_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    over = asyncio.Event()

    async def work(receive: Receive, send: Send) -> None:
        try:
            await whole_body(receive)
        finally:
            over.set()

    async with inside(native(doing(work))) as server:
        client = await server.client(sized(b"hello")[:-2])
        await server.ours()
        client.close()
        await asyncio.wait_for(over.wait(), 5)
        await server.records.ended()
    assert caplog.records == []


async def test_an_answer_that_begins_is_told_of_in_any_case() -> None:
    """Where the client left before the application looks, sending fails at the first try."""
    go_on = asyncio.Event()
    errors: list[OSError] = []

    async def work(_receive: Receive, send: Send) -> None:
        await go_on.wait()
        try:
            await saying(start(), body(b"ok"))({}, _receive, send)
        except ClientGoneError as error:
            errors.append(error)

    async with inside(native(doing(work))) as server:
        client = await server.client(GET)
        await server.ours()
        await until(lambda: server.serving.in_flight == 1)
        client.reset()
        await server.records.ended()
        go_on.set()
        await until(lambda: len(errors) == 1)
