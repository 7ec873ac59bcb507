"""A subscriber hears of every change, in the order of commits, whatever becomes of the reader."""

import json
import os
import signal
import subprocess
import sys
import tracemalloc
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from legacy_bridge.reactions.changes import Changed, Gap
from legacy_bridge.reactions.reacting import react
from legacy_bridge.reactions.subscription import News, Subscription
from legacy_bridge.replication.pgoutput.transactions import SPILL_BYTES
from tests.legacy_bridge.reactions.shop import (
    PUBLICATION,
    SECONDS,
    TABLES,
    Reader,
    Shop,
    begun,
    reacting,
)
from tests.legacy_bridge.unseen import unseen

_FOLLOWED = "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = %s"
PROJECT = Path(__file__).resolve().parents[3]


def test_each_kind_of_change_with_its_key(shop: Shop) -> None:
    reader = Reader()
    with reacting(shop, reader):
        reader.wait(begun)
        shop.run(
            "INSERT INTO books VALUES (1, 'a'), (2, 'b')",
            "INSERT INTO notes VALUES (1)",
            "INSERT INTO sales VALUES ('north', '2026-01-02')",
            "BEGIN; UPDATE books SET title = 'c' WHERE id = 1;"
            " UPDATE books SET id = 3 WHERE id = 2; DELETE FROM books WHERE id = 1; COMMIT",
            "BEGIN; INSERT INTO books VALUES (9, 'x'); ROLLBACK",
            "TRUNCATE books, notes, sales",
        )
        reader.wait(lambda it: len(it.changes) == 9)
    assert reader.changes == [
        ("books", ("1",), "inserted"),
        ("books", ("2",), "inserted"),
        ("sales", ("north", "2026-01-02"), "inserted"),
        ("books", ("1",), "updated"),
        ("books", ("2",), "deleted"),
        ("books", ("3",), "inserted"),
        ("books", ("1",), "deleted"),
        ("books", (), "emptied"),
        ("sales", (), "emptied"),
    ]
    told = [c for c in reader.told if isinstance(c, Changed)]
    assert [c.ordinal for c in told] == [0, 1, 0, 0, 1, 2, 3, 0, 1]
    assert [c.position for c in told] == sorted(c.position for c in told)
    assert len({c.position for c in told}) == 4


def test_commits_decide_the_order(shop: Shop) -> None:
    """Not when a transaction began, nor when it wrote."""
    reader = Reader()
    with reacting(shop, reader), shop.connect() as slow:
        reader.wait(begun)
        slow.execute("BEGIN")
        slow.execute("INSERT INTO books VALUES (1, 'first written')")
        shop.run("INSERT INTO books VALUES (2, 'first committed')")
        slow.execute("COMMIT")
        reader.wait(lambda it: len(it.changes) == 2)
    assert [key for _, key, _ in reader.changes] == [("2",), ("1",)]


def test_goes_on_where_it_was(shop: Shop) -> None:
    first, second = Reader(), Reader()
    with reacting(shop, first):
        first.wait(begun)
        shop.run("INSERT INTO books VALUES (1, 'a')")
        first.wait(lambda it: len(it.changes) == 1)
    shop.run("INSERT INTO books VALUES (2, 'b')")
    with reacting(shop, second):
        second.wait(lambda it: len(it.changes) == 1)
    assert first.gaps == 1
    assert second.told[0].position > first.told[-1].position
    assert [key for _, key, _ in second.changes] == [("2",)]


def test_is_told_again_after_it_failed(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    reader = Reader()
    with reacting(shop, reader):
        reader.wait(begun)
        reader.fails = lambda: reader.calls < 4  # the gap was the first
        shop.run("INSERT INTO books VALUES (1, 'a')", "INSERT INTO books VALUES (2, 'b')")
        reader.wait(lambda it: len(it.changes) == 2)
    assert [key for _, key, _ in reader.changes] == [("1",), ("2",)]
    failed = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert failed == [f"books failed and is told again in {pause} s" for pause in (0.1, 0.2)]


@pytest.mark.faults
@pytest.mark.parametrize("point", ["react.before_take", "react.before_acknowledge"])
def test_killed_anywhere_nothing_is_missed(shop: Shop, tmp_path: Path, point: str) -> None:
    """What comes twice has the same position and ordinal."""
    with reacting(shop, reader := Reader()):
        reader.wait(begun)
    shop.run(
        "INSERT INTO books SELECT i FROM generate_series(1, 3) AS i",
        "INSERT INTO books SELECT i FROM generate_series(4, 6) AS i",
    )
    file = tmp_path / "told"
    file.touch()
    killed = _alone(shop, file, STRANGLER_FAILPOINT=f"{point}=kill")
    assert killed.wait(SECONDS) == -signal.SIGKILL
    before = _told(file)
    assert len(before) == {"react.before_take": 0, "react.before_acknowledge": len(before)}[point]
    assert before == [] or len(before) >= 3
    whole = _alone(shop, file)
    try:
        _until(lambda: len(_told(file)) >= len(before) + 6)
    finally:
        whole.kill()
        whole.wait()
    after = _told(file)[len(before) :]
    assert [key for _, _, key in after] == ["1", "2", "3", "4", "5", "6"]
    assert before == after[: len(before)]
    assert after == sorted(after)
    assert len({(position, ordinal) for position, ordinal, _ in after}) == 6


@pytest.mark.faults
def test_another_one_takes_over(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "told"
    file.touch()
    first = _alone(shop, file)
    try:
        _until(lambda: shop.ask(_FOLLOWED, shop.slot()) == 1)
        shop.run("INSERT INTO books VALUES (1, 'a')")
        _until(lambda: len(_told(file)) == 1)
        standby = Reader()
        with reacting(shop, standby):
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode ~ 'Share'"
            _until(lambda: shop.ask(waits) == 1)
            assert standby.calls == 0
            first.kill()
            first.wait()
            shop.run("INSERT INTO books VALUES (2, 'b')")
            standby.wait(lambda it: ("books", ("2",), "inserted") in it.changes)
        assert standby.gaps == 0
    finally:
        first.kill()
        first.wait()


@pytest.mark.faults
def test_a_lost_slot_is_a_gap(shop: Shop) -> None:
    with reacting(shop, before := Reader()):
        before.wait(begun)
    shop.ask("SELECT pg_drop_replication_slot(%s)", shop.slot())
    shop.run("INSERT INTO books VALUES (1, 'never told')")
    after = Reader()
    with reacting(shop, after):
        after.wait(begun)
        shop.run("INSERT INTO books VALUES (2, 'b')")
        after.wait(lambda it: len(it.changes) == 1)
    assert after.gaps == 1
    assert after.changes == [("books", ("2",), "inserted")]
    assert after.told[1].position > after.told[0].position


@pytest.mark.faults
def test_a_table_that_was_not_published_for_a_while_is_a_gap(shop: Shop) -> None:
    with reacting(shop, before := Reader()):
        before.wait(begun)
    shop.run(f"ALTER PUBLICATION {PUBLICATION} DROP TABLE books")
    with reacting(shop, after := Reader()):
        after.wait(begun)


@pytest.mark.faults
def test_a_gap_that_was_not_taken_is_told_again(shop: Shop) -> None:
    with reacting(shop, tired := Reader(fails=lambda: True)):
        tired.wait(lambda it: it.calls > 0)
    asked = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s"
    assert shop.ask(asked, shop.slot()) == 1
    with reacting(shop, awake := Reader()):
        awake.wait(begun)
    assert awake.gaps == 1


@pytest.mark.faults
def test_a_cut_connection_costs_nothing(shop: Shop) -> None:
    reader = Reader()
    with reacting(shop, reader):
        reader.wait(begun)
        # Cut before that, the gap would be told once more.
        _until(lambda: shop.ask(_FOLLOWED, shop.slot()) == 1)
        shop.ask(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        shop.run("INSERT INTO books VALUES (1, 'a')")
        reader.wait(lambda it: len(it.changes) >= 1)
    assert reader.gaps == 1
    assert set(reader.changes) == {("books", ("1",), "inserted")}


def test_two_databases_of_one_server_do_not_meet(shop: Shop, second_shop: Shop) -> None:
    """A server knows a slot by its name alone, whichever database it is of."""
    with reacting(shop, one := Reader()), reacting(second_shop, other := Reader()):
        one.wait(begun)
        other.wait(begun)
        shop.run("INSERT INTO books VALUES (1, 'a')")
        second_shop.run("INSERT INTO books VALUES (2, 'b')")
        one.wait(lambda it: len(it.changes) >= 1)
        other.wait(lambda it: len(it.changes) >= 1)
    assert (one.gaps, one.changes) == (1, [("books", ("1",), "inserted")])
    assert (other.gaps, other.changes) == (1, [("books", ("2",), "inserted")])


def test_a_huge_transaction_in_little_memory(shop: Shop) -> None:
    """40 MB are read from the disk, one change after the other."""
    places: list[tuple[int, int]] = []
    counted = Event()

    def take(news: News) -> None:
        if not isinstance(news, Gap):
            for one in news:
                last = -1
                for change in one.changes:
                    assert change.ordinal == last + 1
                    last = change.ordinal
                places.append((one.position, last))
            counted.set()

    stop, subscription = Event(), Subscription("huge", TABLES, take)
    with reacting(shop, reader := Reader(fails=lambda: True)):  # another subscription, in trouble
        thread = Thread(target=react, args=(shop.url, [subscription], stop))
        thread.start()
        reader.wait(lambda it: it.calls > 0)
        _until(lambda: shop.ask(_FOLLOWED, shop.slot(subscription.publication)) == 1)
        tracemalloc.start()
        shop.run(
            "INSERT INTO books SELECT i, repeat(md5(i::text), 128) FROM generate_series(1, 10000) i"
        )
        assert counted.wait(SECONDS)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        stop.set()
        thread.join(SECONDS)
    ((_, last),) = places
    assert last == 9_999
    assert most < 2 * SPILL_BYTES


def test_says_that_it_is_current_also_where_nothing_is_committed(shop: Shop) -> None:
    """What is written without a commit does not go to the disk by itself, nor to any reader."""
    reader = Reader()
    with reacting(shop, reader), shop.connect() as writer:
        writer.execute("BEGIN")
        for number in range(1, 4):
            reader.wait(partial(_has_beaten, number), 12)  # the server itself writes every 15 s
            writer.execute("INSERT INTO notes VALUES (%s)", [number])
        writer.execute("ROLLBACK")


def test_says_nothing_while_it_is_not_current(shop: Shop) -> None:
    reader = Reader()
    with reacting(shop, reader):
        reader.wait(lambda it: it.beats > 0)
        reader.fails = lambda: reader.calls < 5  # for 0.1 + 0.2 + 0.4 s
        calls = reader.calls
        shop.run("INSERT INTO books VALUES (1, 'a')")
        reader.wait(lambda it: it.calls > calls)
        beats = reader.beats
        reader.wait(lambda it: len(it.changes) == 1)
        assert reader.beats_before == beats
        reader.wait(lambda it: it.beats > beats)


@pytest.mark.faults
def test_nothing_is_told_before_it_can_be_seen(shop: Shop) -> None:
    """A commit that waits for a standby is in the log, but its rows are not to be seen yet."""
    reader = Reader()
    with reacting(shop, reader):
        reader.wait(begun)
        with unseen(shop.url, "INSERT INTO books VALUES (1, 'a')"):
            beats = reader.beats
            assert shop.ask("SELECT count(*) FROM books") == 0
            assert reader.changes == []
        reader.wait(lambda it: len(it.changes) == 1 and it.beats > beats)
    assert shop.ask("SELECT count(*) FROM books") == 1


def _has_beaten(times: int, reader: Reader) -> bool:
    return reader.beats >= times


def _alone(shop: Shop, file: Path, **environment: str) -> subprocess.Popen[bytes]:
    module = "tests.legacy_bridge.reactions.alone"
    kept = {name: value for name, value in os.environ.items() if name != "STRANGLER_FAILPOINT"}
    return subprocess.Popen(
        [sys.executable, "-m", module, shop.url, str(file)],
        cwd=PROJECT,
        env=kept | environment,
    )


def _told(file: Path) -> list[tuple[int, int, str]]:
    whole, _, _ = file.read_text().rpartition("\n")  # the last line may be half written
    return [tuple(json.loads(line)) for line in whole.splitlines()]


def _until(holds: object) -> None:
    assert callable(holds)
    deadline = monotonic() + SECONDS
    while not holds():
        assert monotonic() < deadline
        sleep(0.01)
