"""What comes while the target is busy is read ahead, and changes nothing of what is applied."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication.apply.batch import Batch
from legacy_bridge.replication.apply.forms import DriftError
from legacy_bridge.replication.pgoutput.spill import Spill
from legacy_bridge.replication.pgoutput.transactions import Transaction
from legacy_bridge.replication.receiver import Receiver
from legacy_bridge.replication.stream import ReplicationStream
from tests.legacy_bridge.replication.apply.live import SECONDS, following, wait_for
from tests.legacy_bridge.replication.pgoutput.published import await_transactions
from tests.legacy_bridge.replication.sides import Sides, ask, run

WAITS: LiteralString = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


class Taken:
    """How many transactions the batches took so far, and whether the last one is coalesced."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.coalesced = False
        self._changed = Condition()
        add = Batch.add

        def adding(batch: Batch, transactions: Iterable[Transaction]) -> None:
            several = list(transactions)
            add(batch, several)
            with self._changed:
                self.count += len(several)
                self.coalesced = batch.coalesced is not None
                self._changed.notify_all()

        monkeypatch.setattr(Batch, "add", adding)
        self._receivers: list[Receiver] = []
        begin = Receiver.__init__

        def beginning(receiver: Receiver, stream: ReplicationStream) -> None:
            begin(receiver, stream)
            self._receivers.append(receiver)

        monkeypatch.setattr(Receiver, "__init__", beginning)

    def wait_for_arrived(self, count: int) -> None:
        """So many have come and wait to be taken."""
        (receiver,) = self._receivers
        await_transactions(receiver, count)

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.count >= count, SECONDS), self.count


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    return Taken(monkeypatch)


@contextmanager
def busy(sides: Sides, taken: Taken) -> Iterator[None]:
    """The target is held up in a batch of several, four transactions of which were taken."""
    with psycopg.connect(sides.native) as first, psycopg.connect(sides.native) as second:
        for connection, key in ((first, 1), (second, 2)):
            connection.execute("SELECT FROM operating_systems WHERE id = %s FOR UPDATE", [key])
        rename(sides, 1, "alone")
        wait_for(sides.native, WAITS, [(1,)])
        for name in ("two", "three", "four"):
            rename(sides, 2, name)
        taken.wait_for_arrived(3)
        first.rollback()
        taken.wait_for(4)
        wait_for(sides.native, WAITS, [(1,)])
        yield
        second.rollback()


def rename(sides: Sides, key: int, name: str) -> None:
    run(sides.legacy, f"UPDATE downloads_os SET name = '{name}' WHERE id = {key}")


def names(sides: Sides) -> list[tuple[str]]:
    return ask(sides.native, "SELECT name FROM operating_systems ORDER BY id")


def test_the_same_rows(begun: Sides, taken: Taken) -> None:
    with following(begun) as seen:
        with busy(begun, taken):
            rename(begun, 1, "again")
            rename(begun, 2, "five")
            rename(begun, 3, "six")
            taken.wait_for(4 + 3)
            assert taken.coalesced
        wait_for(begun.native, "SELECT name FROM operating_systems WHERE id = 3", [("six",)])
    assert names(begun) == [("again",), ("five",), ("six",)]
    assert begun.unequal() == []
    assert sum(done.transactions for done in seen.applied_) == 4 + 3
    assert ask(begun.native, "SELECT transactions, rows FROM bridge_streams") == [(7, 7)]


def test_a_table_that_comes_for_the_first_time(begun: Sides, taken: Taken) -> None:
    with following(begun):
        with busy(begun, taken):
            rename(begun, 1, "again")
            run(begun.legacy, "UPDATE downloads_releasefile SET id = 33 WHERE id = 3")
            taken.wait_for(4 + 2)
            assert not taken.coalesced
        wait_for(begun.native, "SELECT count(*) FROM release_files WHERE id = 33", [(1,)])
    assert names(begun) == [("again",), ("four",), ("macOS",)]
    assert begun.unequal() == []


def test_a_row_that_the_target_refuses(begun: Sides, taken: Taken) -> None:
    run(begun.native, "ALTER TABLE operating_systems ADD CHECK (name <> 'bad')")
    with following(begun):
        with busy(begun, taken):
            rename(begun, 3, "bad")
            rename(begun, 1, "good")
            taken.wait_for(4 + 2)
        wait_for(begun.native, "SELECT name FROM operating_systems WHERE id = 1", [("good",)])
    assert ask(begun.native, "SELECT count(*) FROM bridge_quarantine") == [(1,)]
    assert names(begun) == [("good",), ("four",), ("macOS",)]


def test_a_table_that_is_altered(begun: Sides, taken: Taken) -> None:
    with pytest.raises(DriftError):
        altered_meanwhile(begun, taken)
    assert names(begun) == [("before",), ("four",), ("macOS",)]


def altered_meanwhile(sides: Sides, taken: Taken) -> None:
    with following(sides):
        with busy(sides, taken):
            rename(sides, 1, "before")
            run(sides.legacy, "ALTER TABLE downloads_os ADD colour text")
            rename(sides, 3, "after")
            taken.wait_for(4 + 2)
            assert not taken.coalesced
        wait_for(sides.native, "SELECT fault IS NOT NULL FROM bridge_streams", [(True,)])


def test_a_connection_that_is_lost(begun: Sides, taken: Taken) -> None:
    with following(begun) as seen:
        with busy(begun, taken):
            rename(begun, 1, "again")
            taken.wait_for(4 + 1)
            terminate_who_waits(begun)
        wait_for(begun.native, "SELECT name FROM operating_systems WHERE id = 1", [("again",)])
    assert len(seen.faults) == 1
    assert names(begun) == [("again",), ("four",), ("macOS",)]
    assert begun.unequal() == []


def test_a_large_transaction_when_a_connection_is_lost(
    begun: Sides, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file is closed, and that is not left to the collector."""
    files: list[Spill] = []
    monkeypatch.setattr(Spill, "close", recording(Spill.close, files))
    with following(begun):
        with busy(begun, taken):
            run(begun.legacy, "UPDATE downloads_release SET content = repeat('x', 9 << 20)")
            taken.wait_for(4 + 1)
            terminate_who_waits(begun)
        query: LiteralString = "SELECT count(*) FROM releases WHERE length(content) = 9 << 20"
        wait_for(begun.native, query, [(2,)])
    assert len({id(one) for one in files if one.on_disk}) == 2


def recording(close: Callable[[Spill], None], files: list[Spill]) -> Callable[[Spill], None]:
    def closing(spill: Spill) -> None:
        files.append(spill)
        close(spill)

    return closing


def terminate_who_waits(sides: Sides) -> None:
    run(
        sides.native,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()",
    )
