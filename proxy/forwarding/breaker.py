"""Whether an upstream may be asked: always, not while it fails, or by one request that tries it.

Every state and every way between them is in TRANSITIONS; docs/upstreams.md draws that table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    CLOSED = "closed"  # every request passes
    OPEN = "open"  # none does
    HALF_OPEN = "half_open"  # one is under way, the probe; no other passes


class Event(StrEnum):
    """What moves a breaker, in the words of the diagram."""

    TRIPPED = "that many failures in a row"
    DUE = "its time is over and a request comes, the probe"
    SUCCEEDED = "the probe is answered"
    FAILED = "the probe fails, stay open twice as long"
    CANCELLED = "the probe's client leaves, the next request probes"


TRANSITIONS: Mapping[tuple[State, Event], State] = MappingProxyType(
    {
        (State.CLOSED, Event.TRIPPED): State.OPEN,
        (State.OPEN, Event.DUE): State.HALF_OPEN,
        (State.HALF_OPEN, Event.SUCCEEDED): State.CLOSED,
        (State.HALF_OPEN, Event.FAILED): State.OPEN,
        (State.HALF_OPEN, Event.CANCELLED): State.OPEN,
    }
)
"""A missing key is an error of the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerLimits:
    """`failures` in a row open it, for `seconds`: doubled by each failed probe up to `longest`."""

    failures: int = 5
    seconds: float = 1.0
    longest: float = 30.0


class Breaker:
    """The breaker of one upstream, in one worker. All times are readings of one clock, in seconds.

    Every admitted request keeps the `ticket` it finds after `admit`, and hands it in once, by
    `failed`, `succeeded` or `cancelled`. Tickets change with the state, so that requests admitted
    in an earlier state say nothing of this one: the many that are still waiting for an upstream
    that hung must not close its breaker again, nor open it again, nor free the probe's place.

    `closed` and `failures` are plain attributes for the request path: while `closed` there is
    nothing to ask, and while `failures` is 0 a success need not be told.
    """

    __slots__ = ("_due", "_pause", "closed", "failures", "limits", "state", "ticket")

    def __init__(self, limits: BreakerLimits) -> None:
        self.limits = limits  # may be replaced at any time
        self.state = State.CLOSED
        self.closed = True
        self.failures = 0
        self.ticket = 0
        self._pause = limits.seconds
        self._due = 0.0

    def admit(self, now: float) -> bool:
        """Whether one request may go. Where the breaker is not closed, that one is the probe."""
        if self.closed:
            return True
        if self.state is State.HALF_OPEN or now < self._due:
            return False
        self._move(Event.DUE)
        return True

    def failed(self, now: float, ticket: int) -> bool:
        """Count a failure of the upstream. True when this opened the breaker."""
        if ticket != self.ticket:
            return False
        self.failures += 1
        if self.closed:
            if self.failures < self.limits.failures:
                return False
            self._pause = self.limits.seconds
            self._move(Event.TRIPPED)
        else:
            self._pause = max(self._pause, min(2 * self._pause, self.limits.longest))
            self._move(Event.FAILED)
        self._due = now + self._pause
        return True

    def succeeded(self, ticket: int) -> bool:
        """The upstream answered, whatever the status. True when this closed the breaker."""
        if ticket != self.ticket:
            return False
        self.failures = 0
        if self.closed:
            return False
        self._move(Event.SUCCEEDED)
        return True

    def cancelled(self, ticket: int) -> None:
        """The client left before the upstream showed what it is like: neither good nor bad."""
        if ticket == self.ticket and not self.closed:
            self._move(Event.CANCELLED)

    def remaining(self, now: float) -> float:
        """Seconds until a probe may go; 0 where one is under way, and where nothing is to wait."""
        return max(0.0, self._due - now) if self.state is State.OPEN else 0.0

    def _move(self, event: Event) -> None:
        self.state = TRANSITIONS[self.state, event]
        self.closed = self.state is State.CLOSED
        self.ticket += 1
