"""Requests sent before the last was answered: in order, one at a time, and not without end."""

import asyncio

import pytest

from proxy.net.link import AHEAD
from proxy.server.asgi import Receive, Scope, Send
from tests.inside import inside, native, until
from tests.proxy.server.applications import GET, doing, get, paths, request, sized, whole

LONG = 60.0
"""Seconds that no test waits for."""


@pytest.mark.parametrize("at_once", [True, False])
async def test_pipelined_requests_are_answered_in_order(at_once: bool) -> None:
    requests = [get(number) for number in range(50)]
    async with inside(native(paths)) as server:
        client = await server.client(*([b"".join(requests)] if at_once else requests))
        for number in range(50):
            assert (await client.answer()).body == b"GET /%d " % number


async def test_one_is_under_way_at_a_time() -> None:
    begun: list[str] = []
    go_on = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        begun.append(scope["path"])
        await go_on.wait()
        await paths(scope, receive, send)

    async with inside(native(application)) as server:
        client = await server.client(get(1), get(2), get(3))
        await until(lambda: begun == ["/1"])
        assert server.serving.in_flight == 1
        for _ in range(10):
            await asyncio.sleep(0)
        assert begun == ["/1"]
        go_on.set()
        for number in (1, 2, 3):
            assert (await client.answer()).body == b"GET /%d " % number


async def test_bodies_in_between() -> None:
    said = [
        sized(b"hello"),
        get(1),
        request(b"POST", b"Transfer-Encoding: chunked", content=b"3\r\none\r\n0\r\n\r\n"),
        sized(b""),
        get(2),
    ]
    contents = [b"POST / hello", b"GET /1 ", b"POST / one", b"POST / ", b"GET /2 "]
    for pieces in ([b"".join(said)], said, [bytes((octet,)) for octet in b"".join(said)]):
        async with inside(native(paths)) as server:
            client = await server.client(*pieces)
            assert [(await client.answer()).body for _ in said] == contents


async def test_what_follows_a_body_is_the_next_request_whatever_it_looks_like() -> None:
    hidden = sized(get(1))
    async with inside(native(paths)) as server:
        client = await server.client(hidden + get(2))
        assert (await client.answer()).body == b"POST / " + get(1)
        assert (await client.answer()).body == b"GET /2 "
        assert client.silent()


async def test_who_asks_without_reading_is_not_answered_without_end() -> None:
    """`waiting` is bounded by one answer beyond AHEAD; later all of them are answered."""
    content, number = b"x" * 60_000, 200
    async with inside(native(whole(content))) as server:
        client = await server.client(receive_buffer=4096)
        saying = asyncio.create_task(client.say(GET * number))
        (ours,) = await server.ours()
        await until(lambda: ours.waiting > AHEAD)
        before = len(server.records.requests)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(server.records.requests) == before < number
        assert AHEAD < ours.waiting < AHEAD + len(content) + 1000
        await saying
        for _ in range(number):
            assert (await client.answer()).body == content


async def test_nor_are_its_requests_read_without_end() -> None:
    go_on = asyncio.Event()

    async def work(receive: Receive, send: Send) -> None:
        await go_on.wait()
        await whole()({}, receive, send)

    number = 400_000
    async with inside(native(doing(work))) as server:
        client = await server.client()
        saying = asyncio.create_task(client.say(GET * number))
        (ours,) = await server.ours()
        await until(lambda: ours.paused)
        assert len(ours._buffer) <= 3 * AHEAD
        assert not saying.done()
        saying.cancel()
        await asyncio.wait((saying,))
        client.close()
        go_on.set()


async def test_one_that_takes_nothing_of_many_answers_is_parted_with() -> None:
    """Answers that nobody takes for `client_timeout` are given up, not served by more."""
    content = b"x" * 60_000
    async with inside(native(whole(content)), client_timeout=0.2, linger=LONG) as server:
        client = await server.client(receive_buffer=4096)
        saying = asyncio.create_task(client.say(GET * 100))
        await server.ours()
        await asyncio.wait_for(server.ours(0), 2)
        saying.cancel()
        await asyncio.wait((saying,))
        assert await client.gone() == "reset"


async def test_a_client_that_leaves_is_noticed_while_its_next_requests_wait() -> None:
    gone = asyncio.Event()

    async def work(receive: Receive, send: Send) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        gone.set()

    async with inside(native(doing(work))) as server:
        client = await server.client(GET, get(2), get(3))
        await until(lambda: server.serving.in_flight == 1)
        client.close()
        await asyncio.wait_for(gone.wait(), 2)
        await server.records.ended()
        assert len(server.records.requests) == 1
