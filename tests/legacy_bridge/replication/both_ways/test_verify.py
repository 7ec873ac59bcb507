"""A verification and a repair by who owns the rows: the owner is right, be it this side or that."""

from typing import LiteralString

import pytest

from legacy_bridge.replication.apply import following as apply_following
from legacy_bridge.replication.copy import Unwatched
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.verify import positions
from legacy_bridge.replication.verify.compare import VerifiedTable, verify_domains
from legacy_bridge.replication.verify.repair import RepairReport, repair_domains
from tests.legacy_bridge.replication.apply.live import following, wait_for
from tests.legacy_bridge.replication.both_ways.aside import damage
from tests.legacy_bridge.replication.both_ways.pair import WANTED, TwoWay, other
from tests.legacy_bridge.replication.sides import ask, run


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody comes back who was not there."""
    monkeypatch.setattr(positions, "APPLIER_SECONDS", 0)


def verified(both: TwoWay) -> dict[str, VerifiedTable]:
    report = verify_domains(both.legacy, both.native, WANTED, Unwatched())
    return {one.native: one for one in report.tables}


def different(both: TwoWay) -> list[tuple[object, ...]]:
    return [
        (one.native, one.owner, *row.key.values(), row.kind, *row.columns)
        for one in verified(both).values()
        for row in one.differences
    ]


def repaired(both: TwoWay) -> RepairReport:
    return repair_domains(both.legacy, both.native, WANTED, Unwatched())


DAMAGE: LiteralString = """
UPDATE {os} SET name = 'x' WHERE id = 1; DELETE FROM {files} WHERE id = 2;
INSERT INTO {os} (id, created, updated, name, slug) VALUES (9, now(), now(), 'alone', 'alone');
"""
"""As if by the bridge itself, so that nobody carries it to the owner."""


def test_the_owner_is_right(both: TwoWay, owner: Owner) -> None:
    damage(both, other(owner), DAMAGE)
    before = ask(both.url(owner), VERSIONS[owner])
    assert different(both) == [
        ("operating_systems", owner, 1, "differs", "name"),
        ("operating_systems", owner, 9, "extra"),
        ("release_files", owner, 2, "missing"),
    ]
    report = repaired(both)
    assert report.equal
    assert {
        one.found.native: (one.inserted, one.updated, one.deleted)
        for one in report.tables
        if one.found.differences
    } == {"operating_systems": (0, 1, 1), "release_files": (1, 0, 0)}
    assert both.unequal() == []
    assert ask(both.url(owner), VERSIONS[owner]) == before
    done = both.settle()
    assert (done.forward.lost, done.back and done.back.lost) == (0, 0)
    assert ask(both.url(owner), VERSIONS[owner]) == before


VERSIONS: dict[Owner, LiteralString] = {
    Owner.LEGACY: "SELECT id, name, xmin::text FROM downloads_os ORDER BY id",
    Owner.NATIVE: "SELECT id, name, xmin::text FROM operating_systems ORDER BY id",
}


def test_some_domains_owned_here_and_some_there(both: TwoWay) -> None:
    both.hand_over("downloads", Owner.NATIVE)
    damage(both, Owner.LEGACY, "UPDATE {os} SET slug = 'x' WHERE id = 1")
    run(both.native, "UPDATE boxes SET content = 'x y'")
    both.settle()
    damage(both, Owner.NATIVE, "UPDATE boxes SET content = 'damaged'")
    assert different(both) == [
        ("boxes", Owner.LEGACY, 1, "differs", "content"),
        ("operating_systems", Owner.NATIVE, 1, "differs", "slug"),
    ]
    assert repaired(both).equal
    assert both.unequal() == []
    assert ask(both.native, "SELECT content FROM boxes") == [("x y",)]
    assert ask(both.legacy, "SELECT slug FROM downloads_os WHERE id = 1") == [("source",)]


def test_what_the_replica_does_not_take_is_known(both: TwoWay) -> None:
    both.hand_over("downloads", Owner.NATIVE)
    run(both.legacy, "ALTER TABLE downloads_os ADD CHECK (name <> 'odd')")
    both.run(Owner.NATIVE, "UPDATE {os} SET name = 'odd' WHERE id = 2")
    both.settle()
    assert different(both) == []
    assert verified(both)["operating_systems"].quarantined == 1
    run(both.legacy, "DELETE FROM strangler.bridge_quarantine")
    assert different(both) == [("operating_systems", Owner.NATIVE, 2, "differs", "name")]
    (refused,) = (row for one in repaired(both).tables for row in one.refused)
    assert (refused.key, refused.outcome) == ({"id": 2}, "kept as it was")
    assert ask(both.legacy, "SELECT table_name, key FROM strangler.bridge_quarantine") == [
        ("downloads_os", {"id": 2})
    ]
    assert ask(both.native, "SELECT count(*) FROM bridge_quarantine") == [(0,)]


def test_what_a_repair_sets_apart_is_tried_again(
    both: TwoWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an applier that has set nothing apart itself."""
    monkeypatch.setattr(apply_following, "REREAD_SECONDS", (0.1, 0.1))
    slug: LiteralString = "SELECT slug FROM operating_systems WHERE id = 1"
    with following(both):
        damage(both, Owner.NATIVE, "UPDATE {os} SET slug = 'x' WHERE id = 1")
        run(both.native, "ALTER TABLE operating_systems ADD CONSTRAINT c CHECK (slug <> 'source')")
        (refused,) = [one.refused for one in repaired(both).tables if one.refused]
        assert [one.key for one in refused] == [{"id": 1}]
        run(both.native, "ALTER TABLE operating_systems DROP CONSTRAINT c")
        wait_for(both.native, slug, [("source",)])
        wait_for(both.native, "SELECT count(*) FROM bridge_quarantine", [(0,)])


def test_changes_on_their_way_are_no_drift(both: TwoWay, owner: Owner) -> None:
    """Of the owner; of the other side, to the owner; and such that lose against the owner's."""
    stray = other(owner)
    with following(both):
        both.run(owner, "UPDATE {os} SET name = 'owner ' || now() WHERE id = 1")
        both.run(stray, "UPDATE {os} SET name = 'stray ' || now() WHERE id <= 2")
        found = verified(both)
        assert [one.native for one in found.values() if not one.equal] == []
        assert found["operating_systems"].owner is owner
        damage(both, stray, "UPDATE {os} SET name = 'damaged' WHERE id = 3")
        report = repaired(both)
        assert report.equal
        assert {
            one.found.native: [tuple(row.key.values()) for row in one.found.differences]
            for one in report.tables
            if one.found.differences
        } == {"operating_systems": [(3,)]}
    assert both.unequal() == []


def test_as_of_is_by_the_owners_clock(both: TwoWay, owner: Owner) -> None:
    both.run(owner, "UPDATE {os} SET name = 'later' WHERE id = 1")
    found = verified(both)["operating_systems"]
    place: LiteralString = (
        "SELECT source_at FROM bridge_streams"
        if owner is Owner.LEGACY
        else "SELECT source_at FROM strangler.bridge_streams"
    )
    ((source_at,),) = ask(both.url(other(owner)), place)
    assert (found.as_of, found.streaming, len(found.differences)) == (source_at, False, 1)
