"""The thread that reads ahead."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, LiteralString

import pytest

from legacy_bridge.replication import receiver as receiver_module
from legacy_bridge.replication import stream as stream_module
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.progress import Idle
from legacy_bridge.replication.pgoutput.transactions import Transaction
from legacy_bridge.replication.receiver import Receiver
from legacy_bridge.replication.stream_access import StreamLost
from tests.legacy_bridge.replication.pgoutput.published import (
    SECONDS,
    Published,
    await_transactions,
    told,
)

NOTES: LiteralString = "notes (id int PRIMARY KEY, body text)"
TERMINATE: LiteralString = (
    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = %s"
)


@contextmanager
def receiving(published: Published, from_: Lsn, **bounds: Any) -> Iterator[Receiver]:
    with published.source() as source, Receiver(source.start(from_), **bounds) as receiver:
        yield receiver
    published.left()


def take(receiver: Receiver) -> Transaction:
    while isinstance(item := receiver.take(SECONDS), Idle):
        pass
    assert isinstance(item, Transaction)
    return item


def test_nothing_comes_of_nothing(published: Published) -> None:
    slot = published.publish(NOTES)
    with receiving(published, slot.consistent_point) as receiver:
        while receiver.take(0.1):
            pass


def test_what_is_taken_and_acknowledged_does_not_come_again(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run(*(f"INSERT INTO notes VALUES ({number})" for number in range(4)))
    with published.source() as source:
        stream = source.start(slot.consistent_point)
        with Receiver(stream) as receiver:
            first, second = take(receiver), take(receiver)
            stream.acknowledge(second.end_lsn)
    published.left()
    assert [told(each)[0][3] for each in (first, second)] == [(b"0", None), (b"1", None)]
    assert published.confirmed() == second.end_lsn
    with receiving(published, second.end_lsn) as receiver:
        assert told(take(receiver)) == [("notes", "insert", None, (b"2", None))]


def test_a_fault_comes_after_what_was_read_before_it(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')", "INSERT INTO notes VALUES (2, 'b')")
    with receiving(published, slot.consistent_point) as receiver:
        first = take(receiver)
        published.run("INSERT INTO notes VALUES (3, 'c')")
        second, third = take(receiver), take(receiver)
        published.ask(TERMINATE, published.slot)
        with pytest.raises(StreamLost):
            take(receiver)
        with pytest.raises(StreamLost):
            receiver.take(0)
    assert [told(each)[0][3] for each in (first, second, third)] == [
        (b"1", b"a"),
        (b"2", b"b"),
        (b"3", b"c"),
    ]


def test_many_are_taken_together_up_to_each_bound(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run(*(f"INSERT INTO notes VALUES ({number})" for number in range(9)))
    with receiving(published, slot.consistent_point) as receiver:
        first = take(receiver)
        await_transactions(receiver, 8)
        taken = [receiver.take_transactions(2, 9, 1 << 20)]
        size = taken[0][0].size
        taken += [receiver.take_transactions(9, 3, 1 << 20)]
        taken += [receiver.take_transactions(9, 9, size + 1)]
        assert receiver.take_transactions(0, 9, 9) == []
        assert receiver.waiting_bytes == size
        last = take(receiver)
        assert (receiver.waiting_bytes, receiver.take_transactions(9, 9, 9)) == (0, [])
    assert [[told(one)[0][3] for one in part] for part in ([first], *taken, [last])] == [
        [(b"0", None)],
        [(b"1", None), (b"2", None)],
        [(b"3", None), (b"4", None), (b"5", None)],
        [(b"6", None), (b"7", None)],
        [(b"8", None)],
    ]


def test_who_gathers_waits_no_longer_than_they_want(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1)")
    with receiving(published, slot.consistent_point) as receiver:
        began = monotonic()
        receiver.gather(2, 0.05)
        assert monotonic() - began < SECONDS
        take(receiver).close()
        published.run("INSERT INTO notes VALUES (2)", "INSERT INTO notes VALUES (3)")
        began = monotonic()
        receiver.gather(2, SECONDS)
        assert monotonic() - began < SECONDS
        # How far the server is may have come before them, and between.
        rows: list[int] = []
        while len(rows) < 2:
            rows += [one.rows for one in receiver.take_transactions(9, 9, 1 << 20)]
            if len(rows) < 2 and isinstance(item := receiver.take(SECONDS), Transaction):
                rows.append(item.rows)
        assert rows == [1, 1]


ALIVE: LiteralString = """
SELECT extract(epoch FROM reply_time - %s::timestamptz), sent_lsn - %s::pg_lsn
FROM pg_stat_replication JOIN pg_replication_slots ON pid = active_pid WHERE slot_name = %s
"""


def test_who_does_not_take_is_waited_for(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more is read, and the server still hears of us: longer than it would wait."""
    monkeypatch.setattr(receiver_module, "TURN_SECONDS", 0.05)
    monkeypatch.setattr(stream_module, "STATUS_SECONDS", 0.05)
    slot = published.publish(NOTES)
    published.run(
        "ALTER ROLE CURRENT_USER IN DATABASE " + published.slot + " SET wal_sender_timeout = '2s'",
        *(f"INSERT INTO notes SELECT {n}, repeat('x', 1000)" for n in range(50)),
    )
    with receiving(published, slot.consistent_point, ahead_bytes=10_000) as receiver:
        began = published.ask("SELECT clock_timestamp()::text")
        deadline = monotonic() + SECONDS
        alive = 0.0
        while alive < 3:
            assert monotonic() < deadline
            with published.connect() as connection:
                row = connection.execute(
                    ALIVE, [began, str(slot.consistent_point), published.slot]
                ).fetchone()
            assert row is not None
            alive = float(row[0] or 0)
        assert 10_000 < receiver.waiting_bytes < 12_000
        whole = [take(receiver) for _ in range(50)]
    assert [told(each)[0][3] for each in whole] == [
        (str(number).encode(), b"x" * 1000) for number in range(50)
    ]


def test_closing_does_not_wait_for_who_does_not_take(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run(*(f"INSERT INTO notes VALUES ({number})" for number in range(20)))
    with receiving(published, slot.consistent_point, ahead_items=2) as receiver:
        take(receiver).close()
    assert published.confirmed() == slot.consistent_point
