"""Every subscription follows the native database, each in a thread, until told to stop.

A lost connection, a restarted server, a slot in use or a missing right is logged and tried again:
reactions never end what runs beside them.
"""

import logging
from collections.abc import Sequence
from threading import Event, Thread

import psycopg

from legacy_bridge.reactions.beginning import beginning
from legacy_bridge.reactions.reading import Reading, taken
from legacy_bridge.reactions.subscription import Subscription
from legacy_bridge.replication.connections import NATIVE, Connection, connected
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import PgoutputError
from legacy_bridge.replication.receiver import Receiver
from legacy_bridge.replication.source import ReplicationSource
from legacy_bridge.replication.turns import stand_by, step_forward, take_turn

IDLE_SECONDS = 0.1
STANDBY_SECONDS = 0.5
PAUSE_SECONDS = (0.1, 15.0)
"""Between attempts to go on: from, to."""

log = logging.getLogger(__name__)


def react(native_url: str, subscriptions: Sequence[Subscription], stop: Event) -> None:
    """Tell the subscribers of changes until `stop`. Blocks; to be run in a thread.

    Of several processes that call this one reads for each subscription; the others stand by.
    """
    threads = [
        Thread(target=_Reactor(native_url, each, stop).run, name=f"react {each.name}", daemon=True)
        for each in subscriptions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class _Reactor:
    """One subscription, from one connection to the next."""

    def __init__(self, native_url: str, subscription: Subscription, stop: Event) -> None:
        self._native_url = native_url
        self._subscription = subscription
        self._stop = stop
        self._progressed = False
        self._said = ""

    def run(self) -> None:
        pause = PAUSE_SECONDS[0]
        while not self._stop.is_set():
            try:
                self._session()
            except (BridgeError, psycopg.Error, PgoutputError, OSError) as error:
                pause = PAUSE_SECONDS[0] if self._progressed else min(2 * pause, PAUSE_SECONDS[1])
                self._progressed = False
                self._log(" ".join(str(error).split()))
                self._stop.wait(pause)
            except Exception:
                log.exception("reactions of %s failed", self._subscription.name)
                self._stop.wait(PAUSE_SECONDS[1])

    def _log(self, fault: str) -> None:
        """Once, however often it is tried."""
        if fault != self._said:
            log.warning("reactions of %s wait: %s", self._subscription.name, fault)
        self._said = fault

    def _session(self) -> None:
        """Until told to stop, or until a connection is lost.

        1. connect, and take the turn or stand by for it
        2. find out where to go on, telling of a gap if there is one
        3. receive and tell
        """
        with connected(self._native_url, NATIVE) as native:
            if not self._turn(native):
                return
            position = beginning(
                native,
                self._native_url,
                self._subscription,
                lambda gap: taken(self._subscription, gap, self._stop),
            )
            if position is not None:
                self._read(native, position)

    def _turn(self, native: Connection) -> bool:
        """Wait for it. False if told to stop."""
        name = self._subscription.publication
        if take_turn(native, name):
            return True
        stand_by(native, name)
        log.info("reactions of %s stand by: another process has them", self._subscription.name)
        self._progressed = True
        while not take_turn(native, name):
            if self._stop.wait(STANDBY_SECONDS):
                return False
        step_forward(native, name)
        return True

    def _read(self, native: Connection, position: Lsn) -> None:
        source = ReplicationSource(
            self._native_url,
            NATIVE,
            slot=self._subscription.slot(native),
            publication=self._subscription.publication,
            idle_seconds=IDLE_SECONDS,
        )
        with source:
            stream = source.start(position)
            with Receiver(stream) as receiver:
                log.info("reactions of %s go on from %s", self._subscription.name, position)
                self._progressed, self._said = True, ""
                reading = Reading(
                    self._subscription, native, receiver, stream.acknowledge, position, self._stop
                )
                while not self._stop.is_set():
                    reading.turn()
