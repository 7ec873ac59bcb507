"""Between a client and PostgreSQL: counts how often the client waits for an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

WAITING = (b"S", b"H", b"Q")
"""Sync, Flush and Query, after which a client waits (PostgreSQL's frontend protocol)."""


class Relay:
    """`url` leads through it. The protocol is read as it passes, so without TLS."""

    def __init__(self, behind: str) -> None:
        self._behind = urlsplit(behind)
        self.url = ""
        self.round_trips = 0
        self.statements: list[bytes] = []
        """What was prepared, in order."""

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._behind.hostname, self._behind.port
        from_server, to_server = await asyncio.open_connection(host, port)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(from_server, writer))
                both.create_task(self._count(reader, to_server))
        finally:
            for end in (writer, to_server):
                end.close()

    async def _count(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The first message has no letter for its kind."""
        kind = b""
        while True:
            try:
                size = await reader.readexactly(4)
                content = await reader.readexactly(int.from_bytes(size) - 4)
            except asyncio.IncompleteReadError:
                writer.close()
                return
            self.round_trips += kind in WAITING
            if kind == b"P":
                self.statements.append(content)
            writer.write(kind + size + content)
            kind = await reader.read(1)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while octets := await reader.read(65536):
        writer.write(octets)


@asynccontextmanager
async def relay(behind: str) -> AsyncIterator[Relay]:
    """To the server of a URL."""
    one = Relay(behind)
    server = await asyncio.start_server(one.pass_on, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(behind)
    user = parts.netloc.rpartition("@")[0]
    one.url = parts._replace(netloc=f"{user}@127.0.0.1:{port}", query="sslmode=disable").geturl()
    async with server:
        yield one
