"""Bodies of requests, as an application reads them."""

import asyncio
from typing import Any

import pytest

from proxy.net.link import AHEAD
from proxy.server.asgi import Message, Receive, Scope, Send
from tests.inside import inside, native, until
from tests.proxy.http.ends import STANDSTILL
from tests.proxy.server.applications import (
    GET,
    Echo,
    body,
    doing,
    octet_by_octet,
    request,
    sized,
    start,
    streamed,
    whole,
    whole_body,
)

MEBIBYTE = 1024 * 1024
CHUNKED = b"Transfer-Encoding: chunked"
EXPECTING = b"Expect: 100-continue"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


async def echoed(*pieces: bytes) -> bytes:
    async with inside(native(Echo())) as server:
        client = await server.client()
        for piece in pieces:
            await client.say(piece)
            await asyncio.sleep(0)
        answer = await client.answer()
        assert answer.status == 200
        assert (await server.records.ended()).received == len(answer.body)
        assert answer.values(b"connection") == []
        return answer.body


CHUNKS = b"5;ext=1\r\nhello\r\n06 \r\n, you!\r\n0;last\r\nX-Trailer: dropped\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "content"),
    [
        (GET, b""),
        (sized(b""), b""),
        (sized(b"hello"), b"hello"),
        (request(b"POST", CHUNKED, content=b"0\r\n\r\n"), b""),
        (request(b"POST", CHUNKED, content=CHUNKS), b"hello, you!"),
        (request(b"PUT", b"transfer-encoding: CHUNKED", content=CHUNKS), b"hello, you!"),
    ],
)
async def test_bodies_in_one_piece_or_octet_by_octet(said: bytes, content: bytes) -> None:
    assert await echoed(said) == content
    assert await echoed(*octet_by_octet(said)) == content


@pytest.mark.parametrize("size", [AHEAD - 1, AHEAD, AHEAD + 1, 3 * MEBIBYTE])
async def test_larger_bodies(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert await echoed(sized(content)) == content
    framed = b"".join(
        b"%x\r\n%b\r\n" % (len(piece), piece)
        for piece in (content[at : at + 1000] for at in range(0, size, 1000))
    )
    assert await echoed(request(b"POST", CHUNKED, content=framed + b"0\r\n\r\n")) == content


async def test_what_receive_says() -> None:
    """Pieces as they come; then that the client left, or that the answer is complete."""
    told: list[Message] = []
    over = asyncio.Event()

    async def work(receive: Receive, send: Send) -> None:
        told.append(await receive())
        await send(start())
        await send(body(b"got it", more=True))
        told.append(await receive())
        await send(body())
        told.append(await receive())
        told.append(await receive())
        over.set()

    async with inside(native(doing(work))) as server:
        client = await server.client(sized(b"helloworld")[:-5])
        assert (await client.head()).status == 200
        await client.say(b"world")
        assert await client.chunks() == b"got it"
        await over.wait()
    disconnect = {"type": "http.disconnect"}
    assert told == [
        {"type": "http.request", "body": b"hello", "more_body": True},
        {"type": "http.request", "body": b"world", "more_body": False},
        disconnect,
        disconnect,
    ]


@pytest.mark.parametrize("framing", ["sized", "chunked"])
async def test_a_client_waits_for_an_application_that_does_not_read(framing: str) -> None:
    """Memory is bounded: what the application does not ask for stays with the client."""
    go_on, size = asyncio.Event(), 16 * MEBIBYTE

    async def work(receive: Receive, send: Send) -> None:
        first = await receive()
        await go_on.wait()
        length = len(first["body"] + await whole_body(receive))
        await whole(b"%d" % length)({}, receive, send)

    content = bytes(size)
    if framing == "sized":
        said = sized(content)
    else:
        said = request(b"POST", CHUNKED, content=b"%x\r\n%b\r\n0\r\n\r\n" % (size, content))
    async with inside(native(doing(work))) as server:
        client = await server.client()
        saying = asyncio.create_task(client.say(said))
        (ours,) = await server.ours()
        await until(lambda: ours.paused)
        done, _ = await asyncio.wait((saying,), timeout=STANDSTILL)
        assert not done
        assert ours.request.received <= 4 * AHEAD
        go_on.set()
        assert (await client.answer()).body == b"%d" % size
        await saying


async def test_an_answer_may_come_while_the_body_does() -> None:
    async def work(receive: Receive, send: Send) -> None:
        await send(start())
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            await send(body(message["body"], more=more))

    async with inside(native(doing(work))) as server:
        client = await server.client(request(b"POST", CHUNKED))
        for word in (b"one", b"two"):
            await client.say(b"3\r\n" + word + b"\r\n")
            if word == b"one":
                await client.head()
            assert await client.exactly(8) == b"3\r\n" + word + b"\r\n"
        await client.say(b"0\r\n\r\n", GET)
        assert await client.chunks() == b""


@pytest.mark.parametrize(
    "application", [whole(), streamed(b"ok")], ids=["answered whole", "in pieces"]
)
@pytest.mark.parametrize("content", [b"", b"hel"])
async def test_who_answers_without_reading_parts_with_the_client(
    application: Any, content: bytes
) -> None:
    """RFC 9112 §9.3: the rest of the body must not be taken for a request."""
    async with inside(native(application)) as server:
        client = await server.client(sized(b"hello")[:-5] + content)
        answer = await client.answer()
        assert (answer.body, answer.values(b"connection")) == (b"ok", [b"close"])
        await client.say(GET)
        assert await client.rest() == b""
        assert len(server.records.requests) == 1


async def test_a_body_that_came_whole_need_not_be_read() -> None:
    """What lies there is known to be the body: but nobody asked for it, so it is not parsed."""
    async with inside(native(whole())) as server:
        client = await server.client(sized(b"hello"), GET)
        assert (await client.answer()).values(b"connection") == [b"close"]
        assert await client.rest() == b""


async def test_two_requests_of_one_connection_never_see_each_other() -> None:
    """The first is still at work, after its answer, when the second begins."""
    go_on = asyncio.Event()
    told: list[tuple[str, Message]] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        told.append((scope["path"], await receive()))
        await send(start())
        await send(body(scope["path"].encode()))
        if scope["path"] == "/first":
            await go_on.wait()
            told.append((scope["path"], await receive()))
            await send(body(b"late"))
        else:
            go_on.set()

    async with inside(native(application)) as server:
        client = await server.client(
            b"POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"
            b"POST /second HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2"
        )
        assert (await client.answer()).body == b"/first"
        assert (await client.answer()).body == b"/second"
        await until(lambda: len(told) == 3)
        assert client.silent()
    pieces = [(path, message.get("body")) for path, message in told]
    assert pieces == [("/first", b"1"), ("/second", b"2"), ("/first", None)]


# Expect: 100-continue


async def test_the_client_is_told_to_go_on_when_the_application_reads() -> None:
    may_read = asyncio.Event()

    async def work(receive: Receive, send: Send) -> None:
        await may_read.wait()
        await whole(await whole_body(receive))({}, receive, send)

    async with inside(native(doing(work))) as server:
        client = await server.client(sized(b"hello", EXPECTING)[:-5])
        await server.ours()
        assert client.silent()
        may_read.set()
        assert await client.exactly(len(CONTINUE)) == CONTINUE
        for octet in octet_by_octet(b"hello"):
            await client.say(octet)
        answer = await client.answer()
        assert (answer.body, answer.interim) == (b"hello", ())


async def test_it_is_not_told_where_the_body_comes_anyway() -> None:
    async with inside(native(Echo())) as server:
        client = await server.client(sized(b"hello", EXPECTING))
        answer = await client.answer()
        assert (answer.body, answer.interim) == (b"hello", ())


async def test_nor_where_the_answer_is_final_at_once() -> None:
    async with inside(native(whole(b"no", 403))) as server:
        client = await server.client(sized(b"hello", EXPECTING)[:-5])
        answer = await client.last_answer()
        assert (answer.status, answer.interim) == (403, ())
        assert answer.values(b"connection") == [b"close"]


@pytest.mark.parametrize(
    "said",
    [
        request(b"POST", b"Content-Length: 5", EXPECTING, version=b"1.0"),
        request(b"POST", b"Content-Length: 0", EXPECTING),
        request(b"GET", EXPECTING),
    ],
)
async def test_nor_a_client_of_http_1_0_or_one_without_a_body(said: bytes) -> None:
    async with inside(native(Echo())) as server:
        client = await server.client(said)
        if b"Content-Length: 5" in said:
            (ours,) = await server.ours()
            await until(lambda: ours.course is not None)
            await client.say(b"hello")
        assert (await client.answer()).interim == ()
