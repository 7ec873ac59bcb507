"""Changes of real tables between real databases: each arrives, once, as it was made."""

from typing import LiteralString

from tests.legacy_bridge.replication.apply.live import Seen, catch_up, following, wait_for
from tests.legacy_bridge.replication.sides import Sides, ask, run

APPLIED: LiteralString = "SELECT transactions, rows FROM bridge_streams"


def test_rows_come_change_and_go(begun: Sides) -> None:
    run(
        begun.legacy,
        """
        INSERT INTO downloads_os (id, created, updated, name, slug)
        VALUES (4, '2020-01-01', '2020-01-01', 'Android', 'android');
        UPDATE downloads_release SET content = 'a "quoted" \\ text' || chr(9) || chr(10) || 'ü';
        DELETE FROM downloads_releasefile WHERE id = 3;
        UPDATE pages_page SET creator_id = 7;
        """,
    )
    done = catch_up(begun)
    assert (done.transactions, done.rows, done.quarantined) == (1, 5, 0)
    assert begun.unequal() == []
    assert ask(begun.native, APPLIED) == [(1, 5)]


def test_what_is_committed_is_seen_while_it_runs(begun: Sides) -> None:
    with following(begun) as seen:
        for name in ("one", "two", "three"):
            run(begun.legacy, f"UPDATE downloads_os SET name = '{name}' WHERE id = 1")
            wait_for(begun.native, "SELECT name FROM operating_systems WHERE id = 1", [(name,)])
    assert sum(done.transactions for done in seen.applied_) == 3
    assert begun.unequal() == []


def test_nothing_new_is_nothing_applied(begun: Sides) -> None:
    seen = Seen()
    done = catch_up(begun, seen)
    assert (done.transactions, done.rows, seen.applied_) == (0, 0, [])
