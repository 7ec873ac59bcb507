"""One request, from the visitor to whoever answers it.

    1. who asks                  visitor's address, request id; forged fields do not count
    2. the proxy's own pages     /__strangler__/… shadows nothing else
    3. match                     raw path and method against the table in force at this moment
    4. side                      the phase's row for this method, a pin, a forced side, the canary;
                                 the legacy one where it alone has a page (legacy_pages.py);
                                 of a retired domain the native one, whatever is forced or missing
    5. freshness                 what the visitor has just written on the other side is waited for
    6. fence                     what may write waits while the domain's rows are handed over
    7. legacy                    forward, byte for byte
    8. native                    the Litestar app answers, or finds nothing there
    9. nothing there             the legacy side may know a redirect or a page; else our 404 stands

The edge decides before any router: a catch-all route cannot, as Litestar's trie does not backtrack.
It knows no domain, and no domain knows it. Who answered is recorded with the request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from time import time
from typing import Protocol

from proxy.forcing import may_force
from proxy.freshness import Freshness
from proxy.ownership.canary import Visitor, choose, cookie_name
from proxy.ownership.phases import SAFE_METHODS, Phase, Side, side
from proxy.ownership.standing import Placed
from proxy.routing.table import Match, RoutingTable
from proxy.server.asgi import Application, Native, scope_of
from proxy.server.client import Client
from proxy.server.held import set_aside
from proxy.server.request import Request
from proxy.settings import Network
from proxy.visitor import believe, host_is_allowed, scheme_of
from proxy.wire.cookies import cookie, set_cookie
from proxy.wire.fields import field

OWN_PREFIX = b"/__strangler__/"
NOT_FOUND = "strangler.not_found"
"""Set in the scope by the native side before it answers 404, or 301 to the path with a slash."""

LAST_WORD = "strangler.last_word"
"""Tells the native side who says what a path means that no page has: "legacy" or "native"."""

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
    """What the edge needs to know of how far domains are. `domains` are those whose rows can be
    handed over."""

    domains: frozenset[str]

    def placed(self, match: Match) -> Placed:
        """The phase that the domain has: that of the file, unless it was not let or its rows say
        otherwise."""

    def must_hold(self, domain: str) -> bool: ...

    def hold(self, client: Client, request: Request, domain: str) -> None:
        """Until the owner is known; then `Edge.decide` is asked again."""

    def entered(self, request: Request, domain: str) -> None:
        """The request is on its way, and may write."""


class Tap(Protocol):
    """Who looks at answers of the legacy side, to compare them with what the native side says."""

    def forward(self, client: Client, request: Request, match: Match) -> None: ...


class Routes(Protocol):
    """Where the table in force is found."""

    table: RoutingTable


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeConfig:
    """`allow_force`: anyone may choose a side with Strangler-Force (development only); else who
    brings an operator's pass.

    A request for a host that is not one of `allowed_hosts` is the legacy site's to refuse.
    `key` signs what visitors bring back; empty where there is none.
    """

    trusted: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    owner_headers: bool = True
    allow_force: bool = False
    key: bytes = b""


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
        freshness: Freshness | None = None,
        tap: Tap | None = None,
    ) -> None:
        self._freshness = freshness
        self._tap = tap
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
        """Steps 3 to 9, for a request that comes, has waited or was held."""
        method = request.method.decode("ascii")
        match = self._routing.table.match(method, request.path)
        request.domain = match.domain
        request.route = match.rule.name if match.rule else None
        chosen = request.side or self._side(client, request, match, method)
        if not request.fresh and self._catches_up(client, request, method, chosen):
            return
        if method not in SAFE_METHODS:
            if self._ownership and self._held(client, request, match, self._ownership):
                return
            if self._freshness is not None:
                secure = scheme_of(request, trusted_peer=client.trusted) == "https"
                request.lines = self._freshness.token_line(match.domain, chosen, secure=secure)
        native = self._native
        if native is None or chosen is Side.LEGACY:
            self._stamp(request, "legacy")
            if native is not None and request.side is not None:
                self._forward(client, request, lambda: self._as_it_is(native, client, request))
            elif self._tap is None:
                self._forward(client, request)
            else:
                self._tap.forward(client, request, match)
        else:
            self._stamp(request, "native")
            self._ask_native(native, client, request, method)

    def _catches_up(self, client: Client, request: Request, method: str, chosen: Side) -> bool:
        """Whether the request waits for what its visitor has written on the other side.

        What comes too late is asked where it was written: the legacy side has every page still,
        but for those of retired domains.
        """
        freshness = self._freshness
        if freshness is None or request.plan.websocket:
            return False
        old = request.phase is Phase.RETIRED  # what the legacy side has of it
        late = Side.LEGACY if method in SAFE_METHODS and not old else chosen
        wait = freshness.wait(request.plan.passing, request.domain, chosen, late=late)
        if wait is None:
            return False
        resume = set_aside(client, request, self.decide)

        def answer(arrived: bool) -> None:
            request.fresh = True
            # Who takes a write is decided anew: meanwhile the rows may have another owner.
            keep = arrived or method not in SAFE_METHODS or chosen is wait.late_side
            request.side = None if keep else wait.late_side
            resume()

        freshness.then(wait, answer)
        return True

    def _as_it_is(self, native: Application, client: Client, request: Request) -> None:
        """The side that was written to does not answer: better an older answer than none."""
        self._stamp(request, "native")
        self._ask_native(native, client, request, request.method.decode("ascii"))

    def _held(self, client: Client, request: Request, match: Match, ownership: Ownership) -> bool:
        """Whether a request that may write waits for the owner of the rows: of the rule's domain,
        and of the one whose page it asks for."""
        domains = [domain for domain in match.domains if domain in self._movable]
        for domain in domains:
            if ownership.must_hold(domain):
                ownership.hold(client, request, domain)
                return True
        for domain in domains:
            ownership.entered(request, domain)
        return False

    def _answer_own(self, client: Client, request: Request) -> None:
        self._stamp(request, "proxy")
        scope = scope_of(client, request)
        scope[VISITOR_KEY] = request.address
        scope[TRUSTED_PEER_KEY] = client.trusted
        scope["scheme"] = scheme_of(request, trusted_peer=client.trusted)
        Native(client, request).begin(self._own, scope)

    def _side(self, client: Client, request: Request, match: Match, method: str) -> Side:
        plan = request.plan
        if match.domain is None or self._native is None or plan.websocket:
            return Side.LEGACY
        if not host_is_allowed(plan.host, self._config.allowed_hosts):
            return Side.LEGACY
        placed = self._placed(match)
        retired = placed.phase is Phase.RETIRED
        pinned = match.pinned or (match.legacy_page is not None and self._passes(match, placed))
        if plan.force and not retired and self._may_force(plan.passing):
            return Side.NATIVE if plan.force == b"native" and not pinned else Side.LEGACY
        request.phase = placed.phase
        if placed.phase is Phase.CANARY and method in SAFE_METHODS and not pinned:
            return self._canary(client, request, match.domain, placed)
        return side(placed.phase, method, pinned=pinned)

    def _passes(self, match: Match, placed: Placed) -> bool:
        """Whether what the legacy site alone has is left to it: of a retired domain it has old rows
        only, be that the domain of the rule or the one whose page it is. A domain that is not named
        is the legacy side's unless its rows are the native one's still."""
        if match.home is None:
            return placed.phase is not Phase.RETIRED
        homes = (placed.phase, self._placed(match.home).phase)
        if match.legacy_page and match.legacy_page.unnamed and homes[1] is Phase.NATIVE:
            return False
        return Phase.RETIRED not in homes

    def _placed(self, match: Match) -> Placed:
        ownership = self._ownership
        if ownership is None:
            return Placed(match.phase, match.weight or 0.0)
        return ownership.placed(match)

    def _may_force(self, fields: bytes) -> bool:
        return self._config.allow_force or may_force(fields, self._config.key, time())

    def _canary(self, client: Client, request: Request, domain: str, placed: Placed) -> Side:
        fields = request.plan.passing
        name = cookie_name(domain)
        visitor = Visitor(request.address, field(fields, b"user-agent"), cookie(fields, name))
        chosen = choose(domain, placed, visitor, self._config.key)
        if chosen.cookie is not None:
            secure = scheme_of(request, trusted_peer=client.trusted) == "https"
            request.lines = set_cookie(name, chosen.cookie, secure=secure)
        return Side.NATIVE if chosen.native else Side.LEGACY

    def _ask_native(
        self, native: Application, client: Client, request: Request, method: str
    ) -> None:
        """Let the native side answer; where it finds nothing, let the legacy side say more.

        Django asks its stored redirects and CMS pages after any 404 (site.md §2). They are known to
        the side that answers `/**`: until that is the native one, the legacy side is asked. When
        that side is down, or the request could change something, the native answer stands; so it
        does in a retired domain, of which the legacy side still has rows that are gone.
        """
        scope = scope_of(client, request)
        scope["scheme"] = scheme_of(request, trusted_peer=client.trusted)
        scope[TRUSTED_PEER_KEY] = client.trusted
        retired = request.phase is Phase.RETIRED
        scope[LAST_WORD] = "native" if retired else self._last_word()
        if retired or method not in SAFE_METHODS or request.plan.length:
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

    def _last_word(self) -> str:
        match = self._routing.table.last_word
        if match.domain is None:
            return str(Side.LEGACY)
        return str(side(self._placed(match).phase, "GET", pinned=match.pinned))

    def _stamp(self, request: Request, owner: str) -> None:
        request.owner = owner
        said = stamp(owner, request.domain) if self._config.owner_headers else b""
        request.stamp = said + request.lines


@lru_cache(maxsize=256)
def stamp(owner: str, domain: str | None) -> bytes:
    """The field lines that say who answered."""
    lines = f"Strangler-Owner: {owner}\r\n"
    if domain is not None:
        lines += f"Strangler-Domain: {domain}\r\n"
    return lines.encode("ascii")
