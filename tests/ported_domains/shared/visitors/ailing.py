"""A native side whose legacy database is not as it should be."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.recognition import Recognition
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.database import DatabaseStore
from legacy_bridge.django.sessions.store import SessionStore
from ported_domains.downloads import DOWNLOADS
from ported_domains.shared.visitors.contracts import Contracts
from proxy.databases import open_engine
from tests.ported_domains.probes import PROBES
from tests.ported_domains.shared.visitors.own_pages import OWN
from tests.ported_domains.shared.visitors.twins import Reply, Side
from tests.ported_domains.wire import NativeSite, native_site

SOME_KEY = "k" * 32
SOON = 8
"""Seconds, on a machine with other things to do."""


def over(
    contracts: Contracts, engine: AsyncEngine, sessions: SessionStore | None = None
) -> Contracts:
    """The same contracts over another connection to the legacy database, or another store."""
    legacy = engine.execution_options(isolation_level="AUTOCOMMIT")
    secrets, salt = contracts.secrets, contracts.session_settings.salt
    store = sessions or DatabaseStore(legacy, SessionCodec(secrets, salt))
    backends = contracts.methods.backends
    recognition = Recognition(legacy, store, contracts.users, secrets, backends)
    return replace(contracts, legacy=legacy, sessions=store, recognition=recognition)


class Ailing:
    """A native side whose legacy database is at `url`."""

    def __init__(self, site: NativeSite, url: str, engine: AsyncEngine) -> None:
        self.site = site
        self.side = Side("native", site.url, url)
        self.engine = engine

    async def refuses(self, caplog: pytest.LogCaptureFixture, reason: str) -> Reply:
        """A visitor with a session gets 503, soon; the log says why, in a line."""
        caplog.clear()
        begun = time.monotonic()
        reply = await self.side.get("/probes/user/", f"sessionid={SOME_KEY}")
        assert time.monotonic() - begun < SOON
        self.says_so(caplog, reply, f"GET /probes/user/: no database: {reason}")
        return reply

    def says_so(self, caplog: pytest.LogCaptureFixture, reply: Reply, line: str) -> None:
        assert reply.status == 503
        assert b"not available at the moment" in reply.body
        assert reply.all("set-cookie") == []
        [record] = [each for each in caplog.records if each.levelno >= logging.WARNING]
        assert record.getMessage().startswith(line), record.getMessage()
        assert record.exc_info is None


@asynccontextmanager
async def ailing(
    contracts: Contracts,
    native_tables: str,
    url: str,
    *,
    pool_size: int = 4,
    sessions: SessionStore | None = None,
) -> AsyncIterator[Ailing]:
    engine = open_engine(url, pool_size=pool_size, name="ailing")
    agreed = over(contracts, engine, sessions)
    try:
        async with native_site(
            native_tables, url, domains=(DOWNLOADS, PROBES, OWN), contracts=agreed
        ) as site:
            yield Ailing(site, url, engine)
    finally:
        await engine.dispose()
