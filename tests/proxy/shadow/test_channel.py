"""Captures on their way from a worker to the shadow process, over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from proxy.shadow.capture import LONGEST, Capture, framed
from proxy.shadow.channel import Channel, address
from proxy.shadow.door import AT_ONCE, WINDOW, Door

MIB = 1 << 20


def capture(number: int, body: bytes = b"") -> Capture:
    return Capture(
        domain="downloads",
        route="/downloads/**",
        method="GET",
        target=b"/downloads/%d" % number,
        host=b"www.example.org",
        passing=b"Host: www.example.org\r\nCookie: a=b\r\n",
        claims=((b"x-forwarded-for", b"9.9.9.9"),),
        scheme="http",
        trusted=True,
        peer="127.0.0.1",
        port=1,
        url="http://127.0.0.1:8001",
        head=b"GET /downloads/%d HTTP/1.1\r\nHost: www.example.org\r\n\r\n" % number,
        at=1.5,
        status=200,
        start=b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: a=1\r\n",
        body=body,
    )


class Taking:
    """What the shadow process does with captures: nothing before it is let."""

    def __init__(self) -> None:
        self.taken: list[Capture] = []
        self.begun = asyncio.Queue[Capture]()
        self.may = asyncio.Event()

    async def take(self, one: Capture) -> None:
        self.begun.put_nowait(one)
        await self.may.wait()
        self.taken.append(one)


@asynccontextmanager
async def door(folder: Path, taking: Taking) -> AsyncIterator[None]:
    ready = asyncio.Event()
    running = asyncio.create_task(Door(taking.take).run(folder, ready.set))
    await ready.wait()
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def channel(folder: Path) -> AsyncIterator[Channel]:
    one = Channel(folder, asyncio.get_running_loop())
    one.open()
    try:
        yield one
    finally:
        one.close()


async def credit(one: Channel, number: int) -> None:
    async with asyncio.timeout(10):
        while one.credit != number:  # noqa: ASYNC110 - a number has no event
            await asyncio.sleep(0.005)


async def test_there_is_as_much_credit_as_is_granted_and_it_comes_back(tmp_path: Path) -> None:
    taking = Taking()
    async with door(tmp_path, taking), channel(tmp_path) as one:
        await credit(one, WINDOW)
        for number in range(WINDOW):
            one.take()
            assert one.send(framed(capture(number)))
        assert one.credit == 0
        begun = [await taking.begun.get() for _ in range(AT_ONCE)]
        assert begun == [capture(number) for number in range(AT_ONCE)]
        taking.may.set()
        await credit(one, WINDOW)
        assert {one.target for one in taking.taken} == {b"/downloads/%d" % n for n in range(WINDOW)}


async def test_a_capture_says_what_was_asked_and_answered(tmp_path: Path) -> None:
    taking = Taking()
    async with door(tmp_path, taking), channel(tmp_path) as one:
        await credit(one, WINDOW)
        one.take()
        assert one.send(framed(capture(7, b"x" * MIB)))
        came = await taking.begun.get()
    assert came.question.target == "/downloads/7"
    assert came.answer.headers == ((b"content-type", b"text/plain"), (b"set-cookie", b"a=1"))
    assert came.answer.body == b"x" * MIB


async def test_where_nobody_reads_one_capture_waits_and_no_more_are_begun(tmp_path: Path) -> None:
    with address(tmp_path) as name, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        listening.listen()
        async with channel(tmp_path) as one:
            peer, _ = listening.accept()
            with peer:
                peer.sendall(bytes([3]))
                await credit(one, 3)
                taken = one.take()
                assert one.send(framed(capture(1, b"x" * MIB)))
                assert one.credit == 0
                assert not one.send(framed(capture(2)))
                one.give_back(taken)
                assert one.credit == 0
                expected = framed(capture(1, b"x" * MIB))
                loop = asyncio.get_running_loop()
                peer.setblocking(False)
                came = b""
                while len(came) < len(expected):
                    came += await loop.sock_recv(peer, MIB)
                assert came == expected
                await credit(one, 3)  # two that were left, and the one given back


async def test_credit_goes_with_its_connection(tmp_path: Path) -> None:
    async with channel(tmp_path) as one:
        assert one.credit == 0
        async with door(tmp_path, Taking()):
            await credit(one, WINDOW)
            taken = one.take()
        await credit(one, 0)
        one.give_back(taken)
        assert one.credit == 0
        assert not one.send(framed(capture(1)))
        async with door(tmp_path, Taking()):
            await credit(one, WINDOW)


async def test_a_folder_with_a_long_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    async with door(folder, Taking()), channel(folder) as one:
        await credit(one, WINDOW)


@pytest.mark.parametrize("octets", [(LONGEST + 1).to_bytes(4, "big"), b"\0\0\0\1\xc1"])
async def test_what_no_worker_writes_ends_the_connection_and_nothing_else(
    tmp_path: Path, octets: bytes
) -> None:
    taking = Taking()
    taking.may.set()
    async with door(tmp_path, taking), channel(tmp_path) as good:
        with address(tmp_path) as name:
            reader, writer = await asyncio.open_unix_connection(name)
        writer.write(octets)
        while await reader.read(100):
            pass
        writer.close()
        await credit(good, WINDOW)
        good.take()
        assert good.send(framed(capture(1)))
        assert await taking.begun.get() == capture(1)
