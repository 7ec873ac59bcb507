"""The same through the server that we ship, over raw sockets at both ends."""

import asyncio

import pytest

from tests.proxy.forwarding.conftest import Served
from tests.proxy.forwarding.scripted import OK, Peer, answering, values_of

pytestmark = pytest.mark.musts

HOST = b"Host: www.example.org\r\n"
CLOSE = HOST + b"Connection: close\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n"


def head_and_body(answer: bytes) -> tuple[bytes, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


async def test_must_6_raw_target(served: Served) -> None:
    await served.raw(b"GET /a%2Fb//c/../d;x/%e9?a&b=&c=%20?/ HTTP/1.1\r\n" + CLOSE + b"\r\n")
    line = served.upstream.heads[0].split(b"\r\n")[0]
    assert line == b"GET /a%2Fb//c/../d;x/%e9?a&b=&c=%20?/ HTTP/1.1"


async def test_must_9_set_cookie_and_12_date(served: Served) -> None:
    fields = b"Date: Mon, 01 Jan 2001 00:00:00 GMT\r\nSet-Cookie: a=1; x\r\nSet-Cookie: b=2\r\n"
    served.upstream.scripts = (answering(HEAD + fields + b"Content-Length: 2\r\n\r\nok"),)
    head, body = head_and_body(await served.raw(b"GET / HTTP/1.1\r\n" + CLOSE + b"\r\n"))
    assert values_of(head, b"set-cookie") == [b"a=1; x", b"b=2"]
    assert values_of(head, b"date") == [b"Mon, 01 Jan 2001 00:00:00 GMT"]
    assert values_of(head, b"content-length") == [b"2"]
    assert body == b"ok"


@pytest.mark.parametrize(
    ("method", "answer", "length"),
    [
        (b"HEAD", HEAD + b"Content-Length: 10\r\n\r\n", [b"10"]),
        (b"GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", []),
    ],
)
async def test_must_16_17_no_body(
    served: Served, method: bytes, answer: bytes, length: list[bytes]
) -> None:
    served.upstream.scripts = (answering(answer),)
    head, body = head_and_body(await served.raw(method + b" / HTTP/1.1\r\n" + CLOSE + b"\r\n"))
    assert (values_of(head, b"content-length"), body) == (length, b"")


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (HEAD + b"Content-Length: 10\r\n\r\nhalf", b"half"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", b"4\r\nhalf\r\n"),
        (HEAD + b"Content-Length: 10\r\n\r\n", b""),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b""),
    ],
)
async def test_must_40_truncated_is_seen_as_such(
    served: Served, answer: bytes, seen: bytes
) -> None:
    """Fewer bytes than the length says, or no last chunk; then the connection ends."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(answer)

    served.upstream.scripts = (script,)
    head, body = head_and_body(await served.raw(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"))
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == seen


async def test_events_reach_the_client_at_once(served: Served) -> None:
    more = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(HEAD + b"Content-Type: text/plain\r\n\r\n")
        await more.wait()
        await peer.say(b"one")
        await peer.gone()

    served.upstream.scripts = (script,)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    more.set()
    assert await asyncio.wait_for(reader.readuntil(b"one\r\n"), 5) == b"3\r\none\r\n"
    writer.transport.abort()


@pytest.mark.parametrize("begun", [False, True])
async def test_client_that_leaves_frees_the_upstream(served: Served, *, begun: bool) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        if begun:
            await peer.say(HEAD + b"\r\nsome")
        asked.set()
        await peer.gone()
        left.set()

    served.upstream.scripts = (script,)
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    await asyncio.wait_for(asked.wait(), 5)
    writer.transport.abort()
    await asyncio.wait_for(left.wait(), 0.5)


async def test_must_20_expect(served: Served) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert await peer.read(5) == b"hello"
        await peer.say(OK)

    served.upstream.scripts = (script,)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"hello")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.transport.abort()


async def test_must_20_refused_without_the_body(served: Served) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")
        await peer.gone()

    served.upstream.scripts = (script,)
    answer = await served.raw(
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 417 ")


async def test_chunked_upload_as_it_comes(served: Served) -> None:
    arrived = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        assert await peer.until(b"abc\r\n") == b"3\r\nabc\r\n"
        arrived.set()
        assert await peer.until(b"0\r\n\r\n") == b"2\r\nde\r\n0\r\n\r\n"
        await peer.say(OK)

    served.upstream.scripts = (script,)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"POST / HTTP/1.1\r\n" + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    await asyncio.wait_for(arrived.wait(), 5)
    writer.write(b"2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X-A : b\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\r\n b\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\rb\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\nabc",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\nabc",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +3\r\n\r\nabc",
    ],
)
async def test_must_10_28_31_33_to_39_bad_requests(served: Served, request_bytes: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_bytes)
    line = await asyncio.wait_for(reader.readline(), 5)
    writer.transport.abort()
    assert line == b"HTTP/1.1 400 Bad Request\r\n"
    assert served.upstream.peers == []


@pytest.mark.parametrize("chunk", [b"0x3\r\nabc", b"+3\r\nabc", b"3;a\nabc", b"f" * 17 + b"\r\n"])
async def test_must_41_bad_chunk_is_400_and_never_complete(served: Served, chunk: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.gone()

    served.upstream.scripts = (script,)
    head = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    answer = await served.raw(head + chunk + b"\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert all(not peer.received.endswith(b"0\r\n\r\n") for peer in served.upstream.peers)


@pytest.mark.parametrize(
    ("smuggled", "ends"),
    [
        (b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n", b"0\r\n\r\n"),
    ],
)
async def test_smuggling_never_makes_two(served: Served, smuggled: bytes, ends: bytes) -> None:
    """The server takes the coding, drops the length and closes: one request, never two."""
    await served.raw(b"POST /one HTTP/1.1\r\n" + HOST + smuggled + b"GET /two HTTP/1.1\r\n\r\n")
    assert [head.split(b" ")[1] for head in served.upstream.heads] == [b"/one"]
    assert served.upstream.peers[0].received.endswith(ends)
