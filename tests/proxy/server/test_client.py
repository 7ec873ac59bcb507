"""One client's connection: requests in turn, how long it is kept, and who leaves it."""

import asyncio
import time

import pytest

from proxy.server.asgi import Application, Receive, Send
from tests.inside import inside, native
from tests.proxy.http.ends import Client
from tests.proxy.server.applications import GET, doing, get, paths, sized, streamed, whole

CLOSE = b"Connection: close"
LONG = 60.0
"""Seconds that no test waits for."""


async def test_requests_in_turn_on_one_connection() -> None:
    async with inside(native(paths)) as server:
        client = await server.client()
        for number in range(20):
            await client.say(get(number))
            answer = await client.answer()
            assert answer.body == b"GET /%d " % number
            assert answer.values(b"connection") == []
        assert len(server.serving.clients) == 1


async def test_requests_differ_though_their_fields_are_the_same() -> None:
    """And the same target may come with other fields: nothing of the last request is left."""
    async with inside(native(paths)) as server:
        client = await server.client()
        for said, content in (
            (get(1), b"GET /1 "),
            (get(2), b"GET /2 "),
            (get(2).replace(b"GET", b"POST"), b"POST /2 "),
            (sized(b"one"), b"POST / one"),
            (sized(b"two"), b"POST / two"),
            (get(3), b"GET /3 "),
        ):
            await client.say(said)
            assert (await client.answer()).body == content


@pytest.mark.parametrize(
    "said",
    [
        get(1, CLOSE),
        get(1, b"connection: keep-alive, CLOSE"),
        get(1).replace(b"1.1", b"1.0"),
        get(1, b"Connection: keep-alive").replace(b"1.1", b"1.0"),
    ],
)
@pytest.mark.parametrize("application", [whole(), streamed(b"ok")], ids=["whole", "in pieces"])
async def test_the_last_answer_says_so_and_closes(said: bytes, application: Application) -> None:
    async with inside(native(application)) as server:
        client = await server.client(said, get(2))
        answer = await client.last_answer()
        assert answer.values(b"connection") == [b"close"]
        assert len(server.records.requests) == 1


async def test_an_idle_connection_is_closed_without_a_word() -> None:
    async with inside(native(paths), keepalive=0.1, head_timeout=LONG) as server:
        client = await server.client(get(1))
        await client.answer()
        began = time.monotonic()
        assert await client.rest() == b""
        assert time.monotonic() - began < LONG / 2
        assert len(server.records.requests) == 1


async def test_requests_keep_it_from_being_idle() -> None:
    async with inside(native(paths), keepalive=0.5, head_timeout=0.5) as server:
        client = await server.client()
        for number in range(6):
            await asyncio.sleep(0.1)
            await client.say(get(number))
            assert (await client.answer()).body == b"GET /%d " % number


@pytest.mark.parametrize("said", [b"", b"\r\n", b"G", b"GET / HTTP/1.1\r\n", GET[:-2], GET[:-1]])
@pytest.mark.parametrize("before", [0, 1], ids=["first", "second"])
async def test_a_head_that_is_late(said: bytes, before: int) -> None:
    """408, but a connection on which nothing was said ends without a word."""
    async with inside(native(paths), head_timeout=0.1, keepalive=0.1) as server:
        client = await server.client(*[get(0)] * before)
        for _ in range(before):
            await client.answer()
        await client.say(said)
        if not said.strip():
            assert await client.rest() == b""
            assert server.records.refusals == []
            return
        answer = await client.last_answer()
        assert (answer.status, answer.body) == (408, b"408 Request Timeout\n")
        assert answer.values(b"connection") == [b"close"]
        assert server.records.refusals == [408]
        assert (await server.records.ended(before + 1)).fault == (
            "read_request",
            "client",
            "late",
        )


async def test_octets_do_not_buy_a_head_more_time() -> None:
    async with inside(native(paths), head_timeout=0.3) as server:
        client = await server.client()
        began = time.monotonic()
        (ours,) = await server.ours()
        for octet in b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: " + b"x" * 1000:
            await client.say(bytes((octet,)))
            await asyncio.sleep(0.02)
            if ours.closed or ours.idle or server.records.refusals:
                break
        assert 0.2 < time.monotonic() - began < 10
        assert (await client.last_answer()).status == 408


async def test_a_head_may_come_octet_by_octet() -> None:
    async with inside(native(paths)) as server:
        client = await server.client()
        for said in (b"\r\n\r\n" + get(1), get(2)):
            for octet in said:
                await client.say(bytes((octet,)))
                await asyncio.sleep(0)
            assert (await client.answer()).status == 200


async def test_refusals_are_recorded_and_end_the_connection() -> None:
    async with inside(native(paths)) as server:
        client = await server.client(get(1), b"GET /x HTTP/1.1\r\n\r\n", get(3))
        assert (await client.answer()).status == 200
        answer = await client.last_answer()
        assert (answer.status, answer.body) == (400, b"400 Bad Request\n")
        refused = await server.records.ended(2)
        assert refused.fault == ("read_request", "client", "invalid")
        assert (refused.method, refused.path, refused.owner) == (b"GET", b"/x", "proxy")
        assert server.records.refusals == [400]
        assert len(server.records.requests) == 2


# leaving


@pytest.mark.parametrize("how", ["close", "reset", "half_close"])
@pytest.mark.parametrize("said", [b"", GET[:-2], b"\r\n"])
async def test_a_client_that_leaves_between_requests_leaves_no_trace(said: bytes, how: str) -> None:
    async with inside(native(paths)) as server:
        client = await server.client(said)
        await server.ours()
        getattr(client, how)()
        await server.ours(0)
        assert (server.records.requests, server.records.refusals) == ([], [])


async def test_half_of_a_client_is_none() -> None:
    """Who shuts its end has left, as for nginx."""
    begun = asyncio.Event()

    async def work(receive: Receive, send: Send) -> None:
        begun.set()
        await receive()
        await receive()

    async with inside(native(doing(work))) as server:
        client = await server.client(GET)
        await begun.wait()
        client.half_close()
        assert (await server.records.ended()).fault == ("await_head", "client", "closed")


async def parting(client: Client) -> None:
    await client.answer()
    client.close()


async def test_many_clients_come_and_go() -> None:
    async with inside(native(paths)) as server:
        for _ in range(5):
            clients = [await server.client(get(1)) for _ in range(50)]
            await asyncio.gather(*map(parting, clients))
        await server.ours(0)
        assert len(server.records.requests) == 250
