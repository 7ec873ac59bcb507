"""A committed transaction is in the log a moment before others can see its rows; with a synchronous
standby that moment is as long as the standby takes. Who reacted then would read the old rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event
from typing import LiteralString, Self

from legacy_bridge.replication.connections import Connection

PAUSE_SECONDS = (0.0005, 0.05)
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


def await_visible(native: Connection, xids: Iterable[int], stop: Event) -> bool:
    """Until whoever looks sees all these transactions; False if told to stop before."""
    waiting, pause = set(xids), PAUSE_SECONDS[0]
    while True:
        (text,) = native.execute(_SNAPSHOT).fetchone() or ("",)
        snapshot = Snapshot.parse(text)
        waiting = {xid for xid in waiting if not snapshot.shows(xid)}
        if not waiting:
            return True
        if stop.wait(pause):
            return False
        pause = min(2 * pause, PAUSE_SECONDS[1])


_SNAPSHOT: LiteralString = "SELECT pg_current_snapshot()::text"
