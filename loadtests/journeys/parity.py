"""Both sides compared while they are under load: a share of what visitors ask is asked again.

chosen       whether this request is one of the share
check        1. the side that did not answer the visitor is asked the same
             2. what the native side leaves to the legacy side is counted, and not compared
             3. a difference while an editor's change is on its way is looked at again
             4. for a part, the legacy side is asked twice, to learn what it does not repeat
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from loadtests.journeys.seen import Seen
from proxy.parity.answer import Answer, Headers, Question
from proxy.parity.compare import Outcome, compare
from proxy.parity.config import ParityConfig

Owner = Literal["native", "legacy"]

SETTLE_SECONDS = 5.0
"""Within which the bridge brings an editor's change and pages made before it are gone."""
LOOK_SECONDS = 0.25


class SideError(Exception):
    """A side gave no answer that can be compared; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and who says to have given it."""

    answer: Answer
    owner: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A safe request of a visitor, and what it was told. `route` is its step; `headers` are those
    that make the answer: cookies and conditions, not what each connection needs."""

    domain: str
    route: str
    question: Question
    headers: tuple[tuple[str, str], ...]
    told: Told


Ask = Callable[[Owner, Asked], Told]
"""Asks a side once more; raises `SideError`."""


@dataclass(slots=True)
class Edits:
    """When an editor's change was last under way in this process; `always` where other processes
    have editors, too."""

    always: bool = False
    _last: float = float("-inf")

    def note(self) -> None:
        self._last = time.monotonic()

    def near(self, since: float) -> bool:
        """Whether a change may have been on its way since then (monotonic seconds)."""
        return self.always or self._last > since - SETTLE_SECONDS


@dataclass(slots=True)
class Comparing:
    """`share` of the requests is compared, and for `repeat` of those the legacy side asked twice.
    `seen` takes what was found."""

    share: float
    repeat: float
    ask: Ask
    config: ParityConfig = field(default_factory=ParityConfig)
    edits: Edits = field(default_factory=Edits)
    sleep: Callable[[float], None] = time.sleep
    seen: Seen = field(default_factory=Seen)

    def chosen(self) -> bool:
        return random.random() < self.share  # noqa: S311 - no secret

    def check(self, asked: Asked) -> None:
        """`asked` was answered just now."""
        began = time.monotonic()
        try:
            self._check(asked, began)
        except SideError as error:
            self.seen.parity.fail(asked.domain, asked.route, str(error))

    def _check(self, asked: Asked, began: float) -> None:
        other: Owner = "legacy" if asked.told.owner == "native" else "native"
        told = self.ask(other, asked)
        if told.owner != other:
            if (other, told.owner) != ("native", "legacy"):
                raise SideError(f"the {other} side was asked for, and {told.owner} answered")
            self.seen.parity.leave(asked.domain, asked.route)
            return
        control, candidate = _sides(asked.told, told)
        outcome = self._compared(asked, control, candidate)
        if not outcome.equal and self.edits.near(began):
            outcome = self._looked_at_again(asked, outcome)
        self.seen.parity.record(asked.domain, asked.route, asked.question, outcome)
        if random.random() < self.repeat:  # noqa: S311 - no secret
            again = self.ask("legacy", asked).answer
            self.seen.parity.repeat(
                asked.domain, asked.route, self._compared(asked, control, again)
            )

    def _looked_at_again(self, asked: Asked, outcome: Outcome) -> Outcome:
        """Until both are equal, or no change can be on its way any more."""
        until = time.monotonic() + SETTLE_SECONDS
        while not outcome.equal and time.monotonic() < until:
            self.sleep(LOOK_SECONDS)
            control, candidate = self.ask("legacy", asked), self.ask("native", asked)
            outcome = self._compared(asked, control.answer, candidate.answer)
        if outcome.equal:
            self.seen.settle(asked.route)
        return outcome

    def _compared(self, asked: Asked, control: Answer, candidate: Answer) -> Outcome:
        """A "now" in an answer may be as old as the request of the visitor."""
        late = time.time() - asked.question.at
        config = ParityConfig(
            ignored=self.config.ignored, without=self.config.without, skew=self.config.skew + late
        )
        return compare(asked.question, control, candidate, config)


def _sides(one: Told, other: Told) -> tuple[Answer, Answer]:
    """The legacy side's answer first."""
    pair = (one, other) if one.owner == "legacy" else (other, one)
    return pair[0].answer, pair[1].answer


def raw(headers: list[tuple[str, str]]) -> Headers:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)
