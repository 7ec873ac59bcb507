"""From the slot to the subscriber: what has come is told, and acknowledged once it was taken.

1. receive            one transaction when little happens, several after a backlog
2. await_visible      whoever reacts by reading sees the new rows
3. take               again after a pause, as often as the subscriber raises
4. acknowledge        the server may forget it
"""

import logging
from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic

from legacy_bridge.reactions.changes import committed
from legacy_bridge.reactions.pulse import Pulse
from legacy_bridge.reactions.subscription import News, Subscription
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.progress import Idle
from legacy_bridge.replication.pgoutput.transactions import Transaction
from legacy_bridge.replication.receiver import Receiver
from legacy_bridge.replication.stream import Item
from legacy_bridge.replication.visible import await_visible

WAIT_SECONDS = 0.1
PAUSE_SECONDS = (0.1, 30.0)
"""Until a subscriber that raised is told again: at first, at most."""

log = logging.getLogger(__name__)


class Reading:
    """Of one subscription and connection. `acknowledge` is told what the server may forget."""

    def __init__(
        self,
        subscription: Subscription,
        native: Connection,
        receiver: Receiver,
        acknowledge: Callable[[Lsn], None],
        position: Lsn,
        stop: Event,
    ) -> None:
        self._subscription = subscription
        self._native = native
        self._receiver = receiver
        self._acknowledge = acknowledge
        self._position = position
        self._stop = stop
        self._pulse = Pulse()

    def turn(self) -> None:
        """Tell what has come, or wait a moment."""
        items = self._items()
        transactions = [item for item in items if isinstance(item, Transaction)]
        try:
            if transactions and not self._tell(transactions):
                return
        finally:
            for transaction in transactions:
                transaction.close()
        if reached := [position for item in items if (position := _position(item)) is not None]:
            self._position = reached[-1]
            failpoint("react.before_acknowledge")
            self._acknowledge(self._position)
        self._beat()

    def _items(self) -> Sequence[Item]:
        if ready := self._receiver.take_ready():
            return ready
        item = self._receiver.take(WAIT_SECONDS)
        return () if item is None else (item, *self._receiver.take_ready())

    def _tell(self, transactions: Sequence[Transaction]) -> bool:
        """False if told to stop before it was taken."""
        if not await_visible(self._native, (t.xid for t in transactions), self._stop):
            return False
        keys = self._subscription.tables
        failpoint("react.before_take")
        return taken(self._subscription, [committed(t, keys) for t in transactions], self._stop)

    def _beat(self) -> None:
        current = self._subscription.current
        if current and self._pulse.beats(self._native, self._position, monotonic()):
            try:
                current()
            except Exception:
                log.exception("the subscriber %s failed", self._subscription.name)


def taken(subscription: Subscription, news: News, stop: Event) -> bool:
    """Tell until the subscriber returns; False if told to stop before."""
    pause = PAUSE_SECONDS[0]
    while not stop.is_set():
        try:
            subscription.take(news)
        except Exception:
            # What a subscriber may raise is unknown here; nothing is lost, so nothing ends.
            log.exception("%s failed and is told again in %g s", subscription.name, pause)
            if stop.wait(pause):
                return False
            pause = min(2 * pause, PAUSE_SECONDS[1])
        else:
            return True
    return False


def _position(item: Item) -> Lsn | None:
    match item:
        case Transaction():
            return item.end_lsn
        case Idle():
            return item.position
    return None
