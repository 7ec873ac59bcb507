"""Processes that are killed, stopped and doubled; the numbers are those of the list of pitfalls."""

import os
import signal
import subprocess
from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication.lag import StreamStatus, stream_statuses
from tests.legacy_bridge.replication.apply.live import (
    begin,
    catch_up,
    following,
    killed,
    process,
    slots,
    wait_for,
)
from tests.legacy_bridge.replication.sides import Sides, ask, run
from tests.longer import sampled

pytestmark = pytest.mark.faults

THOUSAND: LiteralString = """
INSERT INTO boxes_box
SELECT n, now(), now(), 'label ' || n, repeat('x', 100), 'html', '', NULL, NULL
FROM generate_series(10, 1009) AS n;
UPDATE boxes_box SET content = content || 'y' WHERE id >= 10;
DELETE FROM boxes_box WHERE id % 3 = 0;
"""
APPLIED: LiteralString = "SELECT transactions, rows FROM bridge_streams"


def stopped(started: subprocess.Popen[str]) -> None:
    _, status = os.waitpid(started.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)


def status(sides: Sides) -> StreamStatus:
    (found,) = stream_statuses(sides.legacy, sides.native)
    return found


@pytest.mark.parametrize(
    "point",
    sampled(
        [
            "apply.received",
            "apply.chunk_written",
            "apply.before_position",
            "apply.before_commit",
            "apply.after_commit",
            "apply.acknowledged",
        ],
        short=3,
    ),
)
def test_1_4_5_killed_anywhere_it_goes_on_and_nothing_is_done_twice(
    begun: Sides, point: str
) -> None:
    run(begun.legacy, THOUSAND)
    killed(begun, failpoint=point)
    committed = point in ("apply.after_commit", "apply.acknowledged")
    assert ask(begun.native, APPLIED) == [(1, 2333) if committed else (0, 0)]
    run(begun.legacy, "UPDATE downloads_os SET name = 'second' WHERE id = 1")
    catch_up(begun)
    assert begun.unequal() == []
    assert ask(begun.native, APPLIED) == [(2, 2334)]


def test_2_3_nothing_is_acknowledged_before_it_is_committed(begun: Sides) -> None:
    confirmed: LiteralString = """
        SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE database = current_database()
    """
    before = ask(begun.legacy, confirmed)
    run(begun.legacy, THOUSAND)
    with process(begun, failpoint="apply.before_commit=stop") as started:
        stopped(started)
        # Keepalives come and are not answered: the receiver stands still as well.
        run(begun.legacy, "SELECT pg_switch_wal()")
        assert ask(begun.legacy, confirmed) == before
        assert ask(begun.native, APPLIED) == [(0, 0)]
        started.kill()
    catch_up(begun)
    assert ask(begun.native, APPLIED) == [(1, 2333)]
    assert begun.unequal() == []


def test_6_40_readers_see_all_or_nothing_and_a_frozen_applier_shows_its_lag(begun: Sides) -> None:
    run(begun.legacy, THOUSAND)
    run(begun.legacy, "UPDATE downloads_os SET name = 'second' WHERE id = 1")
    with process(begun, failpoint="apply.before_commit=stop") as started:
        stopped(started)
        assert ask(begun.native, "SELECT count(*) FROM boxes") == [(1,)]
        first = status(begun)
        run(begun.legacy, "UPDATE downloads_os SET name = repeat('x', 100)")
        second = status(begun)
        assert second.lag_bytes > first.lag_bytes > 0
        assert second.lag_seconds > first.lag_seconds > 0
        while status(begun).retained_bytes <= first.retained_bytes:
            pass  # until what was committed is written to the log
        assert second.applier is not None
        assert f"strangler {started.pid}@" in second.applier
        started.send_signal(signal.SIGCONT)
        stopped(started)  # before it commits the second batch
        assert ask(begun.native, "SELECT count(*) FROM boxes") == [(668,)]
        while ask(begun.native, "SELECT DISTINCT length(name) FROM operating_systems") != [(100,)]:
            started.send_signal(signal.SIGCONT)  # it stops whenever it has written something
    assert begun.unequal() == []


def test_13_a_second_applier_stands_by_and_takes_over(begun: Sides) -> None:
    with process(begun) as first:
        wait_for(begun.native, "SELECT epoch > 1 FROM bridge_streams", [(True,)])
        with process(begun) as second:
            wait_for(
                begun.native,
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1463896404"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                [(1,)],
            )
            now = status(begun)
            assert now.applier is not None
            assert now.applier.startswith(f"strangler {first.pid}@")
            assert [one.partition("@")[0] for one in now.standbys] == [f"strangler {second.pid}"]
            first.kill()
            run(begun.legacy, "UPDATE downloads_os SET name = 'taken over' WHERE id = 1")
            wait_for(
                begun.native, "SELECT name FROM operating_systems WHERE id = 1", [("taken over",)]
            )


def test_13_who_was_overtaken_writes_nothing_more(begun: Sides) -> None:
    with process(begun, failpoint="apply.received=stop") as started:
        run(begun.legacy, "UPDATE downloads_os SET name = 'changed' WHERE id = 1")
        stopped(started)
        run(begun.native, "UPDATE bridge_streams SET epoch = epoch + 1")
        started.send_signal(signal.SIGCONT)
        assert started.wait() == 1
    assert ask(begun.native, "SELECT name FROM operating_systems WHERE id = 1") == [("Source",)]


def test_19_28_one_write_then_silence(begun: Sides) -> None:
    """Applied once; then other databases write, and the slot does not hold the log back."""
    with following(begun) as seen:
        run(begun.legacy, "UPDATE downloads_os SET name = 'once' WHERE id = 1")
        wait_for(begun.native, APPLIED, [(1, 1)])
        position = ask(begun.legacy, "SELECT pg_current_wal_insert_lsn()")[0][0]
        with psycopg.connect(begun.native) as elsewhere:
            elsewhere.execute("CREATE TABLE noise AS SELECT generate_series(1, 10000)")
        query: LiteralString = f"""
            SELECT confirmed_flush_lsn > '{position}' FROM pg_replication_slots
            WHERE database = current_database()
        """
        wait_for(begun.legacy, query, [(True,)])
        while status(begun).lag_seconds >= 5:
            pass  # until it is written down anew how far everything is
    assert [done.rows for done in seen.applied_] == [1]
    assert ask(begun.native, APPLIED) == [(1, 1)]


@pytest.mark.parametrize(
    "point",
    sampled(
        ["init.written_down", "init.published", "init.slot_made", "copy.after_snapshot"], short=2
    ),
)
def test_1_31_killed_while_it_begins_it_begins_again(sides: Sides, point: str) -> None:
    killed(sides, "init", failpoint=point)
    assert ask(sides.native, "SELECT count(*) FROM boxes") == [(0,)]
    run(sides.legacy, "UPDATE downloads_os SET name = 'between' WHERE id = 1")
    assert begin(sides).report is not None
    assert len(slots(sides)) == 1
    run(sides.legacy, "UPDATE downloads_os SET name = 'after' WHERE id = 2")
    assert catch_up(sides).transactions == 1
    assert sides.unequal() == []


def test_1_killed_when_it_has_begun_it_has_begun(sides: Sides) -> None:
    killed(sides, "init", failpoint="copy.after_commit")
    run(sides.legacy, "UPDATE downloads_os SET name = 'after' WHERE id = 2")
    assert begin(sides).report is None
    assert catch_up(sides).transactions == 1
    assert sides.unequal() == []


def test_31_what_changes_during_the_copy_comes_once(sides: Sides) -> None:
    with process(sides, "init", failpoint="copy.after_snapshot=stop") as started:
        stopped(started)
        run(
            sides.legacy,
            """
            UPDATE downloads_os SET slug = 'x' WHERE id = 1;
            UPDATE downloads_os SET slug = 'source' WHERE id = 2;
            DELETE FROM downloads_releasefile WHERE id = 3;
            DELETE FROM downloads_os WHERE id = 3;
            INSERT INTO downloads_os (id, created, updated, name, slug)
            VALUES (3, now(), now(), 'anew', 'macos');
            """,
        )
        started.send_signal(signal.SIGCONT)
        assert started.wait() == 0
    assert ask(sides.native, "SELECT slug FROM operating_systems WHERE id = 1") == [("source",)]
    done = catch_up(sides)
    assert (done.transactions, done.rows, done.quarantined) == (1, 5, 0)
    assert sides.unequal() == []


def test_connections_that_break_are_made_again(begun: Sides) -> None:
    with following(begun) as seen:
        for url in (begun.legacy, begun.native):
            run(
                url,
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'strangler %'
                """,
            )
            run(begun.legacy, "UPDATE downloads_os SET name = name || '!' WHERE id = 1")
            wait_for(
                begun.native,
                "SELECT name FROM operating_systems WHERE id = 1",
                ask(begun.legacy, "SELECT name FROM downloads_os WHERE id = 1"),
            )
    assert seen.faults != []
    assert begun.unequal() == []
    assert ask(begun.native, APPLIED) == [(2, 2)]
