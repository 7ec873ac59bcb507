"""One capture, from its arrival to its place in the tally.

1. late?      a page that tells the time cannot be compared with one of long ago
2. tide       the native rows are those of the legacy side, or nothing is said
3. candidate  the native side answers, or leaves it to the legacy side
4. control    asked again where they differ, and for a part of all (verdict.py)
5. tally      what is the candidate's fault, and how the legacy side differs from itself
"""

import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Protocol

from proxy.parity.answer import Answer
from proxy.parity.compare import Outcome, compare
from proxy.parity.tally import Parity
from proxy.server.asgi import Application
from proxy.shadow import candidate, verdict
from proxy.shadow.capture import Capture
from proxy.shadow.control import Control, UnansweredError
from proxy.shadow.tide import Tide

LATE_SECONDS = 2.0
TIDE_SECONDS = 2.0
"""Both together are less than by how much a "now" may be off."""


class Told(Protocol):
    """Who counts."""

    def count(self, what: str) -> None: ...


class Observing:
    """`parity` grows until it is taken. `apart`: domains whose rows are the legacy side's own."""

    def __init__(
        self,
        app: Application,
        tide: Tide,
        control: Control,
        apart: Collection[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._tide = tide
        self._control = control
        self._apart = apart
        self._clock = clock
        self._numbers: Counter[tuple[str, str]] = Counter()
        self.parity = Parity()
        self.counts: Counter[str] = Counter()

    def taken(self) -> Parity:
        """What was found since the last time."""
        taken, self.parity = self.parity, Parity()
        return taken

    async def observe(self, capture: Capture) -> None:
        """Never raises for what a capture holds."""
        self.counts[await self._became(capture)] += 1

    async def _became(self, capture: Capture) -> str:
        if self._clock() - capture.at > LATE_SECONDS:
            return "late"
        if capture.domain not in self._apart and not await self._tide.is_in(TIDE_SECONDS):
            return "behind"
        try:
            answer, left = await candidate.ask(self._app, capture)
        except UnansweredError as error:
            self.parity.fail(capture.domain, capture.route, str(error))
            return "failed"
        if left and answer.status != capture.status:
            self.parity.leave(capture.domain, capture.route)
            return "left"
        return await self._compare(capture, answer)

    async def _compare(self, capture: Capture, answer: Answer) -> str:
        question, control = capture.question, capture.answer
        outcome = compare(question, control, answer)
        self._numbers[capture.domain, capture.route] += 1
        twice = verdict.asked_twice(self._numbers[capture.domain, capture.route])
        if twice or not outcome.equal:
            try:
                again = await self._control.ask(capture)
            except UnansweredError:
                if not outcome.equal:
                    return "unsure"
            else:
                between = compare(question, control, again)
                outcome = verdict.judged(outcome, compare(question, again, answer), between)
                # Also where it was asked because of a difference: what does not repeat itself is
                # then taken for noisier than it is, never for steadier.
                self.parity.repeat(capture.domain, capture.route, between)
        self.parity.record(capture.domain, capture.route, question, outcome)
        return _what(outcome)


def _what(outcome: Outcome) -> str:
    if not outcome.equal:
        return "differing"
    return "moved" if verdict.moved(outcome) else "compared"
