"""One request that writes, from its arrival to the comparison of what it did.

    1. rehearse   the native handler, before the rows of the legacy side are there (rehearsal.py)
    2. answered   the legacy side has done it, or has not
    3. tide       its rows have come over
    4. compare    rows newer than the rehearsal's snapshot with those that it would have written

It is let be where it cannot be said: another request wrote at the same time, the legacy side was
faster than the rehearsal, others were in the way.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.replication.mapping import TableMapping
from ported_domains.shared.database import DatabaseDownError
from proxy.parity.answer import Answer
from proxy.parity.finding import Difference, Kind
from proxy.parity.masking import masked_target
from proxy.server.asgi import Application
from proxy.shadow import candidate, rows
from proxy.shadow.capture import Answered, Arrived, Capture
from proxy.shadow.control import UnansweredError
from proxy.shadow.rehearsal import Stage, written
from proxy.shadow.rows import Effect, Key
from proxy.shadow.store import WriteFound
from proxy.shadow.tide import Tide

LATE_SECONDS = 0.5
REHEARSAL_SECONDS = 2.0
ANSWER_SECONDS = 30.0
TIDE_SECONDS = 5.0

Mappings = Sequence[TableMapping]


class _UnknownError(Exception):
    """Nothing can be said; `str` is the word that it is counted by."""


class _Rehearsed:
    """What the native handler answered and would have written, and what was there before.
    `crossed`: when it was over, rows of the legacy side had come since its snapshot."""

    def __init__(
        self,
        at: float,
        answer: Answer,
        effect: Effect,
        snapshot: str,
        before: dict[str, frozenset[Key]],
        crossed: bool,
    ) -> None:
        self.crossed = crossed
        self.at = at
        self.answer = answer
        self.effect = effect
        self.snapshot = snapshot
        self.before = before


class Writing:
    """`mappings`: of each domain whose writes can be rehearsed. `found` are results to be kept."""

    def __init__(
        self,
        app: Application,
        stage: Stage,
        native: AsyncEngine,
        tide: Tide,
        mappings: Mapping[str, Mappings],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._stage = stage
        self._native = native
        self._tide = tide
        self._mappings = mappings
        self._clock = clock
        self._begun: Counter[str] = Counter()
        self.found: list[WriteFound] = []
        self.counts: Counter[str] = Counter()

    def taken(self) -> list[WriteFound]:
        """What was found since the last time."""
        taken, self.found = self.found, []
        return taken

    async def rehearse(self, arrived: Arrived, answered: "asyncio.Future[Answered]") -> None:
        """Never raises for what a request does."""
        self._begun[arrived.request.domain] += 1
        try:
            self.counts[await self._became(arrived, answered)] += 1
        except _UnknownError as error:
            self.counts[str(error)] += 1
        except (DatabaseDownError, SQLAlchemyError, OSError, TimeoutError):
            self.counts["write_unsure"] += 1

    async def _became(self, arrived: Arrived, answered: "asyncio.Future[Answered]") -> str:
        request = arrived.request
        mappings = self._mappings.get(request.domain)
        if mappings is None:
            return "write_useless"
        if self._stage.busy or self._clock() - request.at > LATE_SECONDS:
            return "write_dropped"
        number = self._begun[request.domain]
        rehearsed = await self._rehearsed(request, arrived.body, mappings)
        self.counts["rehearsed"] += 1
        async with asyncio.timeout(ANSWER_SECONDS):
            told = await answered
        if not told.status:
            return "write_failed"
        if not await self._tide.is_in(TIDE_SECONDS):
            return "write_behind"
        async with self._native.connect() as connection:
            came = await written(connection, mappings, rehearsed.snapshot, rehearsed.before)
        differing = _differences(mappings, told, rehearsed, came, request)
        if differing and number != self._begun[request.domain]:
            return "write_unsure"  # what another one wrote has come as well
        return self._keep(request, differing)

    async def _rehearsed(self, request: Capture, body: bytes, mappings: Mappings) -> _Rehearsed:
        stage = self._stage
        try:
            async with asyncio.timeout(REHEARSAL_SECONDS), stage.rehearsal(request.domain) as now:
                begun = self._clock()
                before = await now.before(mappings)
                answer, left = await candidate.ask(self._app, request, body)
                effect = await now.effect(mappings, before)
        except UnansweredError:
            raise _UnknownError("write_unsure") from None
        if stage.disturbed:
            raise _UnknownError("write_unsure")
        if left:
            raise _UnknownError("write_left")
        async with self._native.connect() as connection:
            came = await written(connection, mappings, now.snapshot, before)
        crossed = not rows.nothing(came)
        return _Rehearsed(begun, answer, effect, now.snapshot, before, crossed)

    def _keep(self, request: Capture, differing: tuple[Difference, ...]) -> str:
        self.found.append(
            WriteFound(
                domain=request.domain,
                route=request.route,
                method=request.method,
                target=masked_target(request.target.decode("latin-1")),
                at=request.at,
                differences=differing,
            )
        )
        return "write_differing" if differing else "write_compared"


def _differences(
    mappings: Mappings, told: Answered, rehearsed: _Rehearsed, came: Effect, request: Capture
) -> tuple[Difference, ...]:
    """Raises `_UnknownError` where the rows may have come before the rehearsal began."""
    status = rehearsed.answer.status
    refused = told.status < 400 <= status
    too_late = rehearsed.at > told.at or refused
    if rows.nothing(came) and told.status < 400 and too_late:
        raise _UnknownError("write_late")
    if refused and rehearsed.crossed:  # a unique value, say, was there already
        raise _UnknownError("write_late")
    if status != told.status:
        return (Difference("status", Kind.DIFFERS, str(told.status), str(status)),)
    return rows.differences(mappings, came, rehearsed.effect, request.at)
