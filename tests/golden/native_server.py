"""The native side alone on a real socket, with limits that the tests choose."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar.types import ASGIApp, Receive, Scope, Send

from ported_domains.registry import DOMAINS
from ported_domains.shared.api.inquiry import TRUSTED_PEER_KEY
from ported_domains.shared.api.sources import THROTTLES_KEY
from ported_domains.shared.api.throttle import Rate, Throttles
from ported_domains.shared.site import native_app
from proxy.databases import open_engine
from proxy.embedded.child import free_port

UNLIMITED = Rate(None, 1)
NO_LIMITS = Throttles(v1=UNLIMITED, anonymous=UNLIMITED, user=UNLIMITED)
START_SECONDS = 10


@dataclass(frozen=True, slots=True)
class NativeServer:
    """`trusts_peers` stands for an edge that takes every peer for a front server of the site."""

    database_url: str
    legacy_database_url: str | None
    throttles: Throttles = NO_LIMITS
    trusts_peers: bool = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client whose requests reach the server; both are gone afterwards."""
        native = open_engine(self.database_url, pool_size=5, name="test native")
        legacy = self.legacy_database_url and open_engine(
            self.legacy_database_url, pool_size=2, name="test credentials"
        )
        app = native_app(
            DOMAINS.values(), native, legacy or None, {THROTTLES_KEY: self.throttles}
        )
        try:
            async with _served(self._behind_edge(app)) as url, _client(url) as client:
                yield client
        finally:
            await native.dispose()
            if legacy:
                await legacy.dispose()

    def _behind_edge(self, app: ASGIApp) -> ASGIApp:
        async def edge(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRUSTED_PEER_KEY] = self.trusts_peers  # type: ignore[literal-required]
            await app(scope, receive, send)

        return edge


def _client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"accept": "*/*"}, trust_env=False, timeout=30)


@asynccontextmanager
async def _served(app: ASGIApp) -> AsyncIterator[str]:
    port = free_port()
    server = Server(
        app,
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _listens(port):
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        await serving


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
