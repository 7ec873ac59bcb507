"""The answers that one worker keeps, and when none of them may be trusted.

Whoever listens to the database calls `pulse`, `changed` and `deaf`. An answer is never older than
what was last heard:

- What is made from rows that changed while it was made is not kept (`began` says since when).
- Without a pulse for `SILENCE_SECONDS` nothing is found or kept. A pulse says that all that was
  committed up to a second before it has been announced, so that after three seconds at most no
  change remains unnoticed, whatever broke. What was kept until then goes when one comes again.

Belongs to one event loop; nothing in it waits.
"""

import time
from collections.abc import Callable, Iterable

from ported_domains.shared.caching.kept import Kept, Key
from ported_domains.shared.caching.shelf import Shelf

SILENCE_SECONDS = 2.0
LARGEST_SHARE = 1 / 16
"""Of the capacity: a larger answer is not kept, as it would drive out too many others."""
UNSURE_SHARE = 1 / 4
"""Of the capacity, for answers of which a stranger can cause any number: to queries, to what is
elsewhere or nowhere. They never drive out pages."""

Count = Callable[[str, int], None]
"""What happened, and how often."""


class AnswerCache:
    """`capacity` in octets, `clock` in seconds. `count` hears what becomes of answers."""

    def __init__(
        self, capacity: int, count: Count, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.count = count
        self.clock = clock
        self._sure = Shelf(capacity - int(capacity * UNSURE_SHARE))
        self._unsure = Shelf(int(capacity * UNSURE_SHARE))
        self._largest = int(capacity * LARGEST_SHARE)
        self._by_table: dict[str, set[Key]] = {}
        self._events = 0
        self._changed: dict[str, int] = {}  # a table → the last event that it changed with
        self._emptied = 0
        self._trusted_until = 0.0

    @property
    def trusted(self) -> bool:
        """Whether it would have been heard if anything had changed."""
        return self.clock() < self._trusted_until

    @property
    def octets(self) -> int:
        return self._sure.octets + self._unsure.octets

    def __len__(self) -> int:
        return len(self._sure) + len(self._unsure)

    # what was heard

    def pulse(self) -> None:
        """Every change up to now, but for the last second, has been heard of."""
        if not self.trusted:
            self._empty()
        self._trusted_until = self.clock() + SILENCE_SECONDS

    def changed(self, tables: Iterable[str] | None) -> None:
        """Rows of these tables; None for all that there are."""
        if tables is None:
            self._empty()
            return
        self._events += 1
        for table in tables:
            self._changed[table] = self._events
            keys = tuple(self._by_table.get(table, ()))
            self._tell("invalidated", len(keys))
            for key in keys:
                self._forget(key)

    def deaf(self) -> None:
        """Nothing is heard any more, until the next pulse."""
        self._trusted_until = 0.0
        self._empty()

    # what is kept

    @property
    def now(self) -> int:
        """The last event, for `keep` and `stands`."""
        return self._events

    def stands(self, tables: Iterable[str], began: int) -> bool:
        """Whether rows of these tables are, as far as is known, as they were at event `began`."""
        if not self.trusted or self._emptied > began:
            return False
        return all(self._changed.get(table, 0) <= began for table in tables)

    def find(self, key: Key) -> Kept | None:
        if not self.trusted:
            return None
        kept = self._sure.find(key) or self._unsure.find(key)
        if kept is not None and kept.until <= self.clock():
            self._forget(key)
            return None
        return kept

    def keep(self, key: Key, kept: Kept, began: int) -> bool:
        """Keep what was made from rows read after event `began`. False if that cannot be."""
        if kept.size > self._largest or not self.stands(kept.tables, began):
            return False
        self._forget(key)
        shelf = self._sure if kept.is_page and not key.query else self._unsure
        evicted = shelf.put(key, kept)
        for table in kept.tables:
            self._by_table.setdefault(table, set()).add(key)
        for gone in evicted:
            self._unlist(*gone)
        self._tell("evicted", len(evicted))
        self._tell("kept", 1)
        return True

    def _forget(self, key: Key) -> None:
        kept = self._sure.remove(key) or self._unsure.remove(key)
        if kept is not None:
            self._unlist(key, kept)

    def _unlist(self, key: Key, kept: Kept) -> None:
        for table in kept.tables:
            self._by_table[table].discard(key)

    def _empty(self) -> None:
        self._events += 1
        self._emptied = self._events
        self._tell("invalidated", len(self))
        for shelf in (self._sure, self._unsure):
            shelf.clear()
        self._by_table.clear()

    def _tell(self, what: str, times: int) -> None:
        if times:
            self.count(what, times)
