"""From finished requests to the telemetry, and from the worker's state to its gauges."""

from collections.abc import Callable

from proxy.forwarding.breaker import State
from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.forwarding.forwarder import Forwarder
from proxy.server.request import Request
from proxy.server.serving import Serving
from proxy.telemetry import Telemetry
from proxy.telemetry.families import (
    CONNECTIONS,
    IN_FLIGHT,
    REFUSED,
    RETRIES,
    UPSTREAM_CONNECTIONS,
    UPSTREAM_STATE,
    UPSTREAM_WAITING,
)
from proxy.traffic.counting import Hits

_STATES = {State.CLOSED: 0.0, State.HALF_OPEN: 1.0, State.OPEN: 2.0}


class Records:
    """What the server calls at the end of each request."""

    def __init__(
        self,
        telemetry: Telemetry,
        left: Callable[[str], None] | None = None,
        hits: Hits | None = None,
    ) -> None:
        """`left` hears of the end of each request that may have written, with its domain. `hits`
        are counted where somebody reads them."""
        self._left = left
        self._hits = hits
        self._telemetry = telemetry
        self._record = telemetry.record

    def record(self, request: Request, now: float) -> None:
        fault = request.fault
        self._record(
            request.method,
            request.path,
            request.address,
            request.id,
            request.owner,
            request.domain,
            request.status,
            now - request.began,
            request.sent,
            request.received,
            None if fault is None else Fault(Stage(fault[0]), Side(fault[1]), Cause(fault[2])),
            request.upstream_seconds,
            request.upstream,
        )
        if request.route is not None and self._hits is not None:
            self._hits[request.domain, request.route, request.owner] += 1
        if self._left is not None:
            for domain in request.writes_to:
                self._left(domain)

    def refused(self, status: int) -> None:
        self._telemetry.count(REFUSED, str(status))


def watch(telemetry: Telemetry, serving: Serving, forwarder: Forwarder) -> None:
    """Let the metrics page show what there is at its time."""

    def connections() -> dict[tuple[str, ...], float]:
        busy = serving.in_flight
        return {("busy",): busy, ("idle",): len(serving.clients) - busy}

    def upstream_connections() -> dict[tuple[str, ...], float]:
        shown: dict[tuple[str, ...], float] = {}
        for member in forwarder.upstreams.members:
            shown[member.name, "idle"] = len(member.pool.idle)
            shown[member.name, "busy"] = member.pool.busy
        return shown

    def states() -> dict[tuple[str, ...], float]:
        return {
            (member.name,): _STATES[member.breaker.state] if member.healthy else 2.0
            for member in forwarder.upstreams.members
        }

    def retried(allowed: bool) -> None:
        telemetry.count(RETRIES, "sent" if allowed else "over_budget")

    forwarder.on_retry = retried
    telemetry.gauge(IN_FLIGHT, lambda: {(): serving.in_flight})
    telemetry.gauge(CONNECTIONS, connections)
    telemetry.gauge(UPSTREAM_CONNECTIONS, upstream_connections)
    telemetry.gauge(
        UPSTREAM_WAITING,
        lambda: {(): sum(member.pool.waiting for member in forwarder.upstreams.members)},
    )
    telemetry.gauge(UPSTREAM_STATE, states)
