"""Which requests a front server gives to the proxy, and which straight to the legacy site. Pure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from proxy.edge import OWN_PREFIX
from proxy.ownership.phases import Phase
from proxy.routing.config import RoutingConfig
from proxy.routing.rules import Rule, in_order


@dataclass(frozen=True, slots=True)
class Passage:
    """Requests for `path` (a regular expression for the whole raw path, without query), with one of
    `methods` if any are given, go to the proxy or to the legacy site. `why` is for who reads it."""

    path: str
    methods: tuple[str, ...]
    to_proxy: bool
    why: str

    def takes(self, method: str, path: str) -> bool:
        of_method = not self.methods or method in self.methods
        return of_method and re.fullmatch(self.path, path, re.DOTALL) is not None


def passages(config: RoutingConfig, retired: Collection[str] = ()) -> tuple[Passage, ...]:
    """In the order of decision: the first that takes a request counts; without one it is the legacy
    site's. `retired` domains are so whatever the file wants."""
    own = re.escape(OWN_PREFIX.decode("ascii"))
    found = [Passage(f"{own}.*", (), to_proxy=True, why="the proxy's own pages")]
    for rule in in_order(config):
        gone = rule.domain in retired
        phase = Phase.RETIRED if gone else config.domains[rule.domain].phase
        found.append(_passage(rule, phase))
    while found and not found[-1].to_proxy:
        found.pop()  # what is left is the legacy site's anyway
    return tuple(found)


def _passage(rule: Rule, phase: Phase) -> Passage:
    """Whatever may write to a domain that is on its way, pinned paths too, the proxy has to see."""
    to_proxy = phase is not Phase.LEGACY
    return Passage(_pattern(rule), rule.methods or (), to_proxy, f"{rule.domain}, {phase}")


def _pattern(rule: Rule) -> str:
    literal = re.escape(rule.literal.decode("ascii"))
    return literal if rule.exact else f"{literal}(/.*)?" if literal else "/.*"


def groups(found: tuple[Passage, ...]) -> Iterator[tuple[Passage, str]]:
    """Each with the name of its server."""
    for passage in found:
        yield passage, "strangler" if passage.to_proxy else "legacy"


def place_of(url: str) -> tuple[str, int]:
    """Host and port of a server."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
