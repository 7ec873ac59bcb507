"""The composition root: settings, table, forwarder, native app. The only file that sees all."""

import asyncio
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.replication.owners import Owner
from ported_domains.registry import DOMAINS
from ported_domains.shared.api.redis_accesses import RedisAccesses
from ported_domains.shared.api.throttle import Accesses, MemoryAccesses, Throttles
from proxy.abilities import abilities_under, legacy_pages, manifest_of, movable
from proxy.accounts import accounts_of
from proxy.caching.listening import listen
from proxy.caching.worker import cache_of
from proxy.configs import (
    edge_config,
    forwarding_config,
    health_check,
    legacy_urls,
    samples,
    server_config,
    visitors_key,
)
from proxy.console.door import CLOSED, Opened
from proxy.contracts import contracts_of
from proxy.databases import open_engine, open_redis
from proxy.edge import Edge
from proxy.forwarding.forwarder import Forwarder
from proxy.forwarding.health import HealthWatch, host_to_ask_for
from proxy.freshness import Freshness
from proxy.native import native_application, release_cycle, site_cdn, site_look, unlimited
from proxy.net.clock import Clock
from proxy.net.poller import open_poller
from proxy.own_pages import OwnPages
from proxy.ownership.domains import MovableDomains
from proxy.ownership.phases import Phase
from proxy.records import Records, watch
from proxy.routing.config import RoutingConfig
from proxy.routing.source import Reload, RoutingSource
from proxy.server.asgi import Application
from proxy.server.serving import Serving
from proxy.settings import Settings, SettingsError
from proxy.shadow.channel import Channel
from proxy.shadow.tap import Tap
from proxy.supervisor.handover import INSTANCE
from proxy.telemetry import AccessLog, Telemetry, metrics_folder
from proxy.telemetry.families import HELD, RELOADS, ROUTING_FAULTS, SHADOW
from proxy.traffic.counting import Counting
from proxy.traffic.writing import TrafficWriter

if TYPE_CHECKING:
    from proxy.bridge.watching import StatusWatch

NATIVE_CONNECTIONS = 10
IDENTITY_CONNECTIONS = 10
"""To the legacy database, for sessions, users and credentials."""
READY_SECONDS = 2
SETTLE_SECONDS = 2.0

log = structlog.get_logger("proxy")


class App:
    """One worker: everything it needs, built inside its event loop and closed at its end.

    `serving` answers whatever connections it is given (see `proxy/worker.py`).
    """

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self._settings = settings
        self.poller = open_poller(loop)
        self.clock = Clock(loop)
        manifest = manifest_of(settings)
        able = abilities_under(settings, manifest)
        self._routing = RoutingSource(
            settings.routing, able, self._reloaded, legacy_pages(manifest, able)
        )
        legacy = self._routing.config.legacy
        self._forwarder = Forwarder(
            legacy_urls(legacy, settings),
            forwarding_config(legacy),
            loop,
            self.poller,
            self.clock,
            instance=os.environ.get(INSTANCE, ""),
            tunnel_patience=settings.client_timeout,
        )
        self._health = HealthWatch(host_to_ask_for(settings.allowed_hosts))
        self._health.follow(self._forwarder.upstreams.members, health_check(legacy))
        self._telemetry = Telemetry(AccessLog(sys.stdout.fileno()), metrics_folder())
        self._database = _engine(settings.plain("database_url"), NATIVE_CONNECTIONS)
        self._legacy_database = _engine(settings.plain("legacy_database_url"), IDENTITY_CONNECTIONS)
        self._legacy_redis = _redis(settings.plain("legacy_cache_url"))
        self._contracts = contracts_of(
            settings, manifest, self._legacy_database, self._legacy_redis
        )
        self._accounts = accounts_of(settings, manifest, self._contracts, self._legacy_redis)
        self._look = site_look(settings, manifest)
        self._cycle = release_cycle(settings)
        self._accesses = _accesses(settings.plain("redis_url"))
        self._throttles = _throttles(self._accesses, limited=settings.api_limits)
        self._cache = cache_of(settings, self._telemetry)
        self._movable = _movable(settings, lambda: self._routing.digest)
        self._freshness = self._fresh()
        self._tap = self._tapped(loop)
        self._counting = Counting(self._telemetry)
        self._bridge = _bridge(settings)
        self._console = self._opened()
        records = Records(
            self._telemetry,
            self._movable.left if self._movable else None,
            self._counting.hits if self._database is not None else None,
        )
        edge = self._edge()
        self.serving = Serving(
            loop,
            self.poller,
            self.clock,
            server_config(settings),
            edge.answer,
            records,
        )
        if self._movable is not None:
            self._movable.decide_by(edge.decide)
        self._show()
        self._background: list[asyncio.Task[None]] = []

    def _show(self) -> None:
        """What metrics tell of all these."""
        if (movable := self._movable) is not None:
            self._telemetry.gauge(HELD, lambda: {(): float(movable.held)})
        self._telemetry.gauge(ROUTING_FAULTS, lambda: {(): float(len(self._routing.faults))})
        watch(self._telemetry, self.serving, self._forwarder)
        if self._bridge is not None:
            self._telemetry.show(self._bridge.metrics)

    def start(self) -> None:
        """Follow routing.yaml, check upstreams, hear of changed rows, publish metrics."""
        self._telemetry.start()
        if self._tap is not None:
            self._tap.start()
        self._background = [
            asyncio.create_task(self._routing.watch(), name="watch routing.yaml"),
            asyncio.create_task(self._health.watch(), name="check upstreams"),
        ]
        if self._bridge is not None:
            self._background.append(
                asyncio.create_task(self._bridge.watch(), name="watch the bridge")
            )

        self._background.append(
            asyncio.create_task(self._console.beside(), name="follow the lag for the console")
        )
        if self._movable is not None:
            self._background.append(
                asyncio.create_task(self._movable.run(), name="watch the owners")
            )
        native_url = self._settings.plain("database_url")
        if native_url is not None:
            worker = f"{os.environ.get(INSTANCE, 'alone')}:{os.getpid()}:{secrets.token_hex(2)}"
            writer = TrafficWriter(native_url, worker, self._counting)
            self._background.append(asyncio.create_task(writer.run(), name="write down traffic"))
        if self._cache is not None and native_url is not None:
            self._background.append(
                asyncio.create_task(listen(native_url, self._cache), name="hear of changes")
            )

    async def settle(self) -> None:
        """Until it is known who owns what, or nobody can be asked."""
        if self._movable is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._movable.told.wait()

    async def close(self) -> None:
        """After the last connection has ended."""
        for task in self._background:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._forwarder.close()
        if self._tap is not None:
            self._tap.close()
        if self._freshness is not None:
            await self._freshness.close()
        for engine in (self._database, self._legacy_database):
            if engine is not None:
                await engine.dispose()
        if self._cycle is not None:
            await self._cycle.close()
        if isinstance(self._accesses, RedisAccesses):
            await self._accesses.close()
        if self._legacy_redis is not None:
            await self._legacy_redis.aclose()
        if self._contracts is not None:
            self._contracts.passwords.close()
        self.clock.stop()
        self.poller.close()
        self._telemetry.close()

    def _edge(self) -> Edge:
        return Edge(
            edge_config(self._settings),
            routing=self._routing,
            native=self._native(),
            forwarder=self._forwarder,
            ownership=self._movable,
            freshness=self._freshness,
            tap=self._tap,
            own=OwnPages(
                self._readiness,
                self._metrics,
                self._settings.metrics_networks,
                self._console.application,
            ),
        )

    def _fresh(self) -> Freshness | None:
        """Only where rows go from one database to the other can they be late."""
        legacy, native = self._legacy_database, self._database
        if legacy is None or native is None or self._settings.bridge == "off":
            return None
        shared = [name for name, domain in DOMAINS.items() if domain.shares_rows]
        engines = {Owner.LEGACY: legacy, Owner.NATIVE: native}
        return Freshness(engines, shared, visitors_key(self._settings))

    def _tapped(self, loop: asyncio.AbstractEventLoop) -> Tap | None:
        """Where the process that compares may be."""
        folder = metrics_folder()
        if folder is None or not self._settings.compares_aside:
            return None

        def count(what: str, number: int) -> None:
            self._telemetry.count(SHADOW, what, by=number)

        tap = Tap(Channel(folder, loop), self._forwarder, loop, count)
        tap.samples = samples(self._routing.config)
        return tap

    def _opened(self) -> Opened:
        """Imported where it is needed: it brings another driver for PostgreSQL along."""
        if not self._settings.operators:
            return CLOSED
        from proxy.console.opening import open_console

        return open_console(
            self._settings,
            self._routing,
            contracts=self._contracts,
            bridge=self._bridge,
            ending=lambda: self.serving.draining,
            key=visitors_key(self._settings),
        )

    def _native(self) -> Application | None:
        """The native side needs its database; without one the proxy forwards everything."""
        if self._database is None:
            return None
        return native_application(
            self._database,
            self._legacy_database,
            throttles=self._throttles,
            contracts=self._contracts,
            accounts=self._accounts,
            look=self._look,
            cycle=self._cycle,
            cache=self._cache,
            cdn=site_cdn(self._settings),
        )

    def _reloaded(self, reload: Reload) -> None:
        """Called after each edit: a new table is in force, or the last good one stays."""
        self._telemetry.count(RELOADS, "faulty" if reload.faults else "loaded")
        if reload.faults:
            log.error("routing_faulty", faults=[str(fault) for fault in reload.faults])
            return
        config = self._routing.config
        try:
            urls = legacy_urls(config.legacy, self._settings)
        except SettingsError as error:
            log.error("upstreams_unchanged", reason=str(error))  # noqa: TRY400 - no trace needed
            urls = self._forwarder.urls
        self._forwarder.reconfigure(urls, forwarding_config(config.legacy))
        self._health.follow(self._forwarder.upstreams.members, health_check(config.legacy))
        if self._tap is not None:
            self._tap.samples = samples(config)
        phases = {name: str(domain.phase) for name, domain in config.domains.items()}
        log.info("routing_loaded", digest=reload.digest[:12], phases=phases)
        if self._database is None and _needs_native(config):
            log.error("native_side_missing", remedy="set STRANGLER_DATABASE_URL and restart")

    async def _metrics(self) -> bytes:
        if self._bridge is not None:
            await self._bridge.refresh()
        return self._telemetry.page()

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


def _movable(settings: Settings, digest: Callable[[], str]) -> MovableDomains | None:
    """Rows are handed over between two databases; where one is missing, the file alone counts."""
    native_url = settings.plain("database_url")
    if native_url is None or not settings.has_both_databases:
        return None
    worker = f"{os.environ.get(INSTANCE, 'alone')}:{os.getpid()}"
    return MovableDomains(native_url, worker, frozenset(movable()), digest)


def _needs_native(config: RoutingConfig) -> bool:
    return any(domain.held is not Phase.LEGACY for domain in config.domains.values())


def _engine(url: str | None, pool_size: int) -> AsyncEngine | None:
    return None if url is None else open_engine(url, pool_size=pool_size, name="strangler")


def _redis(url: str | None) -> Redis | None:
    return None if url is None else open_redis(url)


def _bridge(settings: Settings) -> "StatusWatch | None":
    """Imported where it is needed: it brings another driver for PostgreSQL along."""
    if not settings.has_both_databases:
        return None
    from proxy.bridge.watching import status_watch

    return status_watch(settings, metrics_folder())


def _accesses(redis_url: str | None) -> Accesses:
    return MemoryAccesses() if redis_url is None else RedisAccesses(redis_url)


def _throttles(accesses: Accesses, *, limited: bool) -> Throttles:
    return Throttles(accesses=accesses) if limited else unlimited(accesses)


async def _reachable(engine: AsyncEngine) -> bool:
    try:
        async with asyncio.timeout(READY_SECONDS), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (OSError, TimeoutError, SQLAlchemyError):
        return False
    return True
