"""A committed transaction is in the log a moment before others can see its rows; with a synchronous
standby that moment is as long as the standby takes. Who read rows then would read the old ones.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import LiteralString, Self

from legacy_bridge.replication.apply.horizons import before
from legacy_bridge.replication.clock import nudge
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.standbys import may_wait

PAUSE_SECONDS = (0.0005, 0.05)
MOST_HIDDEN = 10_000
"""So many numbers are kept before somebody looks which of them are needed."""
FORMER_SECONDS = 1.0
"""A commit is seen by then, unless it waits for a standby. Whatever else runs for longer than that
has not been committed: it may be somebody who thinks."""
_EPOCH = 1 << 32


@dataclass(frozen=True, slots=True)
class Snapshot:
    """PostgreSQL's pg_snapshot: transactions before `lowest` have ended, those from `next` on have
    not; of those between, `running` have not. Numbers have 64 bits."""

    lowest: int
    next: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of "10:20:10,14"."""
        lowest, after, running = text.split(":")
        return cls(int(lowest), int(after), frozenset(map(int, filter(None, running.split(",")))))

    def shows(self, xid: int) -> bool:
        """Whether transaction `xid`, of whose number the stream tells 32 bits, has ended."""
        half = _EPOCH // 2
        number = self.next + (xid - self.next + half) % _EPOCH - half
        return number < self.lowest or (number < self.next and number not in self.running)


def await_visible(
    source: Connection, xids: Iterable[int], stop: Event, seconds: float | None = None
) -> bool:
    """Until whoever looks sees all these transactions; False if told to stop before, or if it
    takes longer than `seconds`."""
    waiting = set(xids)

    def look() -> bool:
        nonlocal waiting
        waiting = hidden(source, waiting)
        return not waiting

    return _await(look, stop, None if seconds is None else monotonic() + seconds)


def _await(look: Callable[[], bool], stop: Event, until: float | None) -> bool:
    pause = PAUSE_SECONDS[0]
    while not look():
        if stop.wait(pause) or (until is not None and monotonic() > until):
            return False
        pause = min(2 * pause, PAUSE_SECONDS[1])
    return True


def hidden(source: Connection, xids: Iterable[int]) -> set[int]:
    """Those of the transactions that a reader does not see yet."""
    snapshot = _snapshot(source)
    return {xid for xid in xids if not snapshot.shows(xid)}


def _snapshot(source: Connection) -> Snapshot:
    (text,) = source.execute(_SNAPSHOT).fetchone() or ("",)
    return Snapshot.parse(text)


_SNAPSHOT: LiteralString = "SELECT pg_current_snapshot()::text"


class Arrived:
    """The transactions that have come by the source's log, as long as its readers may not see
    them. Rows that are read besides the stream could be older than what it has brought, and
    nothing would ever come to set them right.

    Those that had come before we began are not known: whatever runs then may be one, for
    `FORMER_SECONDS`, and after that whatever may be waiting for a standby.
    """

    def __init__(self, source: Connection, stop: Event) -> None:
        self._source = source
        self._stop = stop
        self._xids: set[int] = set()
        nudge(source)  # a later number has ended then: the snapshot names all that run before it
        self._former = set(_snapshot(source).running)
        self._began = monotonic()

    def add(self, xids: Iterable[int]) -> None:
        self._xids.update(xids)
        if len(self._xids) > MOST_HIDDEN:
            self._xids = hidden(self._source, self._xids)

    def ended(self, horizon: int) -> None:
        """All transactions before this number have: else it would come to mean a later one."""
        self._xids = {xid for xid in self._xids if not before(xid, horizon)}

    def await_visible(self, seconds: float | None = None) -> bool:
        """Until who reads sees them all; False as for the function."""
        until = None if seconds is None else monotonic() + seconds
        if not _await(self._look_at_former, self._stop, until):
            return False
        if not await_visible(self._source, self._xids, self._stop, seconds):
            return False
        self._xids.clear()
        return True

    def _look_at_former(self) -> bool:
        if self._former:
            self._former = hidden(self._source, self._former)
        if self._former and monotonic() >= self._began + FORMER_SECONDS:
            self._former = may_wait(self._source, self._former)
        return not self._former


def await_shown(side: Connection, seconds: float) -> bool:
    """Until who reads sees all that the log has by now; False if that takes longer."""
    return Arrived(side, Event()).await_visible(seconds)
