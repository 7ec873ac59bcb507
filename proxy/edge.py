"""One request, from the visitor to whoever answers it.

    1. the proxy's own pages     /__strangler__/… shadows nothing else
    2. who asks                  visitor's address, scheme, request id; forged fields do not count
    3. match                     raw path and method against the table in force at this moment
    4. side                      the phase's row for this method, a pin, a forced side
    5. native                    the Litestar app answers, or finds nothing there
    6. nothing there             the legacy side may know a redirect or a page; else our 404 stands
    7. legacy                    forward, byte for byte
    8. record                    one line in the log, one observation in the metrics

The edge decides before any router: a catch-all route cannot, as Litestar's trie does not backtrack.
It knows no domain, and no domain knows it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from proxy.answer import Answer, Held, Receive, Send
from proxy.forwarding.forwarder import AnswerBrokenError, ForwardContext, Outcome
from proxy.ownership.phases import SAFE_METHODS, Side, side
from proxy.routing.table import Match, RoutingTable
from proxy.settings import Network
from proxy.telemetry import FAULTS, IN_FLIGHT, RequestRecord, Telemetry
from proxy.visitor import Scope, Visitor, field, host_is_allowed, identify

OWN_PREFIX = b"/__strangler__/"
NOT_FOUND = "strangler.not_found"
"""Set in the scope by the native side before it answers 404, or 301 to the path with a slash."""

TRUSTED_PEER_KEY = "strangler.trusted_peer"
"""Tells the native side whether X-Forwarded-For comes from one of our own front servers."""

Application = Callable[[Scope, Receive, Send], Any]


class Forwards(Protocol):
    """What the edge needs of the forwarder."""

    async def forward(
        self, scope: Scope, receive: Receive, send: Send, context: ForwardContext
    ) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeConfig:
    """`allow_force`: anyone may choose a side with Strangler-Force (development only).

    A request for a host that is not one of `allowed_hosts` is the legacy site's to refuse.
    """

    trusted: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    owner_headers: bool = True
    allow_force: bool = False


class Edge:
    """The ASGI application in front of both worlds. `native` is None where no database is set."""

    def __init__(
        self,
        config: EdgeConfig,
        table: Callable[[], RoutingTable],
        native: Application | None,
        forwarder: Forwards,
        own: Application,
        telemetry: Telemetry,
    ) -> None:
        self._config = config
        self._table = table
        self._native = native
        self._forwarder = forwarder
        self._own = own
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        path = raw_path(scope)
        visitor = identify(scope, self._config.trusted)
        answer = Answer(send, visitor.request_id, stamped=self._config.owner_headers)
        IN_FLIGHT.inc()
        outcome: Outcome | None = None
        try:
            if path.startswith(OWN_PREFIX):
                answer.owner = "proxy"
                scope["strangler.visitor"] = visitor
                await self._own(scope, receive, answer)
            else:
                outcome = await self._answer(scope, path, receive, answer, visitor)
        except AnswerBrokenError as broken:
            outcome = broken.outcome
            raise
        finally:
            IN_FLIGHT.dec()
            self._record(scope, path, visitor, answer, outcome, time.perf_counter() - started)

    async def _answer(
        self, scope: Scope, path: bytes, receive: Receive, answer: Answer, visitor: Visitor
    ) -> Outcome | None:
        method = scope.get("method", "GET")
        match = self._table().match(method, path)
        answer.domain = match.domain
        context = ForwardContext(visitor.request_id, visitor.trusted_peer)
        if self._native is None or self._side(scope, match, method) is Side.LEGACY:
            answer.owner = "legacy"
            return await self._forwarder.forward(scope, receive, answer, context)
        answer.owner = "native"
        return await self._ask_native(self._native, scope, receive, answer, context, visitor)

    def _side(self, scope: Scope, match: Match, method: str) -> Side:
        if match.domain is None or scope["type"] == "websocket":
            return Side.LEGACY
        if not host_is_allowed(scope, self._config.allowed_hosts):
            return Side.LEGACY
        if self._config.allow_force and (forced := field(scope, b"strangler-force")):
            return Side.NATIVE if forced == b"native" and not match.pinned else Side.LEGACY
        return side(match.phase, method, pinned=match.pinned)

    async def _ask_native(
        self,
        native: Application,
        scope: Scope,
        receive: Receive,
        answer: Answer,
        context: ForwardContext,
        visitor: Visitor,
    ) -> Outcome | None:
        """Let the native side answer; where it finds nothing, let the legacy side say more.

        Django asks its stored redirects and CMS pages after any 404 (site.md §2). Until the pages
        domain is native they are the legacy side's to know. When that side is down, or the request
        could change something, the native answer stands.
        """
        scope = {**scope, "scheme": visitor.scheme, TRUSTED_PEER_KEY: visitor.trusted_peer}
        if scope["method"] not in SAFE_METHODS:
            await native(scope, receive, answer)
            return None
        nothing_there = Held(answer, when=lambda _: bool(scope.get(NOT_FOUND)))
        await native(scope, receive, nothing_there)
        if not nothing_there.held:
            return None
        legacy = Held(answer, when=lambda status: status in (502, 503, 504))
        answer.owner = "legacy"
        outcome = await self._forwarder.forward(scope, receive, legacy, context)
        if outcome.fault is None:
            await legacy.release()
            return outcome
        answer.owner = "native"
        await nothing_there.release()
        return None

    def _record(
        self,
        scope: Scope,
        path: bytes,
        visitor: Visitor,
        answer: Answer,
        outcome: Outcome | None,
        seconds: float,
    ) -> None:
        fault = outcome.fault if outcome else None
        if fault:
            FAULTS.labels(*fault).inc()
        self._telemetry.record(
            RequestRecord(
                method=scope.get("method", "WEBSOCKET"),
                path=path.decode("latin-1"),
                client=visitor.address,
                request_id=visitor.request_id,
                owner=answer.owner,
                domain=answer.domain or "-",
                status=answer.status,
                seconds=seconds,
                sent=answer.sent,
                fault="/".join(fault) if fault else None,
                upstream_seconds=outcome.upstream_seconds if outcome else None,
            )
        )


def raw_path(scope: Scope) -> bytes:
    """The path as the visitor sent it, undecoded, without the query."""
    raw: bytes | None = scope.get("raw_path")
    if raw is None:
        raise LookupError("the ASGI server gives no raw_path; serve with `strangler serve`")
    return raw.partition(b"?")[0]
