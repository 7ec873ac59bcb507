"""Forwarding to an upstream behind TLS: whole both ways, kept, and never taken for whole."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from tests.inside import until
from tests.proxy.forwarding.serving import Forwarding, forwarding
from tests.proxy.http.ends import EndedError
from tests.proxy.http.upstream import OK

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
WEBSOCKET = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
SIZE = 4 * 1024 * 1024
CONTENT = bytes(range(256)) * (SIZE // 256)

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Upstream:
    """Plays one script on every connection; `opened` is how many there were."""

    def __init__(self, script: Script) -> None:
        self.opened = 0
        self.writers: list[asyncio.StreamWriter] = []
        self._script = script

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self.writers.append(writer)
        try:
            await self._script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def secured(
    script: Script, authority: trustme.CA, *, name: str = "127.0.0.1", pool_size: int = 1
) -> AsyncIterator[tuple[Forwarding, Upstream]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    upstream = Upstream(script)
    door = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, ssl=context)
    try:
        url = f"https://127.0.0.1:{door.sockets[0].getsockname()[1]}"
        async with forwarding([url], pool_size=pool_size, keepalive=60.0) as proxy:
            yield proxy, upstream
    finally:
        for writer in upstream.writers:
            if not writer.is_closing():  # Python 3.11.2 knows no second end
                writer.transport.abort()
        door.close()


@pytest.fixture(autouse=True)
def trusting(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator makes a proxy trust an authority of his own."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)


async def test_one_connection_for_many_requests(authority: trustme.CA) -> None:
    async with secured(answering, authority) as (proxy, upstream):
        client = await proxy.server.client()
        for method in (b"GET", b"POST", b"PATCH", b"GET"):
            await client.say(GET.replace(b"GET", method))
            assert (await client.answer()).status == 200
        assert (upstream.opened, proxy.pool.opened) == (1, 1)


@pytest.mark.parametrize("framing", ["sized", "chunked"])
@pytest.mark.parametrize("receive_buffer", [0, 4096])
async def test_large_answers(authority: trustme.CA, framing: str, receive_buffer: int) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            if framing == "sized":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
                writer.write(CONTENT)
            else:
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (SIZE, CONTENT))

    async with secured(script, authority) as (proxy, upstream):
        client = await proxy.server.client(receive_buffer=receive_buffer)
        for _ in range(2):
            await client.say(GET)
            assert (await client.answer()).body == CONTENT
        assert upstream.opened == 1


async def test_large_uploads(authority: trustme.CA) -> None:
    received: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            received.append(await reader.readexactly(SIZE))
            writer.write(OK)

    async with secured(script, authority) as (proxy, upstream):
        client = await proxy.server.client()
        for _ in range(2):
            head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % SIZE
            await client.say(head, CONTENT)
            assert (await client.answer()).status == 200
        assert received == [CONTENT] * 2
        assert upstream.opened == 1


async def test_pieces_pass_as_they_come(authority: trustme.CA) -> None:
    go_on = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for piece in (b"one", b"two"):
            await go_on.wait()
            go_on.clear()
            writer.write(piece)
        await reader.read()

    async with secured(script, authority) as (proxy, _):
        client = await proxy.server.client(GET)
        await client.head()
        for piece in (b"one", b"two"):
            go_on.set()
            assert await client.exactly(3) == piece


@pytest.mark.parametrize("method", [b"GET", b"POST"])
@pytest.mark.parametrize("how", ["close alert", "end without one"])
async def test_a_kept_connection_that_the_upstream_closed_costs_nothing(
    authority: trustme.CA, method: bytes, how: str
) -> None:
    async with secured(answering, authority) as (proxy, upstream):
        client = await proxy.server.client(GET)
        assert (await client.answer()).status == 200
        if how == "close alert":
            upstream.writers[0].close()
        else:
            upstream.writers[0].transport.abort()
        await until(lambda: proxy.pool.open == 0)
        await client.say(GET.replace(b"GET", method))
        assert (await client.answer()).status == 200
        assert upstream.opened == 2


@pytest.mark.parametrize("alert", [True, False], ids=["with a close alert", "without"])
async def test_only_a_close_alert_ends_an_answer(authority: trustme.CA, alert: bool) -> None:
    """Whoever can cut the connection could else make half of an answer the whole."""
    go_on = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        await go_on.wait()
        if not alert:
            writer.transport.abort()

    async with secured(script, authority) as (proxy, _):
        client = await proxy.server.client(GET)
        await client.until(b"half")
        go_on.set()
        if alert:
            assert await client.until(b"0\r\n\r\n") == b"\r\n0\r\n\r\n"
        else:
            with pytest.raises(EndedError) as cut:
                await client.rest()
            assert cut.value.how == "reset"


async def test_a_certificate_for_another_is_502(authority: trustme.CA) -> None:
    async with secured(answering, authority, name="other.internal") as (proxy, _):
        client = await proxy.server.client(GET)
        assert (await client.answer()).status == 502
        fault = (await proxy.server.records.ended()).fault
        assert fault == ("connect", "upstream", "closed")
        assert proxy.pool.open == 0


async def test_an_authority_that_is_not_trusted_is_502(authority: trustme.CA) -> None:
    async with secured(answering, trustme.CA()) as (proxy, _):
        client = await proxy.server.client(GET)
        assert (await client.answer()).status == 502
        assert proxy.pool.open == 0


async def test_a_websocket(authority: trustme.CA) -> None:
    """Each end may end first; what the other says after that still arrives."""
    said: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(SWITCHING + b"early ")
        while piece := await reader.read(65536):
            said.append(piece)
            writer.write(piece.upper())

    async with secured(script, authority) as (proxy, _):
        client = await proxy.server.client(WEBSOCKET)
        assert (await client.head()).status == 101
        assert await client.exactly(6) == b"early "
        large = b"x" * 300_000
        talking = asyncio.create_task(client.say(b"hello", large))
        assert await client.exactly(5 + len(large)) == b"HELLO" + large.upper()
        await talking
        client.half_close()
        assert await client.rest() == b""
        client.close()
        await until(lambda: proxy.server.serving.clients == set())
        assert b"".join(said) == b"hello" + large
        assert (await proxy.server.records.ended()).fault is None
