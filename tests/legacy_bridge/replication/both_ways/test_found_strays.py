"""Strays that were lost, or that won, until the load with faults (`chaos`) told of them."""

from collections.abc import Callable
from typing import Any, LiteralString

import psycopg
import pytest

from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.quarantine import KEPT_OUT, Refused
from legacy_bridge.replication.records import kept_at, release, set_apart
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, other


@pytest.mark.parametrize("done", ["deleted", "changed", "moved"])
def test_a_stray_change_of_a_refused_row_that_is_let_in_before_it_is_carried(
    both: TwoWay, owner: Owner, done: str
) -> None:
    """It is no longer in quarantine then; whoever changed it had not seen it all the same."""
    stray = other(owner)
    both.run(
        owner,
        "INSERT INTO {os} (id, created, updated, name, slug) VALUES (9, now(), now(), 'a', 'b')",
    )
    both.run(stray, "ALTER TABLE {os} ADD CONSTRAINT narrow CHECK (slug <> 'refused')")
    both.settle()
    both.run(owner, "UPDATE {os} SET slug = 'refused' WHERE id = 9")
    both.settle()
    both.settle()
    both.run(stray, STRAYS[done])
    both.run(stray, "ALTER TABLE {os} DROP CONSTRAINT narrow")
    both.carry(owner)
    both.settle()
    both.settle()
    assert both.names(owner) == both.names(stray) == {1: "Source", 2: "Windows", 3: "macOS", 9: "a"}
    assert {c[2] for c in both.conflicts(owner)} == {"changed by both"}
    assert both.unequal() == []


STRAYS: dict[str, LiteralString] = {
    "deleted": "DELETE FROM {os} WHERE id = 9",
    "changed": "UPDATE {os} SET name = 'stale' WHERE id = 9",
    "moved": "UPDATE {os} SET id = 10 WHERE id = 9",
}


def test_a_stray_that_was_written_over_before_the_next_one(both: TwoWay, owner: Owner) -> None:
    """The owner's row is elsewhere by then, so that the first one is new to the owner; the second
    is a change of what had been written over it, and has not seen it."""
    stray = other(owner)
    both.run(
        owner,
        "INSERT INTO {os} (id, created, updated, name, slug)"
        " VALUES (9, now(), now(), 'old', 'old')",
    )
    both.settle()
    both.run(stray, "DELETE FROM {os} WHERE id = 9")
    both.run(
        stray,
        "INSERT INTO {os} (id, created, updated, name, slug)"
        " VALUES (9, now(), now(), 'first', 'first')",
    )
    both.run(owner, "UPDATE {os} SET name = 'new' WHERE id = 9")
    both.carry(owner)
    assert both.names(stray)[9] == "new"
    both.run(owner, "UPDATE {os} SET id = 10, slug = 'elsewhere' WHERE id = 9")
    both.run(stray, "UPDATE {os} SET name = 'second' WHERE id = 9")
    both.settle()
    both.settle()
    assert both.names(owner)[10] == "new"
    assert both.names(owner)[9] == "first"
    assert [name for *_, name in both.conflicts(owner)] == ["second"]
    assert both.unequal() == []


NEW: LiteralString = """
INSERT INTO {os} (id, created, updated, name, slug)
SELECT n, now(), now(), 'row ' || n, 'row-' || n FROM generate_series(11, 13) AS n
"""
MOVES: dict[str, LiteralString] = {
    "one after the other": """
        UPDATE {os} SET id = 14, name = 'first' WHERE id = 13;
        UPDATE {os} SET id = 13, name = 'second' WHERE id = 12;
        UPDATE {os} SET id = 12, name = 'third' WHERE id = 11
    """,
    "places changed": """
        UPDATE {os} SET id = 99 WHERE id = 11;
        UPDATE {os} SET id = 11, name = 'first' WHERE id = 12;
        UPDATE {os} SET id = 12, name = 'second' WHERE id = 99;
        UPDATE {os} SET name = 'third' WHERE id = 13
    """,
}


@pytest.mark.parametrize("how", MOVES)
@pytest.mark.parametrize("why", ["changed by both", "refused by the owner's table"])
def test_of_rows_that_take_each_others_keys_each_is_kept(
    both: TwoWay, owner: Owner, why: str, how: str
) -> None:
    """One lost under both keys must not take the place of the one that wanted the other's key."""
    stray = other(owner)
    both.run(owner, NEW)
    both.settle()
    if why == "changed by both":
        both.run(owner, "UPDATE {os} SET name = name || ' of the owner' WHERE id > 10")
    else:
        both.run(owner, "ALTER TABLE {os} ADD CHECK (name LIKE 'row%' OR id < 10)")
    both.run(stray, MOVES[how])
    both.settle()
    both.settle()
    kept = both.conflicts(owner)
    assert {name for *_, name in kept} == {"first", "second", "third"}
    assert {kind for _, _, kind, _ in kept} == {why}
    assert both.names(owner).keys() == {1, 2, 3, 11, 12, 13}
    assert both.unequal() == []


class Interrupted(psycopg.Connection[tuple[Any, ...]]):
    """Something happens behind its first statement."""

    then: Callable[[], object] | None = None

    def execute(self, *given: Any, **more: Any) -> psycopg.Cursor[tuple[Any, ...]]:
        found = super().execute(*given, **more)
        if then := self.then:
            self.then = None
            then()
        return found


def test_a_row_is_let_in_while_a_change_of_it_is_judged(both: TwoWay) -> None:
    key = {"id": 9}
    with (
        psycopg.connect(both.native, autocommit=True) as native,
        Interrupted.connect(both.native, autocommit=True) as looking,
    ):
        set_apart(native, "pages", [Refused(key, "why", KEPT_OUT)])
        looking.then = lambda: release(native, "pages", [key])
        assert kept_at(looking, "pages", [key], Lsn(0)) == [key]
        assert kept_at(looking, "pages", [key], Lsn(0)) == [key]
