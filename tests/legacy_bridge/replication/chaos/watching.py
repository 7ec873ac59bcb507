"""Both streams, looked at all the time: their positions never go back."""

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic, sleep
from typing import LiteralString

import psycopg

from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pgoutput.lsn import Lsn
from tests.legacy_bridge.replication.sides import Sides, ask

EVERY_SECONDS = 0.25

RECORDS: dict[Owner, LiteralString] = {
    Owner.LEGACY: "SELECT applied_lsn, epoch, transactions, rows FROM bridge_streams",
    Owner.NATIVE: "SELECT applied_lsn, epoch, transactions, rows FROM strangler.bridge_streams",
}
"""Of the stream that comes from there; it is in the other database."""
ENDS: LiteralString = "SELECT pg_current_wal_insert_lsn()::text"


def url_of(sides: Sides, side: Owner) -> str:
    return sides.legacy if side is Owner.LEGACY else sides.native


def opposite(side: Owner) -> Owner:
    return Owner.NATIVE if side is Owner.LEGACY else Owner.LEGACY


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stream from one side is."""

    applied: Lsn
    epoch: int
    transactions: int
    rows: int


def place(sides: Sides, side: Owner) -> Place:
    ((applied, *counts),) = ask(url_of(sides, opposite(side)), RECORDS[side])
    return Place(Lsn.parse(applied), *counts)


def end(sides: Sides, side: Owner) -> Lsn:
    ((position,),) = ask(url_of(sides, side), ENDS)
    return Lsn.parse(position)


def caught_up(sides: Sides, seconds: float) -> float | None:
    """How long it took until everything committed before was applied, with what follows from it:
    twice there and back. None if that was not within `seconds`."""
    began = monotonic()
    for _ in range(2):
        goals = {side: end(sides, side) for side in Owner}
        while any(place(sides, side).applied < goal for side, goal in goals.items()):
            if monotonic() - began > seconds:
                return None
            sleep(0.05)
    return monotonic() - began


@dataclass(slots=True)
class Lag:
    """The longest that either stream was behind a position, in seconds."""

    longest: float = 0.0
    _waiting: dict[Owner, tuple[Lsn, float]] = field(default_factory=dict)

    def see(self, side: Owner, applied: Lsn, written: Lsn) -> None:
        now = monotonic()
        goal, since = self._waiting.setdefault(side, (written, now))
        self.longest = max(self.longest, now - since)
        if applied >= goal:
            self._waiting[side] = (written, now)


class Watching(Thread):
    """Until `over`. `backwards`: what was seen to go back."""

    def __init__(self, sides: Sides) -> None:
        super().__init__(name="watching", daemon=True)
        self.over = Event()
        self.lag = Lag()
        self.backwards: list[str] = []
        self._sides = sides
        self._last: dict[Owner, Place] = {}

    def run(self) -> None:
        while not self.over.wait(EVERY_SECONDS):
            with suppress(psycopg.OperationalError), ExitStack() as opened:
                ends = {
                    side: opened.enter_context(
                        psycopg.connect(url_of(self._sides, side), autocommit=True)
                    )
                    for side in Owner
                }
                while not self.over.wait(EVERY_SECONDS):
                    for side in Owner:
                        self._look(side, ends)

    def _look(self, side: Owner, ends: dict[Owner, psycopg.Connection[tuple[str, ...]]]) -> None:
        written = ends[side].execute(ENDS).fetchone()
        found = ends[opposite(side)].execute(RECORDS[side]).fetchone()
        assert written is not None
        assert found is not None
        applied, epoch, transactions, rows = found
        now = Place(Lsn.parse(applied), int(epoch), int(transactions), int(rows))
        before = self._last.get(side, now)
        if any(
            later < earlier
            for earlier, later in (
                (before.applied, now.applied),
                (before.epoch, now.epoch),
                (before.transactions, now.transactions),
                (before.rows, now.rows),
            )
        ):
            self.backwards.append(f"from the {side} side: {before} → {now}")
        self._last[side] = now
        self.lag.see(side, now.applied, Lsn.parse(written[0]))
