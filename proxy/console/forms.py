"""What operators do: each form first shows what would happen, and is sent from there."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import CHANGEABLE, Strays, ended
from proxy.asking import Asking
from proxy.console.actions import Actions, Begun, Wish
from proxy.console.asked import Answer, Asked, RefusedError, see_other
from proxy.console.overview import Domain
from proxy.console.pages import Pages, Visit, shown_to
from proxy.console.snapshots import Snapshots
from proxy.ownership.phases import Phase
from proxy.routing.faults import RoutingError
from proxy.settings import SettingsError

LONGEST_WHY = 500
_FAULTS = (BridgeError, RoutingError, SettingsError)


class Forms:
    """`actions` None: without a native database nothing can be changed here."""

    def __init__(self, snapshots: Snapshots, pages: Pages, actions: Actions | None) -> None:
        self._snapshots = snapshots
        self._pages = pages
        self._actions = actions

    # another phase

    async def review_change(self, visit: Visit, name: str) -> Answer:
        """What the phase in the query would mean for the domain."""
        domain = await self._changeable(name)
        asking = self._asking(visit, domain, visit.asked.query.get("phase"), visit.asked.query)
        return await self._review(visit, domain, asking, back=False)

    async def change(self, visit: Visit, name: str) -> Answer:
        domain = await self._changeable(name)
        asking = self._asking(visit, domain, visit.asked.form.get("phase"), visit.asked.form)
        return await self._carry_out(visit, domain, asking)

    async def review_rollback(self, visit: Visit, name: str) -> Answer:
        domain = await self._changeable(name)
        asking = await self._asking_back(visit, domain)
        return await self._review(visit, domain, asking, back=True)

    async def roll_back(self, visit: Visit, name: str) -> Answer:
        """Only to the phase that the form has shown: another flip may have come between."""
        domain = await self._changeable(name)
        asking = await self._asking_back(visit, domain)
        if visit.asked.form.get("phase") != str(asking.phase):
            raise RefusedError(409, "The domain was flipped meanwhile: look at it again.")
        return await self._carry_out(visit, domain, asking)

    async def _review(self, visit: Visit, domain: Domain, asking: Asking, *, back: bool) -> Answer:
        actions = self._able()
        plan = await self._trying(actions.plan(asking))
        return shown_to(visit, "change.html", domain=domain, asking=asking, plan=plan, back=back)

    async def _carry_out(self, visit: Visit, domain: Domain, asking: Asking) -> Answer:
        begun: Begun = await self._trying(self._able().flip(asking))
        self._snapshots.forget(domain.name)
        if begun.outcome is not None and not begun.outcome.done:
            return shown_to(
                visit, "undone.html", 409, domain=domain, asking=asking, outcome=begun.outcome
            )
        return see_other(f"domains/{domain.name}?after={begun.after}")

    def _asking(self, visit: Visit, domain: Domain, phase: str | None, given: Any) -> Asking:
        """Raises `RefusedError` for what is no phase or weight."""
        if phase not in set(Phase):
            raise RefusedError(400, f"Choose a phase: {', '.join(Phase)}.")
        weight = _weight(given.get("weight", "")) if phase == Phase.CANARY else None
        return Asking(
            domain=domain.name,
            phase=Phase(phase),
            weight=weight,
            made_by=visit.operator.name,
            why=_why(visit.asked),
            force=visit.asked.form.get("force") == "yes",
        )

    async def _asking_back(self, visit: Visit, domain: Domain) -> Asking:
        phase, weight = await self._trying(self._able().phase_before(domain.name))
        return Asking(
            domain=domain.name,
            phase=phase,
            weight=weight,
            made_by=visit.operator.name,
            why=_why(visit.asked) or "rollback",
        )

    # rows

    async def review_conflict(self, visit: Visit, name: str, conflict: str) -> Answer:
        domain = await self._with_rows(name)
        self._snapshots.forget_rows(name)  # what is decided on has to be as it is now
        troubled = await self._trying(self._snapshots.troubled(name))
        kept = next((one for one in troubled.conflicts if one.id == conflict), None)
        if kept is None:
            raise RefusedError(404, "There is no such conflict (any more).")
        return shown_to(visit, "conflict.html", domain=domain, kept=kept)

    async def settle_conflict(self, visit: Visit, name: str, conflict: str) -> Answer:
        domain = await self._with_rows(name)
        verb = _one_of(visit.asked, "do", ("apply", "drop"))
        wish = self._wish(visit, domain)
        await self._trying(self._able().settle(wish, conflict, apply=verb == "apply"))
        self._snapshots.forget(name)
        return see_other(f"domains/{name}#rows")

    async def review_repair(self, visit: Visit, name: str) -> Answer:
        return shown_to(visit, "repair.html", domain=await self._with_rows(name))

    async def repair(self, visit: Visit, name: str) -> Answer:
        domain = await self._with_rows(name)
        after = await self._trying(self._able().repair(self._wish(visit, domain)))
        self._snapshots.forget(name)
        return see_other(f"domains/{name}?after={after}")

    async def review_strays(self, visit: Visit, name: str) -> Answer:
        domain = await self._with_rows(name)
        return shown_to(visit, "strays.html", domain=domain)

    async def set_strays(self, visit: Visit, name: str) -> Answer:
        domain = await self._with_rows(name)
        strays = Strays(_one_of(visit.asked, "do", CHANGEABLE))
        await self._trying(self._able().set_strays(self._wish(visit, domain), strays))
        return see_other(f"domains/{name}#rows")

    # what may be done at all

    def _wish(self, visit: Visit, domain: Domain) -> Wish:
        return Wish(domain.name, visit.operator.name, _why(visit.asked))

    def _able(self) -> Actions:
        if self._actions is None:
            raise RefusedError(
                409, "Without STRANGLER_DATABASE_URL nothing is changed here: edit routing.yaml."
            )
        return self._actions

    async def _changeable(self, name: str) -> Domain:
        _, domain = await self._pages.known(name)
        self._able()
        if domain.standing.wanted is None:
            raise RefusedError(409, f"routing.yaml has no domain {name}: add it there with rules.")
        return domain

    async def _with_rows(self, name: str) -> Domain:
        _, domain = await self._pages.known(name)
        self._able()
        if not domain.tables.movable or not self._snapshots.has_both:
            raise RefusedError(409, f"{name} has no rows that are carried from side to side.")
        if domain.standing.has.phase is Phase.RETIRED:
            raise RefusedError(409, ended(name))
        return domain

    @staticmethod
    async def _trying(doing: Awaitable[Any]) -> Any:
        """What it returns; what it could not do becomes a page that says so."""
        try:
            return await doing
        except _FAULTS as error:
            raise RefusedError(409, str(error)) from None
        except OSError as error:
            raise RefusedError(
                409, f"routing.yaml cannot be written ({error.strerror}): edit it where it is kept."
            ) from None
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise RefusedError(
                503, f"A database failed meanwhile ({said}): see the record of changes."
            ) from None


def _why(asked: Asked) -> str:
    return " ".join(asked.form.get("why", "").split())[:LONGEST_WHY]


def _weight(given: str) -> float:
    try:
        weight = float(given)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= 100:
        raise RefusedError(400, "The weight of a canary is a number from 0 to 100.")
    return weight


def _one_of(asked: Asked, name: str, known: tuple[str, ...]) -> str:
    given = asked.form.get(name, "")
    if given not in known:
        raise RefusedError(400, f"{name} has to be one of {', '.join(known)}.")
    return given


Handler = Callable[..., Awaitable[Answer]]
