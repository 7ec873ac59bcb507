"""Granian with a forwarder in it, in front of a scripted upstream and a WebSocket echo."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.proxy.forwarding.scripted import OK, ScriptedUpstream, answering

ROOT = Path(__file__).resolve().parents[3]


async def _echo(connection: ServerConnection) -> None:
    """Every message back; `close CODE REASON` closes, `ping` pings, `drop` cuts the line."""
    async for message in connection:
        if isinstance(message, str) and message.startswith("close "):
            _, code, reason = message.split(" ", 2)
            await connection.close(int(code), reason)
        elif message == "ping":
            await (await connection.ping())
            await connection.send("ponged")
        elif message == "fragments":
            await connection.send(["one ", "two ", "three"])
        elif message == "drop":
            connection.transport.abort()
        elif message == "head":
            assert connection.request is not None
            await connection.send(f"{connection.request.path} {connection.request.headers}")
        else:
            await connection.send(message)


class EchoServer:
    """`ends` has, for each path, the close codes of the connections that ended."""

    def __init__(self) -> None:
        self.url = ""
        self.ends: defaultdict[str, asyncio.Queue[int | None]] = defaultdict(asyncio.Queue)

    async def end(self, path: str) -> int | None:
        return await asyncio.wait_for(self.ends[path].get(), 5)

    async def serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        with suppress(ConnectionClosedError):
            await _echo(connection)
        await connection.wait_closed()
        self.ends[connection.request.path].put_nowait(connection.close_code)

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/forbidden":
            response = connection.respond(403, "not here\n")
            response.headers["X-Why"] = "because"
            return response
        return None


def prefer(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return max(offered, default=None)


@pytest_asyncio.fixture(scope="session")
async def echo() -> AsyncIterator[EchoServer]:
    echo = EchoServer()
    async with serve(
        echo.serve,
        "127.0.0.1",
        0,
        process_request=echo.admit,
        subprotocols=[Subprotocol("chat.v2"), Subprotocol("chat.v1")],
        select_subprotocol=prefer,
        max_size=None,
    ) as server:
        echo.url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield echo


@dataclass
class Served:
    port: int
    upstream: ScriptedUpstream
    echo: EchoServer

    async def raw(self, *pieces: bytes) -> bytes:
        """All bytes of the server until it closes; the request should say so."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), 5)
        finally:
            writer.transport.abort()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise TimeoutError("the server did not start")


@pytest_asyncio.fixture(scope="session")
async def granian(echo: EchoServer) -> AsyncIterator[Served]:
    upstream = ScriptedUpstream(answering(OK))
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    port = free_port()
    environment = os.environ | {
        "UPSTREAM_HTTP": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        "UPSTREAM_WEBSOCKET": echo.url,
        "PYTHONPATH": str(ROOT),
    }
    options = ["--interface", "asginl", "--loop", "uvloop", "--http", "1", "--no-log"]
    target = ["--port", str(port), "tests.proxy.forwarding.served:app"]
    process = subprocess.Popen(  # noqa: ASYNC220 (it starts in an instant)
        [sys.executable, "-m", "granian", *options, *target],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await _listening(port)
        yield Served(port, upstream, echo)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        server.close()


@pytest_asyncio.fixture
async def served(granian: Served) -> Served:
    """The same server for every test; the upstream's memory, scripts and connections are fresh."""
    upstream = granian.upstream
    for peer in upstream.peers:
        peer.writer.close()
        with suppress(ConnectionError):
            await peer.writer.wait_closed()
    upstream.peers.clear()
    upstream.scripts = (answering(OK),)
    return granian
