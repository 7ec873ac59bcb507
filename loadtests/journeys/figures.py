"""What was asked, by step of a journey and by the side that answered. Figures add up: those of
several processes, or of several runs, become one, whichever is taken first."""

from collections import Counter
from collections.abc import Iterator
from math import ceil, floor, log10

import msgspec

NOBODY = "nobody"
"""Owner of a request that was not answered, or whose answer does not say who gave it."""
REASONS = 20
"""Different reasons of failures that are kept of a step; the others are counted as one."""
OTHER = "other reasons"


class StepFigures(msgspec.Struct):
    """Of one step and one owner. `times` counts answers by milliseconds, rounded to three digits;
    `seconds` is how long those runs took in which the step was asked."""

    requests: int = 0
    failures: int = 0
    seconds: float = 0.0
    times: dict[float, int] = msgspec.field(default_factory=dict)
    reasons: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, milliseconds: float, reason: str | None) -> None:
        self.requests += 1
        rounded = _rounded(milliseconds)
        self.times[rounded] = self.times.get(rounded, 0) + 1
        if reason is not None:
            self.failures += 1
            self._count(reason, 1)

    def merge(self, other: "StepFigures") -> None:
        self.requests += other.requests
        self.failures += other.failures
        self.seconds += other.seconds
        self.times = dict(Counter(self.times) + Counter(other.times))
        for reason, count in other.reasons.items():
            self._count(reason, count)

    def percentile(self, share: float) -> float:
        """Milliseconds within which so large a share of all answers came (nearest rank)."""
        rank = max(1, ceil(share * self.requests))
        for milliseconds, count in sorted(self.times.items()):
            rank -= count
            if rank <= 0:
                return milliseconds
        return 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0

    def _count(self, reason: str, count: int) -> None:
        known = reason in self.reasons or len(self.reasons) < REASONS
        kept = reason if known else OTHER
        self.reasons[kept] = self.reasons.get(kept, 0) + count


class Figures(msgspec.Struct):
    """`steps` by step and owner; `journeys` how often each was gone to its end."""

    steps: dict[str, dict[str, StepFigures]] = msgspec.field(default_factory=dict)
    journeys: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, step: str, owner: str, milliseconds: float, reason: str | None) -> None:
        self._step(step, owner).add(milliseconds, reason)

    def complete(self, journey: str) -> None:
        self.journeys[journey] = self.journeys.get(journey, 0) + 1

    def merge(self, other: "Figures") -> None:
        for step, owners in other.steps.items():
            for owner, found in owners.items():
                self._step(step, owner).merge(found)
        self.journeys = dict(Counter(self.journeys) + Counter(other.journeys))

    def __iter__(self) -> Iterator[StepFigures]:
        return (found for owners in self.steps.values() for found in owners.values())

    def total(self, owner: str) -> StepFigures:
        """Of all steps together, as fast as if they were one."""
        total = StepFigures()
        for owners in self.steps.values():
            if owner in owners:
                total.merge(owners[owner])
        total.seconds = max(
            (owners[owner].seconds for owners in self.steps.values() if owner in owners),
            default=0.0,
        )
        return total

    @property
    def owners(self) -> list[str]:
        return sorted({owner for owners in self.steps.values() for owner in owners})

    def _step(self, step: str, owner: str) -> StepFigures:
        return self.steps.setdefault(step, {}).setdefault(owner, StepFigures())


def _rounded(milliseconds: float) -> float:
    if milliseconds <= 0:
        return 0.0
    return round(milliseconds, 2 - floor(log10(milliseconds)))
