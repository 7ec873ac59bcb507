"""The immutable matcher, asked once a request: a dictionary of exact paths, a trie of prefixes."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from proxy.ownership.phases import SAFE_METHODS, Phase
from proxy.routing.config import DomainConfig, RoutingConfig
from proxy.routing.legacy_pages import LegacyPage, LegacyPages
from proxy.routing.rules import Rule, in_order


@dataclass(frozen=True, slots=True)
class Match:
    """Whose a request is. `wanted` is the phase of the file, `phase` the one that the domain has;
    `weight` is percent of visitors, if given.

    Without a domain no rule took the request, and it goes to the legacy site. `legacy_page`: what
    the legacy site alone has at this path, so that it is asked as if the rule were pinned, unless
    the domain is retired; or the one that this page is of: `home`, where routing.yaml has it, or
    where it is ported and not named. `page_of`: the domain that a page of either side is of, of a
    native one as far as the request may write.
    """

    domain: str | None
    wanted: Phase
    phase: Phase
    pinned: bool
    rule: Rule | None
    weight: float | None
    legacy_page: LegacyPage | None = None
    home: "Match | None" = None
    page_of: str | None = None

    @property
    def domains(self) -> tuple[str, ...]:
        """Those whose rows it may write: the rule's, and the one whose page it is."""
        own = () if self.domain is None else (self.domain,)
        return own if self.page_of in (None, self.domain) else (*own, str(self.page_of))

    @property
    def passed_on(self) -> bool:
        """Whether it goes to the legacy side for its page, as far as the file knows who is
        retired."""
        homes = (self, self.home) if self.home else (self,)
        return self.legacy_page is not None and all(
            home.wanted is not Phase.RETIRED for home in homes
        )


KNOWN_PATHS = 4096
LONGEST_KNOWN = 256
"""Paths that were matched lately are known by heart, if they and the method are not longer
(octets)."""

UNMATCHED = Match(None, Phase.LEGACY, Phase.LEGACY, False, None, None)


@dataclass(slots=True)
class _Node:
    """What is known of one segment: the rules that end here, and the segments below."""

    by_method: dict[str, Match] = field(default_factory=dict)
    any_method: Match | None = None
    below: dict[bytes, "_Node"] = field(default_factory=dict)

    def add(self, rule: Rule, match: Match) -> None:
        if rule.methods is None:
            self.any_method = match
        else:
            self.by_method.update(dict.fromkeys(rule.methods, match))


class RoutingTable:
    """Who answers what. Built whole from a config that has no faults; never changed."""

    __slots__ = ("_deepest", "_domains", "_exact", "_known", "_prefixes", "legacy_pages", "rules")

    rules: tuple[Rule, ...]

    def __init__(
        self,
        rules: tuple[Rule, ...],
        domains: Mapping[str, DomainConfig],
        legacy_pages: LegacyPages | None = None,
    ) -> None:
        self.rules = rules
        self.legacy_pages = legacy_pages
        self._domains = {name: _match(name, domain) for name, domain in domains.items()}
        self._exact: dict[bytes, _Node] = {}
        self._prefixes = _Node()
        self._deepest = 0
        self._known: dict[tuple[str, bytes], Match] = {}
        for rule in rules:
            self._node(rule).add(rule, _match(rule.domain, domains[rule.domain], rule))

    @classmethod
    def build(
        cls, config: RoutingConfig, legacy_pages: LegacyPages | None = None
    ) -> "RoutingTable":
        """The table of a config. Without `legacy_pages` nobody knows what the legacy site alone
        has."""
        return cls(in_order(config), config.domains, legacy_pages)

    def _node(self, rule: Rule) -> _Node:
        if rule.exact:
            return self._exact.setdefault(rule.literal, _Node())
        node = self._prefixes
        segments = rule.literal.split(b"/")[1:]
        self._deepest = max(self._deepest, len(segments))
        for segment in segments:
            node = node.below.setdefault(segment, _Node())
        return node

    def match(self, method: str, raw_path: bytes) -> Match:
        """Whose a request is: the most specific rule that takes its method and path.

        `raw_path` is the path as it came over the wire, undecoded and without query.
        """
        known = self._known
        found = known.get((method, raw_path))
        if found is None:
            found = self._find(method, raw_path)
            if self.legacy_pages is not None and found.rule is not None:
                found = self._with_page(method, raw_path, found, found.rule, self.legacy_pages)
            if len(method) + len(raw_path) <= LONGEST_KNOWN:
                if len(known) >= KNOWN_PATHS:
                    known.clear()
                known[method, raw_path] = found
        return found

    @property
    def domains(self) -> Set[str]:
        """Those that are named."""
        return self._domains.keys()

    @property
    def last_word(self) -> Match:
        """Whose `/**` is: who says what a path means that no page has."""
        root = self._prefixes
        return root.by_method.get("GET", root.any_method) or UNMATCHED

    def _with_page(
        self, method: str, raw_path: bytes, match: Match, rule: Rule, pages: LegacyPages
    ) -> Match:
        """Who writes a narrower rule than `/**` has named what it takes."""
        named = self._domains if rule.takes_all_paths else None
        page = None if rule.pinned else pages.at(raw_path, named)
        if page is None:
            writes = method not in SAFE_METHODS
            return replace(match, page_of=pages.domain_at(raw_path)) if writes else match
        home = self._domains.get(page.app) if page.app else None
        if home is None and page.unnamed:
            home = replace(UNMATCHED, domain=page.app)
        return replace(match, legacy_page=page, home=home, page_of=page.app)

    def _find(self, method: str, raw_path: bytes) -> Match:
        exact = self._exact.get(raw_path)
        if exact is not None:
            found = exact.by_method.get(method, exact.any_method)
            if found is not None:
                return found
        if not raw_path.startswith(b"/"):
            return UNMATCHED
        node = self._prefixes
        found = node.by_method.get(method, node.any_method)
        for segment in raw_path[1:].split(b"/", self._deepest):
            below = node.below.get(segment)
            if below is None:
                break
            node = below
            found = node.by_method.get(method, node.any_method) or found
        return found or UNMATCHED


def _match(name: str, domain: DomainConfig, rule: Rule | None = None) -> Match:
    pinned = rule is not None and rule.pinned
    return Match(name, domain.phase, domain.held, pinned, rule, domain.weight)
