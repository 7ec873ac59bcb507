"""What an application sends, and what of it reaches the client."""

import asyncio
import re

import pytest

from proxy.net.link import AHEAD
from proxy.server.asgi import Application, Receive, Send
from tests.inside import inside, native, until
from tests.proxy.server.applications import (
    GET,
    Fields,
    answer_of,
    body,
    doing,
    request,
    saying,
    start,
    streamed,
    whole,
)

DATE = re.compile(
    rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} GMT"
)
OWN_500 = b"500 Internal Server Error\n"
EMPTY: Fields = ((b"content-length", b"0"),)
TEN: Fields = ((b"content-length", b"10"),)


async def test_a_whole_answer_is_given_its_length() -> None:
    headers = [(b"content-type", b"text/plain"), (b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2")]
    async with inside(native(whole(b"hello", headers=headers))) as server:
        client = await server.client(GET)
        answer = await client.answer()
        ended = await server.records.ended()
    assert DATE.fullmatch(answer.value(b"date"))
    assert answer.head.raw == (
        b"HTTP/1.1 200 OK\r\n"
        b"content-type: text/plain\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n"
        b"Date: " + answer.value(b"date") + b"\r\n"
        b"Content-Length: 5\r\n"
        b"X-Request-ID: " + ended.id + b"\r\n\r\n"
    )
    assert answer.body == b"hello"
    assert (ended.status, ended.sent, ended.fault) == (200, 5, None)


@pytest.mark.parametrize("content", [b"", b"hello"])
async def test_a_length_that_the_application_says_stands_alone(content: bytes) -> None:
    headers = [(b"Content-Length", b"%d" % len(content))]
    answer = await answer_of(whole(content, headers=headers))
    assert (answer.framing, answer.body) == ("length", content)


@pytest.mark.parametrize(
    ("status", "phrase"), [(200, b"OK"), (404, b"Not Found"), (299, b""), (599, b"")]
)
async def test_reason_phrases(status: int, phrase: bytes) -> None:
    answer = await answer_of(whole(status=status))
    assert (answer.status, answer.head.reason) == (status, phrase)


async def test_a_date_of_the_applications_own_is_kept() -> None:
    answer = await answer_of(whole(headers=[(b"DATE", b"Mon, 01 Jan 2001 00:00:00 GMT")]))
    assert answer.value(b"date") == b"Mon, 01 Jan 2001 00:00:00 GMT"


async def test_fields_that_are_ours_are_not_the_applications() -> None:
    ours = [
        (b"Connection", b"close"),
        (b"transfer-encoding", b"gzip"),
        (b"X-Request-Id", b"forged"),
        (b"Strangler-Owner", b"forged"),
        (b"strangler-any", b"forged"),
    ]
    async with inside(native(whole(headers=ours))) as server:
        client = await server.client(GET, GET)
        for number in (1, 2):
            answer = await client.answer()
            ended = await server.records.ended(number)
            assert answer.value(b"x-request-id") == ended.id
            names = [name.lower() for name, _ in answer.head.fields]
            assert names == [b"date", b"content-length", b"x-request-id"]


# pieces


async def test_pieces_go_out_as_they_come() -> None:
    """The head before the first of them, each before the next is made."""
    go_on = asyncio.Event()

    async def work(_receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(more=True))
        for piece in (b"one", b"two"):
            await go_on.wait()
            go_on.clear()
            await send(body(piece, more=True))
        await go_on.wait()
        await send(body())

    async with inside(native(doing(work))) as server:
        client = await server.client(GET)
        head = await client.head()
        assert head.values(b"transfer-encoding") == [b"chunked"]
        assert head.values(b"content-length") == head.values(b"connection") == []
        for octets in (b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"):
            assert client.silent()
            go_on.set()
            assert await client.exactly(len(octets)) == octets
        await client.say(GET)
        assert (await client.head()).status == 200
        assert server.records.requests[0].sent == 6


async def test_an_empty_piece_does_not_end_the_body() -> None:
    answer = await answer_of(streamed(b"a", b"", b"b", b""))
    assert (answer.framing, answer.body) == ("chunked", b"ab")


async def test_the_last_piece_may_hold_something() -> None:
    answer = await answer_of(saying(start(), body(b"a", more=True), body(b"b")))
    assert (answer.framing, answer.body) == ("chunked", b"ab")


@pytest.mark.parametrize("pieces", [(b"01234", b"56789"), (b"0123456789",), (b"", b"0123456789")])
async def test_pieces_of_a_known_length_are_not_chunked(pieces: tuple[bytes, ...]) -> None:
    answer = await answer_of(streamed(*pieces, headers=TEN))
    assert (answer.framing, answer.body) == ("length", b"0123456789")


async def test_a_client_of_http_1_0_gets_no_chunks() -> None:
    async with inside(native(streamed(b"one", b"two"))) as server:
        client = await server.client(request(version=b"1.0"))
        answer = await client.answer()
        assert (answer.framing, answer.body) == ("close", b"onetwo")
        assert answer.values(b"connection") == [b"close"]


async def test_a_client_of_http_1_0_is_parted_with_after_a_whole_answer_too() -> None:
    async with inside(native(whole())) as server:
        client = await server.client(request(b"GET", b"Connection: keep-alive", version=b"1.0"))
        answer = await client.last_answer()
        assert (answer.framing, answer.values(b"connection")) == ("length", [b"close"])


# answers without a body


@pytest.mark.parametrize(
    ("application", "lengths"),
    [
        (whole(b"hello"), [b"5"]),
        (whole(b""), []),
        (whole(b"", headers=TEN), [b"10"]),
        (whole(b"0123456789", headers=TEN), [b"10"]),
        (streamed(b"hello", b"more"), []),
        (streamed(b"01234", b"56789", headers=TEN), [b"10"]),
    ],
)
async def test_head_is_answered_with_the_head_only(
    application: Application, lengths: list[bytes]
) -> None:
    async with inside(native(application)) as server:
        for number in (1, 2):
            client = await server.client(request(b"HEAD"), request(b"HEAD"))
            for _ in range(2):
                answer = await client.answer("HEAD")
                assert answer.values(b"content-length") == lengths
                assert answer.values(b"transfer-encoding") == []
            assert client.silent()
            await server.records.ended(2 * number)
        assert {ended.sent for ended in server.records.requests} == {0}


@pytest.mark.parametrize(
    ("status", "headers", "lengths"),
    [(204, (), []), (204, EMPTY, []), (204, TEN, []), (304, (), []), (304, TEN, [b"10"])],
)
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
@pytest.mark.parametrize("pieces", [(), (b"hello",), (b"", b"hello")])
async def test_statuses_without_a_body(
    method: bytes, pieces: tuple[bytes, ...], status: int, headers: Fields, lengths: list[bytes]
) -> None:
    for application in (
        whole(b"".join(pieces), status, headers),
        streamed(*pieces, status=status, headers=headers),
    ):
        async with inside(native(application)) as server:
            client = await server.client(request(method), request(method))
            for _ in range(2):
                answer = await client.answer(method.decode())
                assert (answer.status, answer.framing) == (status, "none")
                assert answer.values(b"content-length") == lengths
            assert client.silent()


# a client that is slow


async def test_send_waits_while_the_client_does_not_keep_up() -> None:
    size, number = 64 * 1024, 128
    sent = 0

    async def work(_receive: Receive, send: Send) -> None:
        nonlocal sent
        await send(start())
        for _ in range(number):
            await send(body(bytes(size), more=True))
            sent += 1
        await send(body())

    async with inside(native(doing(work))) as server:
        client = await server.client(GET, receive_buffer=4096)
        await client.head()
        (ours,) = await server.ours()
        await until(lambda: ours.waiting > AHEAD)
        before = sent
        assert before < number
        assert ours.waiting <= AHEAD + size + 16
        assert len(await client.chunks()) == size * number
        assert sent == number


async def test_a_large_whole_answer_arrives_whole() -> None:
    content = bytes(range(256)) * 32 * 1024
    async with inside(native(whole(content))) as server:
        client = await server.client(GET, GET, receive_buffer=4096)
        for _ in range(2):
            assert (await client.answer()).body == content
