"""How far the migration is: URL patterns, rules, requests, tables; and which legacy code may go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from legacy_bridge.replication.owners import Owner
from proxy.console.placing import Places
from proxy.console.reading.traffic import summed
from proxy.console.standing import Standing
from proxy.ownership.phases import SAFE_METHODS, Phase, Side
from proxy.routing.rules import Rule
from proxy.routing.table import RoutingTable
from proxy.traffic.load import Load
from proxy.traffic.reading import Hit

QUIET = timedelta(days=30)
"""How long the legacy side must not have been asked for a route before its code may be deleted."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many of so many."""

    done: int
    of: int

    @property
    def share(self) -> float:
        return self.done / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One rule. `native`: all that it takes is answered natively now; `safe`: and has been for so
    long that the legacy side's code for it may be deleted. `idle_days`: whole days since the legacy
    side last answered it, None where it was never seen to."""

    domain: str
    route: str
    pinned: bool
    native: bool
    last_legacy: datetime | None
    idle_days: int | None
    legacy_requests: int
    native_requests: int
    safe: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """`patterns` None: the legacy site's URLs are not known. `requests` of the last 24 hours."""

    patterns: Part | None
    rules: Part
    requests: Part
    tables: Part
    routes: tuple[Route, ...]


def progress(
    standings: Mapping[str, Standing],
    tables: Mapping[str, Sequence[str]],
    table: RoutingTable,
    hits: Sequence[Hit] | None,
    day: Mapping[tuple[str, str], Load] | None,
    patterns: Sequence[Places] | None,
    now: datetime,
) -> Progress | None:
    """`tables`: native ones by domain. None where no database tells of requests."""
    if hits is None or day is None:
        return None
    seen = {(hit.domain, hit.route, hit.side): hit for hit in hits}
    routes = tuple(_route(rule, standings[rule.domain], seen, now) for rule in table.rules)
    native, legacy = summed(day, Side.NATIVE), summed(day, Side.LEGACY)
    moved = [
        name
        for domain, names in tables.items()
        for name in names
        if standings[domain].owner is Owner.NATIVE
    ]
    answered = {rule for rule in table.rules if _is_native(rule, standings[rule.domain])}
    return Progress(
        patterns=None if patterns is None else _patterns(patterns, answered),
        rules=Part(sum(route.native for route in routes), len(routes)),
        requests=Part(native.requests, native.requests + legacy.requests),
        tables=Part(len(moved), sum(map(len, tables.values()))),
        routes=routes,
    )


def _patterns(patterns: Sequence[Places], answered: set[Rule]) -> Part:
    moved = 0
    for places in patterns:
        moved += bool(places) and all(rules and rules <= answered for rules in places)
    return Part(moved, len(patterns))


def _is_native(rule: Rule, standing: Standing) -> bool:
    """In phase reads only a rule that is for safe methods alone is wholly native."""
    if rule.pinned or not standing.answers:
        return False
    if standing.has.phase is Phase.READS:
        return rule.methods is not None and SAFE_METHODS.issuperset(rule.methods)
    return True


def _route(
    rule: Rule, standing: Standing, seen: Mapping[tuple[str, str, str], Hit], now: datetime
) -> Route:
    name = rule.name
    legacy = seen.get((rule.domain, name, Side.LEGACY))
    native = seen.get((rule.domain, name, Side.NATIVE))
    is_native = _is_native(rule, standing)
    long_native = standing.since is not None and now - standing.since >= QUIET
    long_quiet = legacy is None or now - legacy.last_at >= QUIET
    return Route(
        domain=rule.domain,
        route=name,
        pinned=rule.pinned,
        native=is_native,
        last_legacy=legacy.last_at if legacy else None,
        idle_days=(now - legacy.last_at).days if legacy else None,
        legacy_requests=legacy.requests if legacy else 0,
        native_requests=native.requests if native else 0,
        safe=is_native and long_native and long_quiet,
    )
