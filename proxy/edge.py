"""One request, from the visitor to whoever answers it.

    1. who asks                  visitor's address, request id; forged fields do not count
    2. the proxy's own pages     /__strangler__/… shadows nothing else
    3. match                     raw path and method against the table in force at this moment
    4. owner                     what may write waits while the domain's rows are handed over
       side                      the phase's row for this method, a pin, a forced side
    5. legacy                    forward, byte for byte
    6. native                    the Litestar app answers, or finds nothing there
    7. nothing there             the legacy side may know a redirect or a page; else our 404 stands

The edge decides before any router: a catch-all route cannot, as Litestar's trie does not backtrack.
It knows no domain, and no domain knows it. Who answered is recorded with the request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from legacy_bridge.replication.owners import Owner
from proxy.ownership.phases import SAFE_METHODS, Phase, Side, side
from proxy.ownership.standing import carried_out
from proxy.routing.table import Match, RoutingTable
from proxy.server.asgi import Application, Native, scope_of
from proxy.server.client import Client
from proxy.server.request import Request
from proxy.settings import Network
from proxy.visitor import believe, host_is_allowed, scheme_of

OWN_PREFIX = b"/__strangler__/"
NOT_FOUND = "strangler.not_found"
"""Set in the scope by the native side before it answers 404, or 301 to the path with a slash."""

TRUSTED_PEER_KEY = "strangler.trusted_peer"
"""Tells the native side whether X-Forwarded-For comes from one of our own front servers."""

VISITOR_KEY = "strangler.visitor"
"""The visitor's address, for the proxy's own pages."""


class Forwards(Protocol):
    """What the edge needs of the forwarder."""

    def forward(
        self, client: Client, request: Request, fallback: Callable[[], None] | None = None
    ) -> None: ...


class Ownership(Protocol):
    """What the edge needs to know of domains whose rows can be handed over."""

    domains: frozenset[str]

    def owner(self, domain: str) -> Owner: ...

    def must_hold(self, domain: str) -> bool: ...

    def hold(self, client: Client, request: Request, domain: str) -> None:
        """Until the owner is known; then `Edge.decide` is asked again."""

    def entered(self, request: Request, domain: str) -> None:
        """The request is on its way, and may write."""


class Routes(Protocol):
    """Where the table in force is found."""

    table: RoutingTable


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
    """Gives each request its course. `native` is None where no database is set."""

    def __init__(
        self,
        config: EdgeConfig,
        routing: Routes,
        native: Application | None,
        forwarder: Forwards,
        own: Application,
        ownership: Ownership | None = None,
    ) -> None:
        self._ownership = ownership
        self._movable = ownership.domains if ownership else frozenset()
        self._config = config
        self._routing = routing
        self._native = native
        self._forward = forwarder.forward
        self._own = own

    def answer(self, client: Client, request: Request) -> None:
        if client.trusted:
            believe(request, self._config.trusted)
        path = request.path
        if path.startswith(OWN_PREFIX):
            self._answer_own(client, request)
            return
        self.decide(client, request)

    def decide(self, client: Client, request: Request) -> None:
        """Steps 3 to 7, for a request that comes or was held."""
        path = request.path
        method = request.method.decode("ascii")
        match = self._routing.table.match(method, path)
        request.domain = match.domain
        if (
            match.domain in self._movable
            and method not in SAFE_METHODS
            and self._held(client, request, match.domain)
        ):
            return
        native = self._native
        if (
            match.domain is None
            or native is None
            or self._side(request, match, method) is Side.LEGACY
        ):
            self._stamp(request, "legacy")
            self._forward(client, request)
        else:
            self._stamp(request, "native")
            self._ask_native(native, client, request, method)

    def _held(self, client: Client, request: Request, domain: str | None) -> bool:
        """Whether a request that may write waits for the owner of the rows."""
        ownership = self._ownership
        if ownership is None or domain is None:
            return False
        if ownership.must_hold(domain):
            ownership.hold(client, request, domain)
            return True
        ownership.entered(request, domain)
        return False

    def _answer_own(self, client: Client, request: Request) -> None:
        self._stamp(request, "proxy")
        scope = scope_of(client, request)
        scope[VISITOR_KEY] = request.address
        scope[TRUSTED_PEER_KEY] = client.trusted
        Native(client, request).begin(self._own, scope)

    def _side(self, request: Request, match: Match, method: str) -> Side:
        plan = request.plan
        if plan.websocket or not host_is_allowed(plan.host, self._config.allowed_hosts):
            return Side.LEGACY
        if self._config.allow_force and plan.force:
            return Side.NATIVE if plan.force == b"native" and not match.pinned else Side.LEGACY
        return side(self._phase(match), method, pinned=match.pinned)

    def _phase(self, match: Match) -> Phase:
        """The phase that the domain has: that of the file, unless its rows say otherwise."""
        if match.domain not in self._movable or self._ownership is None:
            return match.phase
        return carried_out(match.wanted, match.phase, self._ownership.owner(match.domain))

    def _ask_native(
        self, native: Application, client: Client, request: Request, method: str
    ) -> None:
        """Let the native side answer; where it finds nothing, let the legacy side say more.

        Django asks its stored redirects and CMS pages after any 404 (site.md §2). Until the pages
        domain is native they are the legacy side's to know. When that side is down, or the request
        could change something, the native answer stands.
        """
        scope = scope_of(client, request)
        scope["scheme"] = scheme_of(request, trusted_peer=client.trusted)
        scope[TRUSTED_PEER_KEY] = client.trusted
        if method not in SAFE_METHODS or request.plan.length:
            Native(client, request).begin(native, scope)
            return

        def nothing_there(_: int) -> bool:
            return bool(scope.get(NOT_FOUND))

        def ask_legacy(held: Native) -> None:
            self._stamp(request, "legacy")
            self._forward(client, request, lambda: keep(held))

        def keep(held: Native) -> None:
            self._stamp(request, "native")
            held.release()

        Native(client, request, nothing_there, ask_legacy).begin(native, scope)

    def _stamp(self, request: Request, owner: str) -> None:
        request.owner = owner
        if self._config.owner_headers:
            request.stamp = stamp(owner, request.domain)


@lru_cache(maxsize=256)
def stamp(owner: str, domain: str | None) -> bytes:
    """The field lines that say who answered."""
    lines = f"Strangler-Owner: {owner}\r\n"
    if domain is not None:
        lines += f"Strangler-Domain: {domain}\r\n"
    return lines.encode("ascii")
