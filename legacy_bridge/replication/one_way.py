"""One direction, from one connection to the next: what is committed at one end is applied at the
other, until told to stop.

Everything that passes (a server that restarts, a connection that breaks) is tried again from what
is written down; whatever somebody has to repair ends it with the reason.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Protocol

import psycopg

from legacy_bridge.replication import preflight
from legacy_bridge.replication.apply.applied import Applied
from legacy_bridge.replication.apply.applier import Applier
from legacy_bridge.replication.apply.following import Following
from legacy_bridge.replication.apply.marks import MARK
from legacy_bridge.replication.apply.visibly import Visible
from legacy_bridge.replication.clock import Reading, ask
from legacy_bridge.replication.connections import Connection, UnreachableError
from legacy_bridge.replication.copy import Domains, require_tables, table_pairs
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import (
    Owners,
    OwnersChangedError,
    read_owners,
    travelling,
)
from legacy_bridge.replication.pairs import Direction, TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.publication import Tables, drift
from legacy_bridge.replication.receiver import Receiver
from legacy_bridge.replication.records import quarantined
from legacy_bridge.replication.slots import AGAIN, SlotInUse
from legacy_bridge.replication.source import ReplicationSource
from legacy_bridge.replication.standbys import Patience, what_for
from legacy_bridge.replication.stream import ReplicationStream
from legacy_bridge.replication.stream_access import StreamLost
from legacy_bridge.replication.streams import (
    StreamRecord,
    published_tables,
    read_stream,
    require_same_source,
    take_over,
    write_fault,
)
from legacy_bridge.replication.turns import appliers, stand_by, step_forward, take_turn

TICK_SECONDS = 0.2
STANDBY_SECONDS = 0.5
PUBLISHED_SECONDS = 10.0
"""Between two looks whether everything is published still: what is not does not come."""
PAUSE_SECONDS = (0.1, 5.0)
"""Between attempts to connect again: from, to."""


class Watch(Protocol):
    """Who wants to know what happens."""

    def following(self, position: Lsn) -> None:
        """This process applies now, beginning at `position`."""

    def standing_by(self, holder: str | None) -> None:
        """Another one does."""

    def applied(self, done: Applied, position: Lsn) -> None: ...

    def lost(self, fault: str, pause: float) -> None:
        """A connection; it is tried again after `pause` seconds."""


WRITING = ("SELECT", "INSERT", "UPDATE", "DELETE")

PASSING = (StreamLost, SlotInUse, UnreachableError, psycopg.OperationalError)
"""Worth trying again; at the very start only a slot that is still in use is."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How it ended: everything up to `position` is applied, with so many rows set apart.

    `lost`: of the changes that were applied, so many lost against the owner's.
    """

    direction: Direction
    position: Lsn
    transactions: int
    rows: int
    lost: int
    quarantined: int


def told(error: Exception, direction: Direction) -> BridgeError:
    if isinstance(error, BridgeError):
        return error
    said = " ".join(str(error).split())
    diagnosed = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return BridgeError(
        f"while changes were applied: {diagnosed or said} — the {direction.destination} tables "
        "are as of the last position written down; `strangler sync run` goes on from there"
    )


class OneWay:
    """From one connection to the next. `progressed`: something went well since the last fault.
    `answered`: there is a stream in the other direction."""

    def __init__(
        self,
        ends: Ends,
        direction: Direction,
        domains: Domains,
        watch: Watch,
        stop: Event,
        *,
        once: bool,
        answered: bool = False,
    ) -> None:
        self.direction = direction
        self.progressed = False
        self._ends = ends
        self._source = ends.source(direction)
        self._domains = domains
        self._watch = watch
        self._stop = stop
        self._once = once
        self._answered = answered
        self._goal: Reading | None = None
        self._position = Lsn(0)
        self._transactions = 0
        self._rows = 0
        self._lost = 0
        self._left = 0

    def run(self) -> Followed:
        """Until told to stop, or with `once` until everything committed before is applied."""
        # Thousands of transactions wait at a time. Whenever there are a quarter more of them, the
        # collector looks at all there is: at the code as well, unless it is told that it stays.
        gc.collect()
        gc.freeze()
        pause, began = PAUSE_SECONDS[0], False
        while True:
            try:
                self.session()
            except OwnersChangedError:
                continue
            except PASSING as error:
                began = began or self.progressed or isinstance(error, SlotInUse)
                if not began:
                    raise told(error, self.direction) from None
                pause = PAUSE_SECONDS[0] if self.progressed else min(2 * pause, PAUSE_SECONDS[1])
                self._watch.lost(str(told(error, self.direction)), pause)
                self.progressed = False
                if self._stop.wait(pause):
                    return self.summary()
            except psycopg.Error as error:
                raise told(error, self.direction) from None
            else:
                return self.summary()

    def summary(self) -> Followed:
        return Followed(
            self.direction, self._position, self._transactions, self._rows, self._lost, self._left
        )

    def session(self) -> None:
        """Until the end, or until a connection is lost.

        1. connect to both
        2. take the turn, or stand by for it
        3. look whether this is still the same source, with the tables of the mappings, published
        4. receive and apply
        """
        with self._ends.to_target(self.direction) as target:
            required_stream(target, self.direction)
            with self._ends.to_source(self.direction) as source:
                reading = ask(source)
                if self._goal is None or not self._once:
                    self._goal = reading
                if not self._turn(source, target):
                    return
                epoch = take_over(target, self.direction)
                try:
                    self._apply(source, target, reading)
                except (*PASSING, OwnersChangedError):
                    raise
                except (BridgeError, psycopg.Error) as error:
                    why = told(error, self.direction)
                    with suppress(psycopg.Error):
                        write_fault(target, self.direction, epoch, str(why))
                    raise why from None

    def _turn(self, source: Connection, target: Connection) -> bool:
        """Wait for it. False if there is nothing to wait for any more."""
        if take_turn(target, self.direction):
            return True
        stand_by(target, self.direction)
        self._watch.standing_by(appliers(target, self.direction)[0])
        self.progressed = True
        patience = Patience()
        while not take_turn(target, self.direction):
            if self._stop.wait(STANDBY_SECONDS) or self._done_by_another(target):
                return False
            if self._once:
                patience.take(what_for(source, target, self.direction))
        step_forward(target, self.direction)
        return True

    def _done_by_another(self, target: Connection) -> bool:
        """With `once`, whoever has the turn does what we were asked for."""
        self._position = required_stream(target, self.direction).applied
        self._left = sum(quarantined(target).values())
        return self._reached()

    def _apply(self, source: Connection, target: Connection, reading: Reading) -> None:
        """`reading`: of this connection. A server that crashed since an older one may give numbers
        of transactions, and positions, out again."""
        record = required_stream(target, self.direction)
        legacy, native = by_side(self.direction, source, target)
        owners = read_owners(native)
        domains = carried(self._domains, record, owners)
        pairs = directed_pairs(legacy, native, domains, self.direction)
        applier = Applier(
            target,
            source,
            pairs,
            record=record,
            owners=owners,
            answered=self._answered,
        )

        visible = Visible(source, target, self.direction, self._stop, once=self._once)

        def require_all() -> None:
            try:
                require_published(source, record, published_tables(domains, self.direction))
            except BridgeError:
                if read_owners(native).version != owners.version:
                    raise OwnersChangedError("a domain was retired meanwhile") from None
                raise

        with self._stream(record, require_all) as stream, Receiver(stream) as receiver:
            self._watch.following(record.applied)
            self._position, self.progressed = record.applied, True
            following = Following(
                receiver, stream.acknowledge, applier, source, target, visible, reading
            )
            with closing(following):
                self._follow(following, applier, require_all)
            self._left = sum(quarantined(target).values())

    def _follow(
        self, following: Following, applier: Applier, require_all: Callable[[], None]
    ) -> None:
        next_look = monotonic() + PUBLISHED_SECONDS
        while not self._stop.is_set() and not self._reached():
            if monotonic() >= next_look:
                require_all()
                next_look = monotonic() + PUBLISHED_SECONDS
            done = following.turn()
            self._position = applier.position
            if done:
                self._count(done)
        if self._once:
            following.finish()

    @contextmanager
    def _stream(
        self, record: StreamRecord, require_all: Callable[[], None]
    ) -> Iterator[ReplicationStream]:
        source = ReplicationSource(
            self._source.url,
            self._source.what,
            slot=record.slot,
            publication=record.publication,
            skipped=MARK,
            mixed=bool(record.own_xids),
            idle_seconds=TICK_SECONDS,
        )
        with source:
            require_same_source(record, source.identify())
            require_all()
            yield source.start(record.applied)

    def _reached(self) -> bool:
        return self._once and self._goal is not None and self._position >= self._goal.position

    def _count(self, done: Applied) -> None:
        self._transactions += done.transactions
        self._rows += done.rows
        self._lost += done.lost
        self._watch.applied(done, self._position)


def by_side(
    direction: Direction, source: Connection, target: Connection
) -> tuple[Connection, Connection]:
    """Legacy, native."""
    return (source, target) if direction is Direction.FORWARD else (target, source)


def directed_pairs(
    legacy: Connection, native: Connection, domains: Domains, direction: Direction
) -> list[TablePair]:
    """Raises `BridgeError` unless all tables are there, fit, and may be read and written."""
    mappings = [mapping for mapped in domains.values() for mapping in mapped]
    require_tables(legacy, native, mappings)
    if direction is Direction.REVERSE:
        preflight.require_rights(legacy, [mapping.legacy for mapping in mappings], WRITING)
    pairs, _ = table_pairs(legacy, native, domains)
    return [pair.towards(direction) for pair in pairs]


def required_stream(target: Connection, direction: Direction) -> StreamRecord:
    """Raises `BridgeError` unless there is one, with its first copy complete."""
    record = read_stream(target, direction)
    if record is None or record.copied_at is None:
        raise BridgeError(
            f"there is no stream from the {direction.origin} database yet, or its first copy was "
            "not completed — run `strangler sync init`"
        )
    return record


def carried(domains: Domains, record: StreamRecord, owners: Owners) -> Domains:
    """Those that the stream carries. Raises `BridgeError` for one that this code does not know; of
    a retired one it need not know anything."""
    if unknown := sorted(set(record.domains) - set(domains) - owners.retired):
        raise BridgeError(
            f"the stream carries {', '.join(unknown)}, which this version of the code does not "
            "know — run the version that made the stream, or `strangler sync init` again"
        )
    known = {name: mapped for name, mapped in domains.items() if name in record.domains}
    return travelling(known, owners)


def require_published(source: Connection, record: StreamRecord, tables: Tables) -> None:
    """Raises `BridgeError` unless every change that is wanted comes."""
    found = drift(source, record.publication, tables)
    if found.loses or not found.exists:
        what = ", ".join((*found.absent, *found.filtered, *found.left_out))
        raise BridgeError(
            f"the publication {record.publication} does not bring everything any more ({what}), so "
            f"that changes may have been missed — {AGAIN}"
        )
