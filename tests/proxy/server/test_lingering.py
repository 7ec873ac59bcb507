"""A connection's last answer arrives whole, or is seen not to."""

import asyncio

import pytest

from proxy.net.link import AHEAD
from proxy.server.asgi import Application
from tests.inside import inside, native, until
from tests.proxy.http.ends import Client, EndedError
from tests.proxy.server.applications import body, get, request, saying, sized, start, whole

CLOSE = b"Connection: close"
LONG = 60.0
"""Seconds that no test waits for."""


async def test_an_answer_is_not_eaten_by_what_the_client_still_sends() -> None:
    """RFC 9112 §9.6: a close with octets unread would be a reset."""
    async with inside(native(whole(b"no", 413)), linger=LONG) as server:
        client = await server.client(sized(bytes(4 * 1024 * 1024)))
        answer = await client.last_answer()
        assert (answer.status, answer.body) == (413, b"no")
        await client.say(bytes(64 * 1024))
        client.close()
        await server.ours(0)


async def test_but_not_for_ever() -> None:
    async with inside(native(whole()), linger=0.1) as server:
        client = await server.client(get(1, CLOSE))
        await client.answer()
        await server.ours(0)
        with pytest.raises(ConnectionError):
            await goes_on(client)


async def goes_on(client: Client) -> None:
    for _ in range(100):
        await client.say(b"more")
        await asyncio.sleep(0)


async def test_who_reads_on_after_the_end_of_the_client_is_done() -> None:
    async with inside(native(whole()), linger=LONG) as server:
        client = await server.client(get(1, CLOSE))
        assert (await client.last_answer()).body == b"ok"
        client.close()
        await server.ours(0)


SLOW_TO_READ = 0.6
LARGE = bytes(8 * 1024 * 1024)
"""More than the kernel takes: the rest waits here."""

WHOLE = whole(LARGE)
IN_PIECES = saying(start(), body(b"x", more=True), body(LARGE[1:]))
LAST = [
    pytest.param(WHOLE, b"1.1", id="whole"),
    pytest.param(IN_PIECES, b"1.1", id="chunked"),
    pytest.param(IN_PIECES, b"1.0", id="until the end"),
]


@pytest.mark.parametrize(("application", "version"), LAST)
async def test_a_last_answer_has_the_time_that_any_answer_has(
    application: Application, version: bytes
) -> None:
    """`linger` begins when the client has taken its answer, not while it still waits here."""
    async with inside(native(application), client_timeout=LONG, linger=0.1) as server:
        client = await server.client(request(b"GET", CLOSE, version=version), receive_buffer=4096)
        (ours,) = await server.ours()
        await until(lambda: ours.waiting > AHEAD and ours.course is None)
        await asyncio.sleep(SLOW_TO_READ)
        answer = await client.answer()
        assert len(answer.body) == len(LARGE)


@pytest.mark.parametrize(("application", "version"), LAST)
async def test_a_last_answer_that_is_not_taken_never_looks_whole(
    application: Application, version: bytes
) -> None:
    """An end in order after half of it would be the end of an answer to HTTP/1.0."""
    async with inside(native(application), client_timeout=0.2, linger=0.1) as server:
        client = await server.client(request(b"GET", CLOSE, version=version), receive_buffer=4096)
        (ours,) = await server.ours()
        await until(lambda: ours.waiting > AHEAD and ours.course is None)
        await server.ours(0)
        with pytest.raises(EndedError) as cut:
            await client.answer()
        assert cut.value.how == "reset"


@pytest.mark.parametrize(("application", "version"), LAST)
async def test_once_it_was_taken_the_client_is_not_waited_for_any_longer(
    application: Application, version: bytes
) -> None:
    async with inside(native(application), client_timeout=LONG, linger=0.1) as server:
        client = await server.client(request(b"GET", CLOSE, version=version), receive_buffer=4096)
        assert len((await client.answer()).body) == len(LARGE)
        await server.ours(0)
