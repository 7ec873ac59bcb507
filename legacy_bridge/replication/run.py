"""Follow the legacy database: what is committed there is applied natively, until told to stop.

Everything that passes (a server that restarts, a connection that breaks) is tried again from what
is written down; whatever somebody has to repair ends the run with the reason.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from typing import Protocol

import psycopg

from legacy_bridge.replication.apply.applier import Applied, Applier
from legacy_bridge.replication.apply.following import Following
from legacy_bridge.replication.clock import ask
from legacy_bridge.replication.connections import (
    LEGACY,
    NATIVE,
    Connection,
    UnreachableError,
    connected,
)
from legacy_bridge.replication.copy import Domains, require_tables, table_pairs
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.publication import drift
from legacy_bridge.replication.receiver import Receiver
from legacy_bridge.replication.records import quarantined
from legacy_bridge.replication.slots import AGAIN, SlotInUse
from legacy_bridge.replication.source import ReplicationSource
from legacy_bridge.replication.stream import ReplicationStream
from legacy_bridge.replication.stream_access import StreamLost
from legacy_bridge.replication.streams import (
    FORWARD,
    StreamRecord,
    published_tables,
    read_stream,
    require_same_source,
    take_over,
    write_fault,
)
from legacy_bridge.replication.turns import appliers, stand_by, step_forward, take_turn

TICK_SECONDS = 0.2
IDLE_SECONDS = 1.0
STANDBY_SECONDS = 0.5
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


PASSING = (StreamLost, SlotInUse, UnreachableError, psycopg.OperationalError)
"""Worth trying again; at the very start only a slot that is still in use is."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How it ended: everything up to `position` is applied, with so many rows set apart."""

    position: Lsn
    transactions: int
    rows: int
    quarantined: int


def follow(
    legacy_url: str,
    native_url: str,
    domains: Domains,
    watch: Watch,
    stop: Event,
    *,
    once: bool = False,
) -> Followed:
    """Apply until `stop`; with `once` until everything committed before the call is applied.

    `domains` are all there are; the stream says which of them it carries. Raises `BridgeError`
    for whatever does not pass by itself; what was applied until then stays.
    """
    run = _Run(legacy_url, native_url, domains, watch, stop, once)
    pause, began = PAUSE_SECONDS[0], False
    while True:
        try:
            run.session()
        except PASSING as error:
            began = began or run.progressed or isinstance(error, SlotInUse)
            if not began:
                raise _told(error) from None
            pause = PAUSE_SECONDS[0] if run.progressed else min(2 * pause, PAUSE_SECONDS[1])
            watch.lost(str(_told(error)), pause)
            run.progressed = False
            if stop.wait(pause):
                return run.summary()
        except psycopg.Error as error:
            raise _told(error) from None
        else:
            return run.summary()


def _told(error: Exception) -> BridgeError:
    if isinstance(error, BridgeError):
        return error
    said = " ".join(str(error).split())
    diagnosed = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return BridgeError(
        f"while changes were applied: {diagnosed or said} — the native tables are as of the last "
        "position written down; `strangler sync run` goes on from there"
    )


class _Run:
    """From one connection to the next. `progressed`: something went well since the last fault."""

    def __init__(
        self,
        legacy_url: str,
        native_url: str,
        domains: Domains,
        watch: Watch,
        stop: Event,
        once: bool,
    ) -> None:
        self.progressed = False
        self._legacy_url = legacy_url
        self._native_url = native_url
        self._domains = domains
        self._watch = watch
        self._stop = stop
        self._once = once
        self._target: Lsn | None = None
        self._position = Lsn(0)
        self._transactions = 0
        self._rows = 0
        self._left = 0

    def summary(self) -> Followed:
        return Followed(self._position, self._transactions, self._rows, self._left)

    def session(self) -> None:
        """Until the end, or until a connection is lost.

        1. connect to both
        2. take the turn, or stand by for it
        3. look whether this is still the same source, with the tables of the mappings, published
        4. receive and apply
        """
        with connected(self._native_url, NATIVE) as native:
            required_stream(native)
            with connected(self._legacy_url, LEGACY) as legacy:
                if self._once and self._target is None:
                    self._target = ask(legacy).position
                if not self._turn(native):
                    return
                epoch = take_over(native, FORWARD)
                try:
                    self._apply(legacy, native, epoch)
                except PASSING:
                    raise
                except (BridgeError, psycopg.Error) as error:
                    why = _told(error)
                    with suppress(psycopg.Error):
                        write_fault(native, FORWARD, epoch, str(why))
                    raise why from None

    def _turn(self, native: Connection) -> bool:
        """Wait for it. False if there is nothing to wait for any more."""
        if take_turn(native, FORWARD):
            return True
        stand_by(native, FORWARD)
        self._watch.standing_by(appliers(native, FORWARD)[0])
        self.progressed = True
        while not take_turn(native, FORWARD):
            if self._stop.wait(STANDBY_SECONDS) or self._done_by_another(native):
                return False
        step_forward(native, FORWARD)
        return True

    def _done_by_another(self, native: Connection) -> bool:
        """With `once`, whoever has the turn does what we were asked for."""
        self._position = required_stream(native).applied
        self._left = sum(quarantined(native).values())
        return self._target is not None and self._position >= self._target

    def _apply(self, legacy: Connection, native: Connection, epoch: int) -> None:
        record = required_stream(native)
        domains = carried(self._domains, record)
        require_tables(legacy, native, [m for mapped in domains.values() for m in mapped])
        pairs, _ = table_pairs(legacy, native, domains)
        applier = Applier(
            native, legacy, pairs, stream=FORWARD, epoch=epoch, position=record.applied
        )
        with self._stream(legacy, record, domains) as stream, Receiver(stream) as receiver:
            self._watch.following(record.applied)
            self._position, self.progressed = record.applied, True
            following = Following(receiver, stream.acknowledge, applier, legacy, native, pairs)
            with closing(following):
                while not self._stop.is_set() and not self._reached():
                    done = following.turn()
                    self._position = applier.position
                    if done:
                        self._count(done)
                if self._once:
                    following.reread()
            self._left = sum(quarantined(native).values())

    @contextmanager
    def _stream(
        self, legacy: Connection, record: StreamRecord, domains: Domains
    ) -> Iterator[ReplicationStream]:
        idle = TICK_SECONDS if self._once else IDLE_SECONDS
        source = ReplicationSource(
            self._legacy_url,
            LEGACY,
            slot=record.slot,
            publication=record.publication,
            idle_seconds=idle,
        )
        with source:
            require_same_source(record, source.identify())
            require_published(legacy, record, domains)
            yield source.start(record.applied)

    def _reached(self) -> bool:
        return self._target is not None and self._position >= self._target

    def _count(self, done: Applied) -> None:
        self._transactions += done.transactions
        self._rows += done.rows
        self._watch.applied(done, self._position)


def required_stream(native: Connection) -> StreamRecord:
    """Raises `BridgeError` unless there is one, with its first copy complete."""
    record = read_stream(native, FORWARD)
    if record is None or record.copied_at is None:
        raise BridgeError(
            "there is no stream from the legacy database yet, or its first copy was not completed "
            "— run `strangler sync init`"
        )
    return record


def carried(domains: Domains, record: StreamRecord) -> Domains:
    """Those that the stream carries. Raises `BridgeError` for one that this code does not know."""
    if unknown := sorted(set(record.domains) - set(domains)):
        raise BridgeError(
            f"the stream carries {', '.join(unknown)}, which this version of the code does not "
            "know — run the version that made the stream, or `strangler sync init` again"
        )
    return {name: mapped for name, mapped in domains.items() if name in record.domains}


def require_published(legacy: Connection, record: StreamRecord, domains: Domains) -> None:
    """Raises `BridgeError` unless every change that is wanted comes."""
    found = drift(legacy, record.publication, published_tables(domains))
    if found.loses or not found.exists:
        what = ", ".join((*found.absent, *found.filtered, *found.left_out))
        raise BridgeError(
            f"the publication {record.publication} does not bring everything any more ({what}), so "
            f"that changes may have been missed — {AGAIN}"
        )


def streaming(native_url: str) -> tuple[str, ...]:
    """The domains that a stream carries; none before `sync init`, or in a database without tables.

    Raises `BridgeError` for one that cannot be reached.
    """
    with connected(native_url, NATIVE) as native:
        try:
            return tuple(required_stream(native).domains)
        except BridgeError:
            return ()
