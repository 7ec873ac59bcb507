"""A domain is handed over while a row that was taken away in doubt is still on its way back."""

import psycopg

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, other
from tests.legacy_bridge.replication.sides import ask

SYSTEMS = {1: "Source", 2: "Windows"}


def taken_away_in_doubt(both: TwoWay, owner: Owner) -> None:
    """The owner deleted a system that the other side made anew: it was carried to the owner, and
    then deleted on its own side."""
    for side in (owner, other(owner)):
        both.run(side, "DELETE FROM {files} WHERE os_id = 3")
        both.run(side, "DELETE FROM {os} WHERE id = 3")
    both.run(other(owner), ANEW)
    both.carry(other(owner))
    assert both.names(owner) == SYSTEMS | {3: "anew"}
    both.carry(owner)
    assert both.names(other(owner)) == SYSTEMS


ANEW = """
INSERT INTO {os} (id, created, updated, name, slug) VALUES (3, now(), now(), 'anew', 'anew')
"""


def test_before_the_owner_has_heard_of_the_doubt(both: TwoWay, owner: Owner) -> None:
    taken_away_in_doubt(both, owner)
    both.hand_over("downloads", other(owner))
    _both_have(both, "anew")


def test_after_it_was_asked_for(both: TwoWay, owner: Owner) -> None:
    taken_away_in_doubt(both, owner)
    both.carry(other(owner))
    both.hand_over("downloads", other(owner))
    _both_have(both, "anew")


def test_a_row_that_its_owner_had_again_stays_on_both_sides(both: TwoWay, owner: Owner) -> None:
    """What was deleted elsewhere, and sent back: the new owner has not got it yet."""
    with psycopg.connect(both.url(owner)) as writing:
        writing.execute("SELECT pg_current_xact_id()")  # nothing counts as seen by its number
        both.run(owner, "UPDATE {os} SET name = 'kept' WHERE id = 2")
        both.run(other(owner), "DELETE FROM {files} WHERE os_id = 2")
        both.run(other(owner), "DELETE FROM {os} WHERE id = 2")
        both.carry(other(owner))
    assert ask(both.url(owner), CONFLICTS[owner]) == [(1,)]
    assert 2 not in both.names(other(owner))
    both.hand_over("downloads", other(owner))
    both.settle()
    both.settle()
    for side in Owner:
        assert both.names(side)[2] == "kept"
    assert both.unequal() == []


CONFLICTS = {
    Owner.NATIVE: "SELECT count(*)::int FROM bridge_conflicts",
    Owner.LEGACY: "SELECT count(*)::int FROM strangler.bridge_conflicts",
}


def _both_have(both: TwoWay, name: str) -> None:
    both.settle()
    both.settle()
    for side in Owner:
        assert both.names(side) == SYSTEMS | {3: name}
    assert both.unequal() == []
