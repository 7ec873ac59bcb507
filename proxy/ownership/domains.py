"""What a worker's edge asks about domains: which phase they have, and whether their rows move."""

from collections.abc import Callable

from proxy.ownership.holding import Holding
from proxy.ownership.standing import LEGACY_OWNS, Placed, placed
from proxy.ownership.watch import OwnershipWatch
from proxy.routing.table import Match
from proxy.server.client import Client
from proxy.server.held import Again
from proxy.server.request import Request


class MovableDomains:
    """`worker` names this one among all; `digest` is of the routing.yaml in force."""

    def __init__(
        self, url: str, worker: str, domains: frozenset[str], digest: Callable[[], str]
    ) -> None:
        self.domains = domains
        self._holding = Holding(_too_early)
        self._watch = OwnershipWatch(
            url,
            worker,
            quiet=self._holding.quiet,
            digest=digest,
            changed=self._changed,
        )
        self._holding.on_quiet = self._watch.poke_for
        self.run = self._watch.run
        self.must_hold = self._watch.must_hold
        self.entered = self._holding.entered
        self.left = self._holding.left
        self.told = self._watch.told

    def decide_by(self, again: Again) -> None:
        """Who gives a request that was held its course."""
        self._holding.again = again

    def placed(self, match: Match) -> Placed:
        """Where the domain of a request is now."""
        standing = self._watch.of(match.domain) if match.domain else LEGACY_OWNS
        return placed(match.wanted, match.phase, match.weight, standing)

    def hold(self, client: Client, request: Request, domain: str) -> None:
        self._holding.hold(client, request, domain)

    @property
    def held(self) -> int:
        """Requests that wait now."""
        return self._holding.held

    def _changed(self) -> None:
        for domain in self.domains:
            if not self._watch.must_hold(domain):
                self._holding.release(domain)


def _too_early(client: Client, request: Request) -> None:
    raise RuntimeError("a request was held before there was an edge")
