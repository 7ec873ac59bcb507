"""Counts round trips to PostgreSQL from between client and server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from proxy.databases import open_engine
from tests.legacy_bridge.django.sessions.native_side import NativeSide


class Trips:
    """A round trip begins when the client speaks after the server did."""

    def __init__(self) -> None:
        self._count = 0
        self._server_spoke = True

    def taken(self) -> int:
        count, self._count = self._count, 0
        return count

    async def pass_on(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while octets := await client.read(65536):
            self._count += self._server_spoke
            self._server_spoke = False
            server.write(octets)
        server.close()

    async def pass_back(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while octets := await server.read(65536):
            self._server_spoke = True
            client.write(octets)
        client.close()


@asynccontextmanager
async def counted(native: NativeSide) -> AsyncIterator[tuple[NativeSide, Trips]]:
    """The same stores on one database connection whose round trips are counted."""
    trips = Trips()
    url = urlsplit(native.url)

    async def connected(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(url.hostname, url.port)
        await asyncio.gather(trips.pass_on(client, to_server), trips.pass_back(server, to_client))
        for writer in (to_server, to_client):
            await writer.wait_closed()

    relay = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = relay.sockets[0].getsockname()[1]
    engine = open_engine(native.url.replace(f":{url.port}/", f":{port}/"), pool_size=1, name="test")
    yield NativeSide(native.url, engine, native.redis), trips
    await engine.dispose()
    relay.close()
    await relay.wait_closed()
