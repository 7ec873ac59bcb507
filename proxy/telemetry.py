"""What the proxy tells of itself: one line a request, events, Prometheus metrics."""

import asyncio
import logging
import os
import sys
import time
from dataclasses import dataclass
from typing import BinaryIO

import msgspec
import structlog
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = Counter(
    "strangler_requests", "Requests answered, by who answered them.", ("owner", "domain", "status")
)
SECONDS = Histogram(
    "strangler_request_seconds",
    "From the request's head to the end of the answer.",
    ("owner", "domain"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
FAULTS = Counter(
    "strangler_forward_faults",
    "Forwarded requests that failed: at which stage, on whose side, how.",
    ("stage", "side", "cause"),
)
RELOADS = Counter("strangler_routing_reloads", "Edits of routing.yaml seen.", ("result",))
ROUTING_FAULTS = Gauge(
    "strangler_routing_faults",
    "Faults in routing.yaml as it is on disk; above 0 the last good table is in force.",
    multiprocess_mode="livemax",
)
IN_FLIGHT = Gauge(
    "strangler_requests_in_flight",
    "Requests being answered now.",
    multiprocess_mode="livesum",
)


def render_metrics() -> bytes:
    """The Prometheus page; with several workers, the sum over all of them."""
    if MULTIPROCESS_FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


@dataclass(slots=True)
class RequestRecord:
    """What is said of one request. The query is left out: it may carry a token."""

    method: str
    path: str
    client: str
    request_id: str
    owner: str
    domain: str
    status: int
    seconds: float
    sent: int
    fault: str | None = None
    upstream_seconds: float | None = None


class AccessLog:
    """One JSON line a request, written in batches so that a log costs no system call each.

    Lines wait at most `delay` seconds, or until `limit` bytes have gathered.
    """

    def __init__(self, out: BinaryIO, delay: float = 0.2, limit: int = 64 * 1024) -> None:
        self._out = out
        self._delay = delay
        self._limit = limit
        self._waiting: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._encode = msgspec.json.Encoder().encode

    def write(self, record: RequestRecord) -> None:
        line = self._encode(_line(record))
        self._waiting.append(line)
        self._size += len(line)
        if self._size >= self._limit:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._delay, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._waiting, self._size = self._waiting, [], 0
        if lines:
            self._out.write(b"\n".join(lines) + b"\n")
            self._out.flush()


def _line(record: RequestRecord) -> dict[str, object]:
    line: dict[str, object] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "event": "request",
        "method": record.method,
        "path": record.path,
        "status": record.status,
        "owner": record.owner,
        "domain": record.domain,
        "ms": round(record.seconds * 1000, 2),
        "sent": record.sent,
        "client": record.client,
        "request_id": record.request_id,
    }
    if record.upstream_seconds is not None:
        line["upstream_ms"] = round(record.upstream_seconds * 1000, 2)
    if record.fault is not None:
        line["fault"] = record.fault
    return line


class Telemetry:
    """Takes the record of each request to the log and to the metrics."""

    def __init__(self, access_log: AccessLog) -> None:
        self.access_log = access_log

    def record(self, record: RequestRecord) -> None:
        REQUESTS.labels(record.owner, record.domain, record.status).inc()
        SECONDS.labels(record.owner, record.domain).observe(record.seconds)
        self.access_log.write(record)


def configure_logging(log_format: str) -> None:
    """Events as JSON lines, or coloured for a terminal; the standard library's loggers too."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if log_format == "console"
        else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    plain = logging.StreamHandler(sys.stderr)
    plain.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[plain], level=logging.WARNING, force=True)
