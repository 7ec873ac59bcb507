"""Start the workers, after everything that can be wrong beforehand has been looked at."""

import multiprocessing
import os
import secrets
import socket
import tempfile
from pathlib import Path

import structlog
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

from proxy.ownership.phases import Side, side
from proxy.routing.config import RoutingConfig
from proxy.routing.parse import RoutingError, load
from proxy.settings import Settings, SettingsError, misspelt
from proxy.telemetry import MULTIPROCESS_FOLDER, configure_logging

BACKLOG = 4096
CONNECTIONS_A_WORKER = 8192
DRAIN_SECONDS = 30

log = structlog.get_logger("serve")


def run(host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises `SettingsError` for whatever keeps it from starting."""
    settings = Settings.load()
    configure_logging(settings.log_format)
    preflight(settings)
    check_free(host, port)
    for name in misspelt():
        log.warning("unknown_setting", name=name, remedy="check its spelling in docs/settings.md")
    with tempfile.TemporaryDirectory(prefix="strangler-metrics-") as folder:
        # A forked worker would inherit metrics that this process has already made single-process.
        multiprocessing.set_start_method("spawn", force=True)
        os.environ[MULTIPROCESS_FOLDER] = folder
        os.environ["STRANGLER_INSTANCE"] = secrets.token_hex(6)
        log.info("serving", host=host, port=port, workers=workers, routing=str(settings.routing))
        Server(
            "proxy.app:create_app",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            workers=workers,
            loop=Loops.uvloop,
            http=HTTPModes.http1,
            websockets=True,
            backlog=BACKLOG,
            backpressure=CONNECTIONS_A_WORKER,
            respawn_failed_workers=True,
            workers_kill_timeout=DRAIN_SECONDS,
            log_level=LogLevels.warning,
            working_dir=Path.cwd(),
        ).serve()


def preflight(settings: Settings) -> RoutingConfig:
    """Refuse to start where a worker could only fail: settings and routing.yaml, read whole."""
    from ported_domains.registry import DOMAINS

    settings.require("legacy_url", "it says where the legacy site answers (http://host:port)")
    try:
        config = load(settings.routing, DOMAINS)
    except RoutingError as error:
        raise SettingsError(*str(error).splitlines()) from None
    for name, domain in config.domains.items():
        if side(domain.phase, "GET", pinned=False) is Side.NATIVE:
            settings.require(
                "database_url", f"domain {name} is in phase {domain.phase} in {settings.routing}"
            )
    return config


def check_free(host: str, port: int) -> None:
    """Raise `SettingsError` where somebody else listens already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {host}:{port}: {error.strerror} — "
                "choose another with --port, or stop what uses it"
            ) from None
