"""Whether a version of a row was there, on the other side, when somebody changed it there. Pure.

Each version of a row bears the number of the transaction that wrote it. Below a *horizon* every
transaction had ended; once all that had been committed by then was applied on the other side, that
side had seen every version below the horizon. What is above had been seen if it is known to have
been carried over by then: who changes a row changes the version that is there. Else it may have
been seen or not, and counts as not seen. Numbers have 32 bits and start anew: of two, that which
is less than half of them ahead is the later one.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice

BITS = 32
HALF = 1 << (BITS - 1)
MASK = (1 << BITS) - 1
FIRST = 3
REMEMBERED = 10_000
"""So many are remembered, the newest: as good as all, unless the horizon stands still for long."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Versions of rows that the source need not have seen: those not before the horizon; without
    one, all."""

    horizon: int | None


def before(xid: int, horizon: int) -> bool:
    """Whether a transaction number lies before another one. Those below 3 are older than all."""
    return xid < FIRST or 0 < (horizon - xid) & MASK < HALF


@dataclass(slots=True)
class Seen:
    """What the source of strays had seen of the target. `own`: what the strays themselves wrote;
    `here`: what was carried there.

    Without a horizon nothing else had been seen.
    """

    horizon: int | None = None
    own: set[int] = field(default_factory=set)
    here: dict[int, None] = field(default_factory=dict)

    def __contains__(self, xid: object) -> bool:
        """Whether the version that this transaction wrote was known there."""
        if xid in self.own or xid in self.here:
            return True
        return isinstance(xid, int) and self.horizon is not None and before(xid, self.horizon)

    def advance(self, horizon: int | None, here: Collection[int] = ()) -> None:
        """What was said since: up to where, and which besides."""
        self.here.update(dict.fromkeys(xid & MASK for xid in here))
        if horizon is not None:
            self.horizon = horizon & MASK
            self.own = {xid for xid in self.own if not before(xid, self.horizon)}
            self.here = {xid: None for xid in self.here if not before(xid, self.horizon)}
        for oldest in list(islice(self.here, max(0, len(self.here) - REMEMBERED))):
            del self.here[oldest]

    def wrote(self, xids: Collection[int]) -> None:
        self.own.update(xid & MASK for xid in xids)

    def copy(self) -> "Seen":
        return Seen(self.horizon, set(self.own), dict(self.here))
