"""One connection to an upstream: tried at each address, secured, within its time."""

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from proxy.forwarding import dial
from proxy.forwarding.dial import Address, Dial, Dialled
from proxy.forwarding.faults import Cause
from proxy.forwarding.upstream import Upstream
from proxy.net.clock import NEVER
from proxy.net.tls import Secured
from tests.inside import until
from tests.proxy.forwarding.ground import Ground, Hanging, closed_port, ended

V4 = socket.AF_INET


class Dialling:
    """A dial and what came of it."""

    def __init__(
        self, ground: Ground, upstream: Upstream | None = None, seconds: float = 5.0
    ) -> None:
        self.sock: socket.socket | None = None
        self.secured: Secured | None = None
        self.cause: Cause | None = None
        self.calls = 0
        upstream = upstream or Upstream("127.0.0.1", 80, b"a")
        self.dial = Dial(upstream, ground.poller, ground.clock, seconds, self._done)

    def _done(self, dialled: Dialled | None, cause: Cause | None) -> None:
        self.calls += 1
        self.secured = dialled if isinstance(dialled, Secured) else None
        self.sock = dialled.sock if isinstance(dialled, Secured) else dialled
        self.cause = cause

    async def over(self) -> "Dialling":
        await until(lambda: self.calls > 0)
        return self


def at(*ports: int) -> list[Address]:
    return [(V4, ("127.0.0.1", port)) for port in ports]


def idle(ground: Ground) -> bool:
    """Nothing is watched any more."""
    return not ground.poller._ready and not ground.clock._timed


async def test_the_first_address_that_takes_us(around: Ground, door: socket.socket) -> None:
    dialling = Dialling(around)
    dialling.dial.start(at(closed_port(), closed_port(), door.getsockname()[1], closed_port()))
    await dialling.over()
    assert (dialling.calls, dialling.cause) == (1, None)
    assert dialling.sock is not None
    assert dialling.sock.getpeername() == door.getsockname()
    assert not dialling.sock.getblocking()
    assert dialling.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert idle(around)
    dialling.sock.close()


@pytest.mark.parametrize("number", [0, 1, 3])
async def test_no_address_that_does(around: Ground, number: int) -> None:
    dialling = Dialling(around)
    dialling.dial.start(at(*(closed_port() for _ in range(number))))
    await dialling.over()
    assert (dialling.calls, dialling.sock, dialling.cause) == (1, None, Cause.CLOSED)
    assert idle(around)


async def test_an_address_of_a_family_that_is_not_to_be_had(
    around: Ground, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only that address is passed over."""

    def made(family: int, kind: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "no IPv6 here")
        return socket.socket(family, kind)

    monkeypatch.setattr(dial, "socket", SimpleNamespace(**{**vars(socket), "socket": made}))
    dialling = Dialling(around)
    address = (socket.AF_INET6, ("::1", 80))
    dialling.dial.start([address, *at(door.getsockname()[1])])
    await dialling.over()
    assert dialling.sock is not None
    dialling.sock.close()


async def test_without_a_descriptor(
    around: Ground, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none_left(*_: Any) -> None:
        raise OSError(errno.EMFILE, "none left")

    monkeypatch.setattr(dial, "socket", SimpleNamespace(**{**vars(socket), "socket": none_left}))
    dialling = Dialling(around)
    dialling.dial.start(at(1, 2, 3))
    assert (dialling.calls, dialling.cause) == (1, Cause.CLOSED)
    assert idle(around)
    assert [record.getMessage() for record in caplog.records] == ["no connection can be opened"]


async def test_it_is_late_after_its_time_whatever_it_waits_for(
    around: Ground, hanging: Hanging
) -> None:
    began = time.monotonic()
    without_addresses = Dialling(around, seconds=0.1)
    connecting = Dialling(around, seconds=0.1)
    connecting.dial.start(at(closed_port(), hanging.port))
    for dialling in (without_addresses, connecting):
        await dialling.over()
        assert (dialling.sock, dialling.cause) == (None, Cause.LATE)
    assert time.monotonic() - began < 10
    without_addresses.dial.start(at(hanging.port))
    assert idle(around)
    assert (without_addresses.calls, connecting.calls) == (1, 1)


@pytest.mark.parametrize("when", ["before the addresses", "while connecting", "when connected"])
async def test_cancelled_it_says_nothing(
    around: Ground, door: socket.socket, hanging: Hanging, when: str
) -> None:
    dialling = Dialling(around)
    if when == "while connecting":
        dialling.dial.start(at(hanging.port))
    elif when == "when connected":
        dialling.dial.start(at(door.getsockname()[1]))  # the loop has not seen it yet
    dialling.dial.cancel()
    dialling.dial.start(at(door.getsockname()[1]))
    assert idle(around)
    await asyncio.sleep(0.01)
    assert dialling.calls == 0
    if when == "when connected":
        await ended(await around.accepted(door))


# TLS


class Secure:
    """A TLS server for `legacy.internal`, and contexts of clients that trust it."""

    def __init__(self, authority: trustme.CA, door: asyncio.Server) -> None:
        self.port: int = door.sockets[0].getsockname()[1]
        self.trusting = ssl.create_default_context()
        authority.configure_trust(self.trusting)

    def upstream(self, host: str = "legacy.internal", *, trusting: bool = True) -> Upstream:
        tls = self.trusting if trusting else ssl.create_default_context()
        return Upstream(host, self.port, host.encode(), tls)


@asynccontextmanager
async def secure() -> AsyncIterator[Secure]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("legacy.internal", "127.0.0.1").configure_cert(context)

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
        writer.close()

    door = await asyncio.start_server(served, "127.0.0.1", 0, ssl=context)
    try:
        yield Secure(authority, door)
    finally:
        door.close()


@pytest.mark.parametrize("host", ["legacy.internal", "127.0.0.1"])
async def test_a_secured_connection(around: Ground, host: str) -> None:
    async with secure() as server:
        dialling = Dialling(around, server.upstream(host))
        dialling.dial.start(at(closed_port(), server.port))
        await dialling.over()
        secured = dialling.secured
        assert secured is not None
        assert not secured.sock.getblocking()
        assert idle(around)
        assert secured.send(b"hello\n") == 6
        assert await received(secured) == b"HELLO\n"
        secured.sock.close()


async def received(secured: Secured) -> bytes:
    said: list[bytes] = []

    def came() -> bool:
        try:
            said.append(secured.recv(100))
        except BlockingIOError:
            return False
        return True

    await until(came)
    return said[0]


@pytest.mark.parametrize(
    ("host", "trusting"), [("other.internal", True), ("legacy.internal", False)]
)
async def test_a_server_that_is_not_who_it_says(around: Ground, host: str, trusting: bool) -> None:
    async with secure() as server:
        dialling = Dialling(around, server.upstream(host, trusting=trusting))
        dialling.dial.start(at(server.port))
        await dialling.over()
        assert (dialling.calls, dialling.sock, dialling.cause) == (1, None, Cause.CLOSED)
        assert idle(around)


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x15\x03\x03"])
async def test_a_server_that_speaks_no_tls(
    around: Ground, door: socket.socket, said: bytes
) -> None:
    upstream = Upstream("a", 443, b"a", ssl.create_default_context())
    dialling = Dialling(around, upstream)
    dialling.dial.start(at(door.getsockname()[1]))
    sock = await around.accepted(door)
    sock.send(said)
    sock.close()
    await dialling.over()
    assert (dialling.calls, dialling.sock, dialling.cause) == (1, None, Cause.CLOSED)
    assert idle(around)


@pytest.mark.parametrize("speaks", [True, False])
async def test_a_server_that_speaks_or_ends_before_it_is_asked(
    around: Ground, door: socket.socket, speaks: bool
) -> None:
    """With the last words of the handshake, so that nothing would tell of it again."""
    authority = trustme.CA()
    context, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # in 1.3 the last words are the client's
    authority.issue_cert("legacy.internal").configure_cert(context)
    authority.configure_trust(trusting)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)

    port = door.getsockname()[1]
    dialling = Dialling(around, Upstream("legacy.internal", port, b"a", trusting))
    dialling.dial.start(at(port))
    sock = await around.accepted(door)
    shaking = True
    while shaking:
        incoming.write(await asyncio.get_running_loop().sock_recv(sock, 65536))
        try:
            server.do_handshake()
            shaking = False
            if speaks:
                server.write(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
            else:
                server.unwrap()
        except ssl.SSLWantReadError:
            pass
        sock.send(outgoing.read())
    await dialling.over()
    assert (dialling.calls, dialling.sock, dialling.cause) == (1, None, Cause.CLOSED)
    assert idle(around)


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_server_that_says_nothing(
    around: Ground, door: socket.socket, cancelled: bool
) -> None:
    upstream = Upstream("a", 443, b"a", ssl.create_default_context())
    dialling = Dialling(around, upstream, seconds=0.2)
    dialling.dial.start(at(door.getsockname()[1]))
    sock = await around.accepted(door)
    assert (await asyncio.get_running_loop().sock_recv(sock, 1)) == b"\x16"
    if cancelled:
        dialling.dial.cancel()
    else:
        await dialling.over()
        assert (dialling.sock, dialling.cause) == (None, Cause.LATE)
    assert dialling.calls == (0 if cancelled else 1)
    assert dialling.dial.due == NEVER
    assert idle(around)
    sock.close()
