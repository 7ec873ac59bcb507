"""A native database whose changes are followed, and a subscriber that remembers what it heard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from typing import Any, LiteralString

import psycopg

from legacy_bridge.reactions.changes import Changed, Gap
from legacy_bridge.reactions.reacting import react
from legacy_bridge.reactions.subscription import News, Subscription

SECONDS = 30.0
NAME = "books"
PUBLICATION = f"strangler_react_{NAME}"
TABLES = {"books": ("id",), "sales": ("shop", "day")}


@dataclass(frozen=True, slots=True)
class Shop:
    """`notes` is a table that nobody asks about. What is committed is on the disk at once."""

    url: str

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url, autocommit=True, options="-c synchronous_commit=on")

    def run(self, *statements: LiteralString) -> None:
        """Each in a transaction of its own, unless it is several."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def slot(self, name: str = PUBLICATION) -> str:
        """Of the subscription, in this database."""
        oid = self.ask("SELECT oid FROM pg_database WHERE datname = current_database()")
        return f"{name}_{oid}"

    def ask(self, query: LiteralString, *values: object) -> Any:
        with self.connect() as connection:
            row = connection.execute(query, values).fetchone()
        return None if row is None else row[0]


@dataclass(slots=True)
class Reader:
    """A subscriber. `fails` says whether to raise, each time before anything is remembered."""

    fails: Callable[[], bool] = lambda: False
    told: list[Changed | Gap] = field(default_factory=list)
    calls: int = 0
    beats: int = 0
    beats_before: int = 0
    """So many there were when it last took something."""
    _news: Condition = field(default_factory=Condition)

    def take(self, news: News) -> None:
        with self._news:
            self.calls += 1
            self._news.notify_all()
            if self.fails():
                raise RuntimeError("the reader is tired")
            self.beats_before = self.beats
            self.told += [news] if isinstance(news, Gap) else [c for t in news for c in t.changes]

    def current(self) -> None:
        with self._news:
            self.beats += 1
            self._news.notify_all()

    def wait(self, holds: "Callable[[Reader], bool]", seconds: float = SECONDS) -> None:
        with self._news:
            assert self._news.wait_for(lambda: holds(self), seconds), self.told[-3:]

    @property
    def changes(self) -> list[tuple[str, tuple[str | None, ...], str]]:
        return [(c.table, c.key, str(c.kind)) for c in self.told if isinstance(c, Changed)]

    @property
    def gaps(self) -> int:
        return sum(isinstance(one, Gap) for one in self.told)


@contextmanager
def reacting(shop: Shop, reader: Reader) -> Iterator[None]:
    """In a thread, from its first sign of life to the end of the block."""
    stop = Event()
    subscription = Subscription(NAME, TABLES, reader.take, reader.current)
    thread = Thread(target=react, args=(shop.url, [subscription], stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SECONDS)
    assert not thread.is_alive()


def begun(reader: Reader) -> bool:
    """It was told of the gap before its slot: whatever is committed from now on will be told."""
    return reader.gaps > 0
