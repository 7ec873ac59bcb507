"""The composition root: settings, table, forwarder, native app. The only file that sees all."""

import asyncio
import os
import sys
from contextlib import suppress
from typing import cast

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from ported_domains.registry import DOMAINS
from ported_domains.shared.api.redis_accesses import RedisAccesses
from ported_domains.shared.api.sources import THROTTLES_KEY
from ported_domains.shared.api.throttle import Accesses, MemoryAccesses, Rate, Throttles
from ported_domains.shared.site import native_app
from proxy.answer import Receive, Send
from proxy.databases import open_engine
from proxy.edge import Application, Edge, EdgeConfig
from proxy.forwarding.forwarder import Forwarder, ForwardingConfig
from proxy.forwarding.upstream import Upstream
from proxy.own import OwnPages
from proxy.ownership.phases import Side, side
from proxy.routing.config import LegacyConfig, RoutingConfig
from proxy.routing.source import Reload, RoutingSource
from proxy.settings import Settings
from proxy.telemetry import RELOADS, ROUTING_FAULTS, AccessLog, Telemetry, configure_logging
from proxy.visitor import Scope

NATIVE_CONNECTIONS = 10
CREDENTIAL_CONNECTIONS = 2
READY_SECONDS = 2
UNLIMITED = Rate(None, 1)
INSTANCE = "STRANGLER_INSTANCE"
"""One name for all workers of a proxy, made by `serve`, so that any of them sees a loop."""

log = structlog.get_logger("proxy")


def create_app() -> "App":
    """What the server calls in each worker."""
    settings = Settings.load()
    configure_logging(settings.log_format)
    return App(settings)


class App:
    """One worker: everything it needs, built at start-up and closed at its end."""

    def __init__(self, settings: Settings) -> None:
        legacy_url = settings.require("legacy_url", "it says where the legacy site answers")
        self._routing = RoutingSource(settings.routing, DOMAINS, on_change=self._reloaded)
        self._forwarder = Forwarder(
            Upstream.from_url(legacy_url),
            forwarding_config(self._routing.config.legacy),
            instance=os.environ.get(INSTANCE, ""),
        )
        self._access_log = AccessLog(sys.stdout.buffer)
        self._database = _engine(settings.plain("database_url"), NATIVE_CONNECTIONS)
        self._legacy_database = _engine(
            settings.plain("legacy_database_url"), CREDENTIAL_CONNECTIONS
        )
        self._accesses = _accesses(settings.plain("redis_url"))
        self._throttles = _throttles(self._accesses, limited=settings.api_limits)
        self._edge = Edge(
            EdgeConfig(
                trusted=settings.trusted_proxies,
                allowed_hosts=settings.allowed_hosts,
                owner_headers=settings.owner_headers,
                allow_force=settings.development,
            ),
            table=lambda: self._routing.table,
            native=self._native(),
            forwarder=self._forwarder,
            own=OwnPages(self._readiness, settings.metrics_networks),
            telemetry=Telemetry(self._access_log),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._edge(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        watching = asyncio.create_task(self._routing.watch(), name="watch routing.yaml")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await self._forwarder.close()
        for engine in (self._database, self._legacy_database):
            if engine is not None:
                await engine.dispose()
        if isinstance(self._accesses, RedisAccesses):
            await self._accesses.close()
        self._access_log.flush()
        await send({"type": "lifespan.shutdown.complete"})

    def _native(self) -> Application | None:
        """The native side needs its database; without one the proxy forwards everything."""
        if self._database is None:
            return None
        state = {THROTTLES_KEY: self._throttles}
        app = native_app(DOMAINS.values(), self._database, self._legacy_database, state)
        return cast(Application, app)  # Litestar's types for scope and messages are its own

    def _reloaded(self, reload: Reload) -> None:
        """Called after each edit: a new table is in force, or the last good one stays."""
        ROUTING_FAULTS.set(len(reload.faults))
        RELOADS.labels("faulty" if reload.faults else "loaded").inc()
        if reload.faults:
            log.error("routing_faulty", faults=[str(fault) for fault in reload.faults])
            return
        config = self._routing.config
        self._forwarder.config = forwarding_config(config.legacy)
        phases = {name: str(domain.phase) for name, domain in config.domains.items()}
        log.info("routing_loaded", digest=reload.digest[:12], phases=phases)
        if self._database is None and _needs_native(config):
            log.error("native_side_missing", remedy="set STRANGLER_DATABASE_URL and restart")

    async def _readiness(self) -> dict[str, object]:
        """Ready where every side that this worker must answer for can be reached."""
        report: dict[str, object] = {
            "ready": True,
            "routing": {
                "digest": self._routing.digest,
                "faults": len(self._routing.faults),
            },
        }
        if self._database is not None and _needs_native(self._routing.config):
            reachable = await _reachable(self._database)
            report["database"] = "reachable" if reachable else "unreachable"
            report["ready"] = reachable
        return report


def forwarding_config(legacy: LegacyConfig) -> ForwardingConfig:
    """What routing.yaml says of the legacy side, in the forwarder's terms."""
    return ForwardingConfig(
        connect_timeout=legacy.connect_timeout,
        read_timeout=legacy.timeout,
        retries=legacy.retries,
        max_body=legacy.max_body,
    )


def _needs_native(config: RoutingConfig) -> bool:
    phases = (domain.phase for domain in config.domains.values())
    return any(side(phase, "GET", pinned=False) is Side.NATIVE for phase in phases)


def _engine(url: str | None, pool_size: int) -> AsyncEngine | None:
    return None if url is None else open_engine(url, pool_size=pool_size, name="strangler")


def _accesses(redis_url: str | None) -> Accesses:
    return MemoryAccesses() if redis_url is None else RedisAccesses(redis_url)


def _throttles(accesses: Accesses, *, limited: bool) -> Throttles:
    if limited:
        return Throttles(accesses=accesses)
    return Throttles(accesses=accesses, v1=UNLIMITED, anonymous=UNLIMITED, user=UNLIMITED)


async def _reachable(engine: AsyncEngine) -> bool:
    try:
        async with asyncio.timeout(READY_SECONDS), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (OSError, TimeoutError, SQLAlchemyError):
        return False
    return True
