"""The pages to look at: the whole system, one domain, the record of changes."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from legacy_bridge.replication.faults import BridgeError
from proxy.console.asked import Answer, Asked, RefusedError
from proxy.console.cells import Cells, domain_cells, overview_cells
from proxy.console.overview import Domain, Overview
from proxy.console.permission import Operator
from proxy.console.reading.changes import PAGE, Recorded
from proxy.console.reading.gates import next_phase
from proxy.console.reading.looks import DomainLook
from proxy.console.reading.rows import Troubled
from proxy.console.reading.traffic import WINDOWS, Window
from proxy.console.rendering import render
from proxy.console.snapshots import DEFAULT_WINDOW, Snapshots

_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Visit:
    """What every page of somebody who may see it needs."""

    asked: Asked
    operator: Operator
    form_token: str


def page(template: str, status: int, *headers: tuple[str, str], **names: Any) -> Answer:
    nonce = secrets.token_urlsafe(18)
    body = render(template, nonce=nonce, **names).encode()
    return Answer(status, body, headers=headers, nonce=nonce)


def shown_to(visit: Visit, template: str, status: int = 200, **names: Any) -> Answer:
    return page(template, status, operator=visit.operator, form_token=visit.form_token, **names)


class Pages:
    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._drawn: dict[str, tuple[Overview, Cells]] = {}

    async def overview(self, visit: Visit) -> Answer:
        window = window_of(visit.asked)
        seen = await self._snapshots.overview(window)
        return shown_to(
            visit,
            "overview.html",
            seen=seen,
            cells=self._cells(seen),
            windows=WINDOWS.values(),
            window=window,
            stream=f"events?window={window.name}",
        )

    async def domain(self, visit: Visit, name: str) -> Answer:
        window = window_of(visit.asked)
        seen, domain = await self.known(name, window)
        look, trouble = await self._look(name, window)
        rows, unread = await self._rows(domain)
        after = number(visit.asked, "after")
        asked = _since(look, after)
        refused = any(change.result == "refused" for change in asked)
        done = bool(asked) and domain.standing.settled
        return shown_to(
            visit,
            "domain.html",
            seen=seen,
            domain=domain,
            cells=domain_cells(domain, seen, look.series if look else None),
            look=look,
            trouble=trouble,
            rows=rows,
            rows_unread=unread,
            next_phase=next_phase(domain.standing),
            routes=routes_of(seen, name),
            asked=asked,
            refused=refused,
            pending=after is not None and not (done or refused),
            windows=WINDOWS.values(),
            window=window,
            stream=f"events?domain={name}&window={window.name}",
        )

    async def changes(self, visit: Visit) -> Answer:
        """A page of the record; `before` is the id where the next older one begins."""
        try:
            found = await self._snapshots.changes(number(visit.asked, "before"))
            trouble = None
        except BridgeError as error:
            found, trouble = [], str(error)
        return shown_to(
            visit,
            "changes.html",
            changes=found[:PAGE],
            older=found[PAGE - 1].id if len(found) > PAGE else None,
            newest=visit.asked.query.get("before") is None,
            trouble=trouble,
        )

    async def look(self, name: str | None, window: Window) -> tuple[Overview, Cells]:
        """What changes on the overview, or on the page of a domain."""
        if name is None:
            seen = await self._snapshots.overview(window)
            return seen, self._cells(seen)
        seen, domain = await self.known(name, window)
        look, _ = await self._look(name, window)
        return seen, domain_cells(domain, seen, look.series if look else None)

    async def known(self, name: str, window: Window = DEFAULT_WINDOW) -> tuple[Overview, Domain]:
        """Raises `RefusedError` for a domain that there is not."""
        seen = await self._snapshots.overview(window)
        domain = seen.domain(name)
        if domain is None:
            raise RefusedError(404, "There is no such domain.")
        return seen, domain

    def _cells(self, seen: Overview) -> Cells:
        """Drawn once for all who look at the same moment."""
        last = self._drawn.get(seen.window.name)
        if last is None or last[0] is not seen:
            last = self._drawn[seen.window.name] = (seen, overview_cells(seen))
        return last[1]

    async def _look(self, name: str, window: Window) -> tuple[DomainLook | None, str | None]:
        if self._snapshots.native_url is None:
            return None, None
        try:
            return await self._snapshots.domain(name, window), None
        except BridgeError as error:
            return None, str(error)

    async def _rows(self, domain: Domain) -> tuple[Troubled | None, str | None]:
        """Conflicts and quarantined rows, and what kept us from reading them."""
        if not domain.tables.movable or not self._snapshots.has_both:
            return None, None
        try:
            return await self._snapshots.troubled(domain.name), None
        except BridgeError as error:
            return None, str(error)


def _since(look: DomainLook | None, after: int | None) -> list[Recorded]:
    """What was written down since somebody asked for something on this page."""
    if look is None or after is None:
        return []
    return [change for change in look.changes if change.id > after]


def window_of(asked: Asked) -> Window:
    """Raises `RefusedError` for one that there is not."""
    name = asked.query.get("window", DEFAULT_WINDOW.name)
    if name not in WINDOWS:
        raise RefusedError(400, f"There is no such window; there are {', '.join(WINDOWS)}.")
    return WINDOWS[name]


def number(asked: Asked, name: str) -> int | None:
    """A number in the query. Raises `RefusedError` for something else."""
    given = asked.query.get(name)
    if given is None:
        return None
    if not _NUMBER.fullmatch(given):
        raise RefusedError(400, f"{name} is no number.")
    return int(given)


def routes_of(seen: Overview, name: str) -> list[Any]:
    if seen.progress is None:
        return []
    return [route for route in seen.progress.routes if route.domain == name]
