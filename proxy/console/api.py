"""The same figures as JSON, for machines. Times are in ISO 8601, durations in seconds."""

from dataclasses import asdict
from typing import Any

from legacy_bridge.replication.faults import BridgeError
from proxy.console.asked import Answer, as_json
from proxy.console.overview import Domain, Overview
from proxy.console.pages import Pages, Visit, number, routes_of, window_of
from proxy.console.progress import Part, Progress
from proxy.console.reading.changes import PAGE
from proxy.console.snapshots import Snapshots
from proxy.traffic.load import Load


class Api:
    def __init__(self, snapshots: Snapshots, pages: Pages) -> None:
        self._snapshots = snapshots
        self._pages = pages

    async def overview(self, visit: Visit) -> Answer:
        return as_json(200, overview_json(await self._snapshots.overview(window_of(visit.asked))))

    async def domain(self, visit: Visit, name: str) -> Answer:
        window = window_of(visit.asked)
        seen, domain = await self._pages.known(name, window)
        found: dict[str, Any] = domain_json(domain)
        found["routes"] = [asdict(route) for route in routes_of(seen, name)]
        if seen.known:
            try:
                look = await self._snapshots.domain(name, window)
            except BridgeError as error:
                return as_json(503, {"error": str(error)}, ("retry-after", "1"))
            found["gates"] = asdict(look.gates) if look.gates else None
            found["parity"]["routes"] = look.tallies
            found["changes"] = [asdict(change) for change in look.changes]
        return as_json(200, found)

    async def changes(self, visit: Visit) -> Answer:
        try:
            found = await self._snapshots.changes(number(visit.asked, "before"))
        except BridgeError as error:
            return as_json(503, {"error": str(error)}, ("retry-after", "1"))
        older = found[PAGE - 1].id if len(found) > PAGE else None
        changes = [asdict(change) for change in found[:PAGE]]
        return as_json(200, {"changes": changes, "before": older})


def overview_json(seen: Overview) -> dict[str, Any]:
    return {
        "at": seen.at,
        "database": seen.database,
        "routing": {
            "digest": seen.routing.digest,
            "faults": [str(fault) for fault in seen.routing.faults],
        },
        "workers": seen.workers,
        "behind": seen.behind,
        "share": seen.share,
        "native": load_json(seen.native),
        "legacy": load_json(seen.legacy),
        "lag_seconds": seen.lag_seconds,
        "differing": seen.differing,
        "domains": [domain_json(domain) for domain in seen.domains],
        "progress": progress_json(seen.progress),
    }


def domain_json(domain: Domain) -> dict[str, Any]:
    standing, compared = domain.standing, domain.compared
    return {
        "domain": domain.name,
        "wanted": str(standing.wanted.phase) if standing.wanted else None,
        "phase": str(standing.has.phase),
        "weight": standing.has.weight or None,
        "owner": str(standing.owner),
        "since": standing.since,
        "reason": standing.reason,
        "share": domain.share,
        "native": load_json(domain.native),
        "legacy": load_json(domain.legacy),
        "parity": {**asdict(compared), "compared": compared.compared, "share": compared.share},
        "lag_seconds": domain.lag_seconds,
        "differing": domain.differing,
        "quarantined": domain.quarantined,
        "conflicts": domain.conflicts,
        "flipped": asdict(domain.flipped) if domain.flipped else None,
    }


def load_json(load: Load) -> dict[str, Any]:
    """Of the last minute."""
    return {
        "requests": load.requests,
        "errors": load.errors,
        "p50_seconds": load.p50,
        "p95_seconds": load.p95,
    }


def progress_json(found: Progress | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "patterns": _part(found.patterns),
        "rules": _part(found.rules),
        "requests": _part(found.requests),
        "tables": _part(found.tables),
        "safe_to_delete": [route.route for route in found.routes if route.safe],
    }


def _part(part: Part | None) -> dict[str, int] | None:
    return None if part is None else {"done": part.done, "of": part.of}
