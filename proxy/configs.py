"""What the settings and routing.yaml say, in the terms of the parts that are told."""

from legacy_bridge.signatures import signing_key
from proxy.edge import EdgeConfig
from proxy.forwarding.breaker import BreakerLimits
from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.health import HealthCheck
from proxy.routing.config import LegacyConfig, RoutingConfig
from proxy.server.config import ServerConfig
from proxy.settings import Settings


def legacy_urls(legacy: LegacyConfig, settings: Settings) -> tuple[str, ...]:
    """Where the legacy site answers: routing.yaml's word, else the setting's."""
    if legacy.urls:
        return legacy.urls
    return (settings.require("legacy_url", "it says where the legacy site answers"),)


def forwarding_config(legacy: LegacyConfig) -> ForwardingConfig:
    """What routing.yaml says of the legacy side, in the forwarder's terms."""
    return ForwardingConfig(
        connect_timeout=legacy.connect_timeout,
        read_timeout=legacy.timeout,
        retries=legacy.retries,
        retry_ratio=legacy.retry_budget / 100,
        max_body=legacy.max_body,
        pool_size=legacy.pool,
        pool_waiting=legacy.waiting,
        keepalive=legacy.keepalive,
        breaker=BreakerLimits(failures=legacy.breaker.failures, seconds=legacy.breaker.open),
    )


def health_check(legacy: LegacyConfig) -> HealthCheck | None:
    """How to ask for an upstream's health; None for not at all."""
    health = legacy.health
    if health is None:
        return None
    return HealthCheck(
        path=health.path,
        interval=health.interval,
        timeout=health.timeout,
        failures=health.failures,
        successes=health.successes,
        status=health.status,
    )


def edge_config(settings: Settings) -> EdgeConfig:
    return EdgeConfig(
        trusted=settings.trusted_proxies,
        allowed_hosts=settings.allowed_hosts,
        owner_headers=settings.owner_headers,
        allow_force=settings.development,
        key=visitors_key(settings),
    )


def visitors_key(settings: Settings) -> bytes:
    """What signs cookies of ours, the same for all workers and replicas; empty where there is no
    secret that they share."""
    secret = settings.plain("legacy_secret_key") or settings.plain("database_url")
    return signing_key(secret) if secret else b""


def samples(config: RoutingConfig) -> dict[str, float]:
    """Percent of the requests of each domain that are to be compared."""
    return {name: domain.sample for name, domain in config.domains.items()}


def server_config(settings: Settings) -> ServerConfig:
    return ServerConfig(
        head_timeout=settings.head_timeout,
        client_timeout=settings.client_timeout,
        keepalive=settings.keepalive,
        max_connections=settings.max_connections,
    )
