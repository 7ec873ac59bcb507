"""What a table means, for people: who answers, which rule decided, what is held back."""

from collections.abc import Iterator
from dataclasses import dataclass

from proxy.ownership.phases import HELD, SAFE_METHODS, Phase, Side, held, side
from proxy.routing.config import RoutingConfig
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
    """Who answers one request, and why. Without a rule the legacy site does."""

    owner: Side
    wanted: Phase
    phase: Phase
    rule: Rule | None
    others: tuple[PassedOver, ...]


def notes(config: RoutingConfig) -> Iterator[Note]:
    """What the file asks for and does not get."""
    for name, domain in config.domains.items():
        if hold := HELD.get(domain.phase):
            yield Note(
                domain.line, f"{name}: {domain.phase} is held at {hold.phase}: {hold.reason}"
            )
        if domain.weight is not None and domain.phase is not Phase.CANARY:
            yield Note(domain.line, f"{name}: weight counts in phase canary only")


def listed(table: RoutingTable, config: RoutingConfig) -> Iterator[Listed]:
    """All rules in the order in which they decide."""
    for rule in table.rules:
        wanted = config.domains[rule.domain].phase
        safe = rule.methods is None or not SAFE_METHODS.isdisjoint(rule.methods)
        other = rule.methods is None or not SAFE_METHODS.issuperset(rule.methods)
        yield Listed(
            rule,
            wanted,
            held(wanted),
            side(wanted, "GET", rule.pinned) if safe else None,
            side(wanted, "POST", rule.pinned) if other else None,
        )


def explain(table: RoutingTable, method: str, raw_path: bytes) -> Explanation:
    """Who answers a request. `raw_path` is as it comes over the wire, without query."""
    match = table.match(method, raw_path)
    others = tuple(
        PassedOver(rule, _why(rule, match.rule, method))
        for rule in table.rules
        if rule.covers(raw_path) and rule != match.rule
    )
    owner = side(match.phase, method, match.pinned)
    return Explanation(owner, match.phase, held(match.phase), match.rule, others)


def _why(rule: Rule, winner: Rule | None, method: str) -> str:
    if winner is None or not rule.takes(method):
        return f"is for {', '.join(rule.methods or ())} only"
    if winner.exact and not rule.exact:
        return "an exact path wins over a prefix"
    if len(winner.literal) > len(rule.literal):
        return "a longer path wins"
    return "a rule with methods wins over one without"
