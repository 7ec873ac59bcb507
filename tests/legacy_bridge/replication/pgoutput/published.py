"""One database whose changes are read, and what most tests do with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, LiteralString

import psycopg

from legacy_bridge.replication.connections import LEGACY
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import Delete, Insert, Row, Update
from legacy_bridge.replication.pgoutput.progress import Idle
from legacy_bridge.replication.pgoutput.transactions import Change, Emptied, Transaction
from legacy_bridge.replication.receiver import Receiver
from legacy_bridge.replication.source import NewSlot, ReplicationSource
from legacy_bridge.replication.stream import Item, ReplicationStream

SECONDS = 40.0
PUBLICATION: LiteralString = "strangler"
_READ: LiteralString = "SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = %s"


@dataclass(frozen=True, slots=True)
class Published:
    url: str
    slot: str

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url, autocommit=True)

    def run(self, *statements: LiteralString) -> None:
        """Each in a transaction of its own."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def ask(self, query: LiteralString, *values: object) -> Any:
        with self.connect() as connection:
            row = connection.execute(query, values).fetchone()
        assert row is not None
        return row[0]

    def source(self, **options: Any) -> ReplicationSource:
        options = {"idle_seconds": 0.0} | options
        return ReplicationSource(
            self.url, LEGACY, slot=self.slot, publication=PUBLICATION, **options
        )

    def publish(self, *tables: LiteralString) -> NewSlot:
        """Tables by their definitions (`a (id int PRIMARY KEY)`), published; and the slot."""
        self.run(*(f"CREATE TABLE {table}" for table in tables))
        names = ", ".join(table.partition(" (")[0] for table in tables)
        self.run(f"CREATE PUBLICATION {PUBLICATION} FOR TABLE {names}")
        with self.source() as source:
            return source.create_slot()

    @contextmanager
    def stream(self, from_: Lsn, **options: Any) -> Iterator[ReplicationStream]:
        with self.source(**options) as source:
            stream = source.start(from_)
            try:
                yield stream
            finally:
                stream.close()
        self.left()

    def left(self) -> None:
        """Until the server has read the last words of whoever was reading, and freed the slot."""
        deadline = monotonic() + SECONDS
        with self.connect() as connection:
            while connection.execute(_READ, [self.slot]).fetchone():
                assert monotonic() < deadline
                sleep(0.002)

    def confirmed(self) -> Lsn:
        return Lsn.parse(
            self.ask(
                "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = %s",
                self.slot,
            )
        )

    def position(self) -> Lsn:
        return Lsn.parse(self.ask("SELECT pg_current_wal_insert_lsn()::text"))


def items(stream: ReplicationStream) -> Iterator[Item]:
    """Whatever comes; fails if nothing does for too long."""
    while True:
        item = stream.receive(SECONDS)
        assert item is not None
        yield item


def transactions(stream: ReplicationStream, number: int) -> list[Transaction]:
    """The next ones; whatever else comes is left out."""
    found: list[Transaction] = []
    for item in items(stream) if number else ():
        if isinstance(item, Transaction):
            found.append(item)
            if len(found) == number:
                break
    return found


def transaction(stream: ReplicationStream) -> Transaction:
    (found,) = transactions(stream, 1)
    return found


def await_transactions(receiver: Receiver, number: int) -> None:
    """Until so many have come and wait to be taken, among whatever else has."""
    come, transactions = 0, 0
    while transactions < number:
        receiver.gather(come + 1, SECONDS)
        waiting = list(receiver._items)
        assert len(waiting) > come
        come = len(waiting)
        transactions = sum(isinstance(item, Transaction) for item in waiting)


def idle(stream: ReplicationStream, beyond: Lsn) -> Idle:
    """The first that tells of everything before a position."""
    deadline = monotonic() + SECONDS
    for item in items(stream):
        assert isinstance(item, Idle)
        if item.position >= beyond:
            return item
        assert monotonic() < deadline
    raise AssertionError


Told = tuple[str, str, Row | None, Row | None]


def told(transaction: Transaction) -> list[Told]:
    """Its changes as (table, what, old row, new row), and its file closed."""
    with transaction:
        return [one for change in transaction.changes for one in _told(change)]


def _told(change: Change | Emptied) -> Sequence[Told]:
    if isinstance(change, Emptied):
        return [(relation.name, "truncate", None, None) for relation in change.relations]
    table = change.relation.name
    match change.row:
        case Insert(new=new):
            return [(table, "insert", None, new)]
        case Update(old=old, new=new):
            return [(table, "update", old, new)]
        case Delete(old=old):
            return [(table, "delete", old, None)]
