"""A thread that reads a stream ahead of whoever applies it, up to a bound, and keeps it alive."""

from collections import deque
from collections.abc import Iterable
from itertools import chain, islice
from threading import Condition, Thread
from time import sleep
from typing import Self

from legacy_bridge.replication.pgoutput.progress import Idle
from legacy_bridge.replication.pgoutput.transactions import Transaction
from legacy_bridge.replication.stream import Item, ReplicationStream

AHEAD_BYTES = 32 << 20
AHEAD_ITEMS = 10_000
SPILLED_BYTES = 8 << 20
TURN_SECONDS = 0.1
TOGETHER = 100
"""Items that are handed over at a time, if so many have arrived."""
SEVERAL = 8
REST_SECONDS = 0.001
"""Where several came since the last look, the next one is after a rest: the server sends each
message by itself, and would have to wake us for each. A lone one is seen at once."""


class Receiver:
    """Reads from construction until `close()`, which closes the stream as well.

    Ahead of the reader are at most `ahead_bytes` of rows, beyond the last transaction, and
    `ahead_items` items. While nobody takes them, nothing is read but the server hears of us.
    """

    def __init__(
        self,
        stream: ReplicationStream,
        *,
        ahead_bytes: int = AHEAD_BYTES,
        ahead_items: int = AHEAD_ITEMS,
    ) -> None:
        self._stream = stream
        self._ahead_bytes = ahead_bytes
        self._ahead_items = ahead_items
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._fault: BaseException | None = None
        self._closing = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, name="replication receiver", daemon=True)
        self._thread.start()

    @property
    def waiting_bytes(self) -> int:
        """What was read and not taken, as counted for `ahead_bytes`."""
        return self._bytes

    def take(self, timeout: float) -> Item | None:
        """The next item, in the order of the stream; None if there was none within `timeout` s.

        What the stream raised is raised here, once everything before it was taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._fault, timeout)
            if self._items:
                item = self._items.popleft()
                self._bytes -= _size(item)
                self._changed.notify_all()
                return item
            if self._fault:
                raise self._fault
            return None

    def take_ready(self) -> deque[Item]:
        """Everything that has come, without waiting: one lock for all of it."""
        with self._changed:
            ready, self._items, self._bytes = self._items, deque(), 0
            self._changed.notify_all()
            return ready

    def take_transactions(self, count: int, rows: int, size: int) -> list[Transaction]:
        """Those that have come, up to an item of another kind, or to that which makes them so many,
        or of so many rows or bytes: one lock for all of them. That nothing happened for a while is
        of no interest where something has happened since."""
        taken: list[Transaction] = []
        with self._changed:
            waiting = self._items
            while waiting and len(taken) < count and rows > 0 and size > 0:
                item = waiting[0]
                if isinstance(item, Idle) and len(waiting) > 1:
                    waiting.popleft()
                    continue
                if not isinstance(item, Transaction):
                    break
                taken.append(item)
                waiting.popleft()
                rows, size = rows - item.rows, size - item.size
                self._bytes -= _size(item)
            self._changed.notify_all()
        return taken

    def gather(self, items: int, seconds: float) -> None:
        """Wait until so many have come, for `seconds` at most."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._items) >= items or self._fault or self._is_full(), seconds
            )

    def close(self) -> None:
        """Tell the server how far things are, and end. What was not taken will come again."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        for item in self._items:
            if isinstance(item, Transaction):
                item.close()
        self._items.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            while not self._closing:
                if first := self._stream.receive(TURN_SECONDS):
                    self._put(chain((first,), islice(self._stream.arrived(), TOGETHER - 1)))
        except BaseException as error:  # raised where it is waited for
            with self._changed:
                self._fault = error
                self._changed.notify_all()
        finally:
            self._stream.close()

    def _put(self, items: Iterable[Item]) -> None:
        """As many as there is room for, and one more; those before a fault are there as well."""
        come: list[Item] = []
        size, room = 0, self._ahead_bytes - self._bytes
        places = self._ahead_items - len(self._items)
        try:
            for item in items:
                come.append(item)
                size += _size(item)
                if size > room or len(come) >= places:
                    break
        finally:
            with self._changed:
                self._items.extend(come)
                self._bytes += size
                self._changed.notify_all()
        if SEVERAL <= len(come) < TOGETHER and self._stream.is_drained():
            sleep(REST_SECONDS)
        self._wait_for_room()

    def _wait_for_room(self) -> None:
        with self._changed:
            while not self._changed.wait_for(self._may_go_on, TURN_SECONDS):
                self._stream.tend()

    def _may_go_on(self) -> bool:
        return self._closing or not self._is_full()

    def _is_full(self) -> bool:
        return self._bytes > self._ahead_bytes or len(self._items) >= self._ahead_items


def _size(item: Item) -> int:
    """What it takes of the bound. Of transactions on the disk, with a file each, few may wait."""
    if not isinstance(item, Transaction):
        return 0
    return SPILLED_BYTES if item.spilled else item.size
