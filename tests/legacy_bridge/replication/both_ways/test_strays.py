"""Changes on the side that does not own the rows: carried to the owner, or kept as conflicts."""

import psycopg

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, other, prepared
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import Sides, ask, run

SYSTEMS = {1: "Source", 2: "Windows", 3: "macOS"}


def test_what_the_owner_writes_reaches_the_other_side(both: TwoWay, owner: Owner) -> None:
    both.run(owner, "UPDATE {os} SET name = 'new' WHERE id = 1")
    both.run(owner, "DELETE FROM {files} WHERE id = 3")
    both.run(owner, "DELETE FROM {os} WHERE id = 3")
    both.settle()
    assert both.names(other(owner)) == {1: "new", 2: "Windows"}
    assert both.unequal() == []


def test_9_a_stray_change_is_carried_to_the_owner(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    both.run(stray, "UPDATE {os} SET name = 'stray' WHERE id = 1")
    both.run(stray, "DELETE FROM {files} WHERE id = 3")
    both.run(stray, "DELETE FROM {os} WHERE id = 3")
    both.settle()
    assert both.names(owner) == {1: "stray", 2: "Windows"}
    assert both.unequal() == []
    assert both.conflicts(owner) == []


def test_stray_changes_of_one_row_follow_each_other(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    for name in ("'a'", "'b'", "'c'"):
        both.run(stray, "UPDATE {os} SET name = " + name + " WHERE id = 1")
        both.settle()
        both.run(stray, "UPDATE {os} SET slug = " + name + " WHERE id = 1")
    both.settle()
    assert both.names(owner)[1] == "c"
    assert both.unequal() == []
    assert both.conflicts(owner) == []


def test_a_row_that_went_over_and_back_is_no_conflict(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    for number in range(3):
        both.run(owner, "UPDATE {os} SET name = 'owner' WHERE id = 1")
        both.settle()
        both.run(stray, "UPDATE {os} SET name = 'stray' WHERE id = 1")
        both.settle()
        assert both.names(owner)[1] == "stray", number
        assert both.unequal() == []
    assert both.conflicts(owner) == []


def test_a_row_that_has_just_come_over_may_be_changed(both: TwoWay, owner: Owner) -> None:
    """Also while somebody has long been writing on the owner's side: no horizon passes that."""
    with psycopg.connect(both.url(owner)) as writing:
        writing.execute("SELECT pg_current_xact_id()")
        both.run(owner, "UPDATE {os} SET name = 'owner' WHERE id = 1")
        both.carry(owner)
        both.run(other(owner), "UPDATE {os} SET name = 'stray' WHERE id = 1")
        both.carry(other(owner))
    assert both.names(owner)[1] == "stray"
    assert both.conflicts(owner) == []
    both.settle()
    assert both.unequal() == []


def test_a_row_that_was_copied_may_be_changed(sides: Sides) -> None:
    """Before anybody has followed the streams."""
    both = prepared(sides)
    try:
        both.run(Owner.NATIVE, "UPDATE {os} SET name = 'stray' WHERE id = 1")
        both.carry(Owner.NATIVE)
        assert both.names(Owner.LEGACY)[1] == "stray"
        assert both.conflicts(Owner.LEGACY) == []
    finally:
        drop_slots(sides.native)


def test_both_changed_a_row_and_the_owner_wins(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    both.run(stray, "UPDATE {os} SET name = 'stray' WHERE id = 1")
    both.run(owner, "UPDATE {os} SET name = 'owner' WHERE id = 1")
    both.settle()
    assert both.names(owner) == both.names(stray) == SYSTEMS | {1: "owner"}
    assert both.conflicts(owner) == [(table(owner), {"id": 1}, "changed by both", "stray")]
    assert both.unequal() == []


def test_the_owner_changed_what_the_other_deleted(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    both.run(owner, "UPDATE {os} SET name = 'kept' WHERE id = 2")
    both.run(stray, "DELETE FROM {files} WHERE os_id = 2")
    both.run(stray, "DELETE FROM {os} WHERE id = 2")
    both.settle()
    assert both.names(owner) == both.names(stray) == SYSTEMS | {2: "kept"}
    assert both.conflicts(owner) == [(table(owner), {"id": 2}, "changed by both", None)]
    assert both.unequal() == []


def test_the_owner_deleted_what_the_other_changed(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    both.run(owner, "DELETE FROM {files} WHERE os_id = 2")
    both.run(owner, "DELETE FROM {os} WHERE id = 2")
    both.run(stray, "UPDATE {os} SET name = 'late' WHERE id = 2")
    both.settle()
    assert both.names(owner) == both.names(stray) == {1: "Source", 3: "macOS"}
    assert both.conflicts(owner) == [(table(owner), {"id": 2}, "deleted by the owner", "late")]
    assert both.unequal() == []


def test_keys_born_on_both_sides_do_not_meet(both: TwoWay, owner: Owner) -> None:
    run(
        both.legacy,
        "SELECT setval('downloads_os_id_seq', 3) WHERE nextval('downloads_os_id_seq') < 3",
    )
    for side in (owner, other(owner)):
        both.run(side, NEW)
    both.settle()
    low, high = sorted(set(both.names(owner)) - set(SYSTEMS))
    assert (low < 1000, high >= 1 << 30) == (True, True)
    assert both.unequal() == []
    assert both.conflicts(owner) == []


NEW = """
INSERT INTO {os} (created, updated, name, slug)
VALUES (now(), now(), 'new', md5(random()::text))
"""


def test_one_key_given_on_both_sides(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    both.run(owner, GIVEN + "'owner', 'a')")
    both.run(stray, GIVEN + "'stray', 'b')")
    both.settle()
    assert both.names(owner) == both.names(stray) == SYSTEMS | {9: "owner"}
    assert both.conflicts(owner) == [(table(owner), {"id": 9}, "key taken by the owner", "stray")]
    assert both.unequal() == []


GIVEN = "INSERT INTO {os} (id, created, updated, name, slug) VALUES (9, now(), now(), "


def test_what_the_owners_table_refuses(both: TwoWay, owner: Owner) -> None:
    """The slug is taken there, by a row that the stray side has not seen."""
    stray = other(owner)
    both.run(owner, "UPDATE {os} SET slug = 'taken' WHERE id = 1")
    both.run(stray, "UPDATE {os} SET name = 'clash', slug = 'taken' WHERE id = 2")
    both.run(stray, "UPDATE {os} SET name = 'fine' WHERE id = 3")
    both.settle()
    both.settle()
    assert both.names(owner) == both.names(stray) == SYSTEMS | {3: "fine"}
    ((name, key, kind, losing),) = both.conflicts(owner)
    assert (name, key, kind) == (table(owner), {"id": 2}, "refused by the owner's table")
    assert losing == "clash"
    assert both.unequal() == []


def test_a_stray_row_whose_parent_the_owner_deleted(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    both.run(owner, "DELETE FROM {files} WHERE os_id = 3")
    both.run(owner, "DELETE FROM {os} WHERE id = 3")
    both.run(stray, "UPDATE {files} SET os_id = 3 WHERE id = 1")
    # First this way: where the owner's deletion comes first, it meets the stray row there.
    both.carry(stray)
    both.settle()
    both.settle()
    assert both.unequal() == []
    assert [found[2] for found in both.conflicts(owner)] == ["refused by the owner's table"]


def test_a_stray_truncate(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    both.run(owner, "UPDATE {files} SET name = 'kept' WHERE id = 1")
    both.run(stray, "TRUNCATE {files}")
    both.settle()
    assert ask(both.legacy, "SELECT id FROM downloads_releasefile") == [(1,)]
    assert both.unequal() == []


def table(side: Owner) -> str:
    return "downloads_os" if side is Owner.LEGACY else "operating_systems"
