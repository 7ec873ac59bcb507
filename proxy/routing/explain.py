"""What a table means, for people: who answers, which rule decided, what is held back."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from proxy.ownership.phases import SAFE_METHODS, Hold, Phase, Side, side
from proxy.routing.config import RoutingConfig
from proxy.routing.legacy_pages import LegacyPage
from proxy.routing.rules import Rule
from proxy.routing.table import RoutingTable


@dataclass(frozen=True, slots=True)
class Note:
    """Something in a sound file that may surprise."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule and who answers its safe and other methods; None where it is not for them."""

    rule: Rule
    wanted: Phase
    phase: Phase
    safe: Side | None
    other: Side | None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A rule that covers the path of a request and did not decide, and why."""

    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who answers one request, and why. Without a rule the legacy site does. `legacy_page`: what it
    alone has there; `passed_on`: whether that is the reason, which it is not of what is retired."""

    owner: Side
    wanted: Phase
    phase: Phase
    hold: Hold | None
    rule: Rule | None
    others: tuple[PassedOver, ...]
    legacy_page: LegacyPage | None
    passed_on: bool


def notes(config: RoutingConfig) -> Iterator[Note]:
    """What the file asks for and does not get."""
    for name, domain in config.domains.items():
        if hold := domain.hold:
            yield Note(
                domain.line, f"{name}: {domain.phase} is held at {hold.phase}: {hold.reason}"
            )
        if domain.weight is not None and domain.phase is not Phase.CANARY:
            yield Note(domain.line, f"{name}: weight counts in phase canary only")


def unported(config: RoutingConfig, known: Collection[str]) -> Iterator[Note]:
    """Domains that have no code: a file may name them before they are ported."""
    strangers = {name: domain.line for name, domain in config.domains.items() if name not in known}
    if strangers:
        names = ", ".join(f"{name}{_guess(name, known)}" for name in strangers)
        message = f"not ported yet, so to be left in phase legacy: {names}"
        yield Note(min(strangers.values()), message)


def _guess(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f" (or is it {near[0]}?)" if near else ""


def listed(table: RoutingTable, config: RoutingConfig) -> Iterator[Listed]:
    """All rules in the order in which they decide."""
    for rule in table.rules:
        domain = config.domains[rule.domain]
        safe = rule.methods is None or not SAFE_METHODS.isdisjoint(rule.methods)
        other = rule.methods is None or not SAFE_METHODS.issuperset(rule.methods)
        yield Listed(
            rule,
            domain.phase,
            domain.held,
            side(domain.held, "GET", rule.pinned) if safe else None,
            side(domain.held, "POST", rule.pinned) if other else None,
        )


def explain(
    table: RoutingTable, config: RoutingConfig, method: str, raw_path: bytes
) -> Explanation:
    """Who answers a request. `raw_path` is as it comes over the wire, without query."""
    match = table.match(method, raw_path)
    others = tuple(
        PassedOver(rule, _why(rule, match.rule, method))
        for rule in table.rules
        if rule.covers(raw_path) and rule != match.rule
    )
    owner = side(match.phase, method, match.pinned or match.passed_on)
    hold = None if match.domain is None else config.domains[match.domain].hold
    return Explanation(
        owner,
        match.wanted,
        match.phase,
        hold,
        match.rule,
        others,
        match.legacy_page,
        match.passed_on,
    )


def _why(rule: Rule, winner: Rule | None, method: str) -> str:
    if winner is None or not rule.takes(method):
        return f"is for {', '.join(rule.methods or ())} only"
    if winner.exact and not rule.exact:
        return "an exact path wins over a prefix"
    if len(winner.literal) > len(rule.literal):
        return "a longer path wins"
    return "a rule with methods wins over one without"
