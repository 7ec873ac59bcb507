"""What is counted and measured, by the names that dashboards know."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Counter(NamedTuple):
    """Only ever grows; the page shows the sum over all workers, those that ended too."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


class Gauge(NamedTuple):
    """As it is now; `across` makes one figure of those of all live workers."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    across: Callable[[Iterable[float]], float] = sum


REQUESTS = Counter(
    "strangler_requests_total",
    "Requests answered, by who answered them.",
    ("owner", "domain", "status"),
)
SECONDS_NAME = "strangler_request_seconds"
SECONDS_HELP = "From the request's head to the end of the answer."
SECONDS_LABELS = ("owner", "domain")
BYTES = Counter(
    "strangler_bytes_total",
    "Octets of bodies: received from clients, sent to clients.",
    ("direction",),
)

FAULTS = Counter(
    "strangler_forward_faults_total",
    "Forwarded requests that failed: at which stage, on whose side, how.",
    ("stage", "side", "cause"),
)
RETRIES = Counter(
    "strangler_retries_total", "Requests sent upstream again, by what came of it.", ("result",)
)
REFUSED = Counter(
    "strangler_refused_total", "Malformed requests refused at the door, by status.", ("status",)
)
RELOADS = Counter("strangler_routing_reloads_total", "Edits of routing.yaml seen.", ("result",))
LOST = Counter(
    "strangler_access_log_lost_total", "Access-log lines that could not be written: they are gone."
)
CACHE = Counter(
    "strangler_cache_total",
    "Native answers and the cache: hit, miss, joined (made for another request), untrusted "
    "(nothing is heard of changes), unfit, outdated, kept, evicted, invalidated.",
    ("what",),
)
SHADOW = Counter(
    "strangler_shadow_total",
    "Requests that were to be compared: compared, moved (the data changed meanwhile), left (to the "
    "legacy side), differing, behind (the native rows were), late, unsure, dropped (nobody had "
    "time), useless, large, failed.",
    ("what",),
)
COUNTERS = (FAULTS, RETRIES, REFUSED, RELOADS, LOST, CACHE, SHADOW)
"""Those of `Telemetry.count`; REQUESTS, BYTES and the seconds come of `Telemetry.record`."""

ROUTING_FAULTS = Gauge(
    "strangler_routing_faults",
    "Faults in routing.yaml as it is on disk; above 0 the last good table is in force.",
    across=max,
)
IN_FLIGHT = Gauge("strangler_requests_in_flight", "Requests being answered now.")
HELD = Gauge("strangler_requests_held", "Requests that wait while rows are handed over.")
CONNECTIONS = Gauge("strangler_connections", "Clients' connections.", ("state",))
UPSTREAM_CONNECTIONS = Gauge(
    "strangler_upstream_connections", "Connections to upstreams.", ("upstream", "state")
)
UPSTREAM_WAITING = Gauge(
    "strangler_upstream_waiting", "Requests in line for a connection to an upstream."
)
UPSTREAM_STATE = Gauge(
    "strangler_upstream_state",
    "0 takes requests, 1 is being probed, 2 takes none; the worst that any worker sees.",
    ("upstream",),
    across=max,
)
CACHE_BYTES = Gauge("strangler_cache_bytes", "Octets of native answers kept, over all workers.")
CACHE_ENTRIES = Gauge("strangler_cache_entries", "Native answers kept, over all workers.")
CACHE_LISTENING = Gauge(
    "strangler_cache_listening",
    "1 while every worker hears of changes; at 0 one of them keeps no answers.",
    across=min,
)
