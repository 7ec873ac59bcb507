"""Look at everything that can be wrong beforehand, then start the workers and, beside them, the
bridge and the shadow process."""

import os
import secrets
import sys
import tempfile

import structlog

from proxy.ownership.phases import Side, side
from proxy.routing.config import RoutingConfig
from proxy.routing.parse import RoutingError, load
from proxy.settings import Settings, SettingsError, misspelt
from proxy.starting import uncollected
from proxy.supervisor.handover import INSTANCE
from proxy.supervisor.listening import allow_many_connections, listen
from proxy.supervisor.orders import Limits
from proxy.supervisor.supervise import supervise
from proxy.telemetry import MULTIPROCESS_FOLDER, configure_logging

# -P: a folder `proxy` where the command is started, perhaps the legacy site's, is not ours.
WORKER = (sys.executable, "-P", "-m", "proxy.worker")
BRIDGE = (sys.executable, "-P", "-m", "proxy.bridge")
SHADOW = (sys.executable, "-P", "-m", "proxy.shadow")

log = structlog.get_logger("serve")


def run(host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP replaces the workers one by one.

    Raises `SettingsError` for whatever keeps it from starting, and `SystemExit` with code 1 where
    no worker starts, or the drain at the end was not clean.
    """
    settings = Settings.load()
    configure_logging(settings.log_format)
    preflight(settings)
    sockets = listen(host, port, workers)
    allow_many_connections()
    for name in misspelt():
        log.warning("unknown_setting", name=name, remedy="check its spelling in docs/settings.md")

    def serving() -> None:
        log.info("serving", host=host, port=port, workers=workers, routing=str(settings.routing))

    with tempfile.TemporaryDirectory(prefix="strangler-metrics-") as folder:
        os.environ[MULTIPROCESS_FOLDER] = folder
        os.environ[INSTANCE] = secrets.token_hex(6)
        code = supervise(
            WORKER,
            sockets,
            workers,
            Limits(drain=settings.drain_timeout),
            bridge=BRIDGE if settings.bridge == "auto" and settings.has_both_databases else (),
            shadow=SHADOW if settings.compares_aside else (),
            on_serving=serving,
        )
    if code:
        raise SystemExit(code)


def preflight(settings: Settings) -> RoutingConfig:
    """Refuse to start where a worker could only fail: settings and routing.yaml, read whole."""
    with uncollected():
        from proxy.abilities import abilities_under, legacy_pages, manifest_of
        from proxy.accounts import check

    manifest = manifest_of(settings)
    check(settings, manifest)
    able = abilities_under(settings, manifest)
    legacy_pages(manifest, able)
    try:
        config = load(settings.routing, able)
    except RoutingError as error:
        raise SettingsError(*str(error).splitlines()) from None
    if not config.legacy.urls:
        settings.require("legacy_url", "it says where the legacy site answers (http://host:port)")
    for name, domain in config.domains.items():
        if side(domain.held, "GET", pinned=False) is Side.NATIVE:
            settings.require(
                "database_url", f"domain {name} is in phase {domain.phase} in {settings.routing}"
            )
    return config
