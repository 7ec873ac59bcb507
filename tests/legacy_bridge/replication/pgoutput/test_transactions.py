"""Messages to transactions, and how far a stream says it is: no server needed."""

import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import (
    Begin,
    Commit,
    Insert,
    Message,
    PgoutputError,
    PgoutputMessage,
    Relation,
    RelationColumn,
    ReplicaIdentity,
    Truncate,
    Type,
)
from legacy_bridge.replication.pgoutput.progress import Idle, Progress
from legacy_bridge.replication.pgoutput.transactions import Assembler, Change, Transaction
from tests.legacy_bridge.replication.pgoutput.encoder import encode

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
BEGIN = Begin(Lsn(100), NOON, 7)
COMMIT = Commit(Lsn(100), Lsn(110), NOON)
KEY = RelationColumn("id", 23, -1, True)
NOTES = Relation(1, "public", "notes", ReplicaIdentity.DEFAULT, (KEY,))
WIDER = Relation(1, "public", "notes", ReplicaIdentity.DEFAULT, (KEY, KEY))


def feed(assembler: Assembler, messages: Iterable[PgoutputMessage]) -> Transaction:
    *before, complete = [assembler.feed(encode(message)) for message in messages]
    assert before == [None] * len(before)
    assert isinstance(complete, Transaction)
    return complete


def relations(transaction: Transaction) -> list[Relation]:
    return [change.relation for change in transaction.changes if isinstance(change, Change)]


@pytest.mark.parametrize("spill_bytes", [1 << 20, 0], ids=["in memory", "on disk"])
def test_changes_can_be_read_twice(tmp_path: Path, spill_bytes: int) -> None:
    rows = [Insert(1, (str(number).encode(),)) for number in range(100)]
    assembler = Assembler(spill_bytes=spill_bytes, folder=tmp_path)
    with feed(assembler, [BEGIN, NOTES, *rows, COMMIT]) as whole:
        assert whole.spilled is (spill_bytes == 0)
        for _ in range(2):
            assert [c.row for c in whole.changes if isinstance(c, Change)] == rows
    assert (whole.xid, whole.commit_lsn, whole.end_lsn) == (7, 100, 110)
    assert (whole.rows, whole.committed_at) == (100, NOON)
    assert whole.size == len(encode(NOTES)) + sum(len(encode(row)) for row in rows)
    assert list(tmp_path.iterdir()) == []


def test_memory_is_bounded_even_by_many_small_rows(tmp_path: Path) -> None:
    assembler = Assembler(spill_bytes=10_000, folder=tmp_path)
    rows = [Insert(1, ())] * 200
    with feed(assembler, [BEGIN, *rows, COMMIT]) as whole:
        assert whole.size < 10_000
        assert whole.spilled


def test_a_transaction_larger_than_memory_may_be(tmp_path: Path) -> None:
    row = encode(Insert(1, (bytes(100_000),)))
    assembler = Assembler(spill_bytes=1 << 20, folder=tmp_path)
    tracemalloc.start()
    try:
        for message in (BEGIN, NOTES):
            assembler.feed(encode(message))
        for _ in range(500):
            assembler.feed(row)
        with feed(assembler, [COMMIT]) as whole:
            assert sum(1 for _ in whole.changes) == 500
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert whole.size > 50_000_000
    assert 0 < peak < 3 << 20


@pytest.mark.parametrize("spill_bytes", [1 << 20, 0], ids=["in memory", "on disk"])
def test_each_transaction_has_its_own_rows(tmp_path: Path, spill_bytes: int) -> None:
    rows = [Insert(1, (str(number).encode(),)) for number in range(3)]
    assembler = Assembler(spill_bytes=spill_bytes, folder=tmp_path)
    each = [feed(assembler, [BEGIN, NOTES, row, COMMIT]) for row in rows]
    each[1].close()
    found = [
        [c.row for c in whole.changes if isinstance(c, Change)] for whole in (each[0], each[2])
    ]
    assert found == [[rows[0]], [rows[2]]]
    assert [whole.size for whole in each] == [len(encode(NOTES)) + len(encode(rows[0]))] * 3
    for whole in each:
        whole.close()
        whole.close()


def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path) -> None:
    assembler = Assembler(spill_bytes=0, folder=tmp_path / "absent")
    assembler.feed(encode(BEGIN))
    with pytest.raises(OSError, match="absent"):
        assembler.feed(encode(Insert(1, ())))


def test_a_table_is_the_same_object_until_it_changes() -> None:
    assembler = Assembler()
    row, wide = Insert(1, (b"1",)), Insert(1, (b"1", b"2"))
    first = feed(assembler, [BEGIN, NOTES, row, COMMIT])
    second = feed(assembler, [BEGIN, row, NOTES, row, COMMIT])
    third = feed(assembler, [BEGIN, row, WIDER, wide, COMMIT])
    fourth = feed(assembler, [BEGIN, wide, COMMIT])
    notes = relations(first)[0]
    assert relations(second) == [notes, notes]
    assert relations(third) == [notes, WIDER]
    assert relations(fourth)[0] is relations(third)[1]
    assert relations(second)[0] is notes


def test_what_does_not_follow_is_refused() -> None:
    message = Message(True, Lsn(1), "p", b"")
    lonely_ones: list[PgoutputMessage] = [
        COMMIT,
        NOTES,
        Insert(1, ()),
        Truncate((1,), False, False),
        message,
    ]
    for lonely in lonely_ones:
        with pytest.raises(PgoutputError, match="outside of a transaction"):
            Assembler().feed(encode(lonely))
    assembler = Assembler()
    assembler.feed(encode(BEGIN))
    with pytest.raises(PgoutputError, match="a begin within transaction 7"):
        assembler.feed(encode(BEGIN))
    with pytest.raises(PgoutputError, match="a commit at 0/65 of a transaction for 0/64"):
        assembler.feed(encode(Commit(Lsn(101), Lsn(110), NOON)))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (Insert(2, (b"1",)), "table 2 was not described before"),
        (Insert(1, (b"1", b"2")), "a row of 2 values for public.notes, which has 1 columns"),
        (Truncate((1, 2), False, False), "table 2 was not described before"),
    ],
)
def test_rows_that_fit_no_table_are_refused(row: PgoutputMessage, fault: str) -> None:
    whole = feed(Assembler(), [BEGIN, NOTES, row, COMMIT])
    with pytest.raises(PgoutputError) as refused:
        list(whole.changes)
    assert refused.value.fault == fault


def test_messages_of_others_are_dropped() -> None:
    assembler = Assembler(prefix="ours")
    theirs, mine, now = (
        Message(True, Lsn(1), "theirs", b"x"),
        Message(True, Lsn(2), "ours.mark", b"x"),
        Message(False, Lsn(3), "ours.now", b"x"),
    )
    whole = feed(assembler, [BEGIN, Type(1, "public", "mood"), theirs, mine, COMMIT])
    assert whole.messages == (mine,)
    assert assembler.feed(encode(now)) == now
    assert assembler.feed(encode(Message(False, Lsn(4), "theirs", b""))) is None


def test_a_transaction_that_did_not_come_whole_can_be_dropped() -> None:
    assembler = Assembler(spill_bytes=0)
    assembler.feed(encode(BEGIN))
    assembler.feed(encode(Insert(1, ())))
    assembler.close()
    assembler.close()
    with feed(assembler, [BEGIN, COMMIT]) as whole:
        assert whole.rows == 0


def test_a_keepalive_moves_what_was_received_alone() -> None:
    progress = Progress(Lsn(100), idle_seconds=10)
    assert not progress.behind
    assert progress.transaction(Lsn(110))
    progress.keepalive(Lsn(200))
    assert (progress.received, progress.acknowledged, progress.behind) == (200, 100, True)
    progress.acknowledge(Lsn(110))
    assert (progress.acknowledged, progress.behind) == (110, True)


def test_a_transaction_that_was_applied_before_is_known_by_its_end() -> None:
    progress = Progress(Lsn(100), idle_seconds=10)
    assert not progress.transaction(Lsn(90))
    assert not progress.transaction(Lsn(100))
    assert progress.transaction(Lsn(101))
    assert not progress.transaction(Lsn(101))


def test_idleness_is_told_once_in_a_while() -> None:
    progress = Progress(Lsn(100), idle_seconds=10)
    assert progress.idle(now=1000) is None
    progress.keepalive(Lsn(120))
    assert progress.idle(now=1000) == Idle(Lsn(120))
    progress.keepalive(Lsn(130))
    assert progress.idle(now=1009) is None
    assert progress.idle(now=1010) == Idle(Lsn(130))
    assert progress.idle(now=2000) is None
    progress.keepalive(Lsn(140))
    assert progress.transaction(Lsn(150))
    assert progress.idle(now=3000) is None


def test_acknowledging_never_goes_back_nor_ahead() -> None:
    progress = Progress(Lsn(100), idle_seconds=10)
    assert progress.transaction(Lsn(110))
    progress.keepalive(Lsn(200))
    with pytest.raises(ValueError, match="0/C8 was never handed out: 0/6E was the last"):
        progress.acknowledge(Lsn(200))
    progress.acknowledge(Lsn(110))
    progress.acknowledge(Lsn(105))
    assert progress.acknowledged == 110
