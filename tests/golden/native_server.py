"""The native side of both APIs on a real socket, with limits that the tests choose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncEngine

from ported_domains.registry import DOMAINS
from ported_domains.shared.api.inquiry import TRUSTED_PEER_KEY
from ported_domains.shared.api.sources import THROTTLES_KEY
from ported_domains.shared.api.throttle import Rate, Throttles
from ported_domains.shared.site import native_app
from proxy.databases import open_engine
from proxy.embedded.child import free_port
from tests.ported_domains.wire import served

UNLIMITED = Rate(None, 1)
NO_LIMITS = Throttles(v1=UNLIMITED, anonymous=UNLIMITED, user=UNLIMITED)


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
        url = f"http://127.0.0.1:{free_port()}"
        async with (
            _engine(self.database_url) as native,
            _engine(self.legacy_database_url) as legacy,
        ):
            assert native is not None
            state = {THROTTLES_KEY: self.throttles}
            app = self._behind_edge(native_app(DOMAINS.values(), native, legacy, state))
            async with served(app, url), client_of(url) as client:
                yield client

    def _behind_edge(self, app: ASGIApp) -> ASGIApp:
        async def edge(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRUSTED_PEER_KEY] = self.trusts_peers  # type: ignore[literal-required]
            await app(scope, receive, send)

        return edge


def client_of(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"accept": "*/*"}, trust_env=False, timeout=30)


@asynccontextmanager
async def _engine(url: str | None) -> AsyncIterator[AsyncEngine | None]:
    engine = None if url is None else open_engine(url, pool_size=4, name="test")
    try:
        yield engine
    finally:
        if engine is not None:
            await engine.dispose()
