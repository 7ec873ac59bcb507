"""Commits that wait for a synchronous standby: the log has them, and nobody sees them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication import standbys, visible
from legacy_bridge.replication.apply.marks import mark
from legacy_bridge.replication.connections import (
    LEGACY,
    NATIVE,
    OPTIONS,
    Connection,
    connected,
)
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.lag import stream_statuses
from legacy_bridge.replication.one_way import OneWay
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.resolving import Conflicts
from legacy_bridge.replication.verify import positions, repair
from tests.legacy_bridge.replication.apply.live import Seen, following, process, wait_for
from tests.legacy_bridge.replication.both_ways.aside import damage
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, forward, other
from tests.legacy_bridge.replication.both_ways.test_found import forward_only
from tests.legacy_bridge.replication.both_ways.test_verify import different, repaired
from tests.legacy_bridge.replication.sides import MAPPINGS, ask, run
from tests.legacy_bridge.unseen import await_hanging, no_standby, unseen, wait_for_standby

pytestmark = pytest.mark.faults

NEW: LiteralString = """
INSERT INTO downloads_os (id, created, updated, name, slug) VALUES (7, now(), now(), 'new', 'new')
"""
NAMES: LiteralString = "SELECT name FROM operating_systems WHERE id IN (1, 7) ORDER BY id"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visible, "FORMER_SECONDS", 0.2)
    monkeypatch.setattr(positions, "SHOWN_SECONDS", 1.0)
    monkeypatch.setattr(standbys, "ONCE_SECONDS", 0.5)
    monkeypatch.setattr(standbys, "LOOK_SECONDS", 0.05)


def test_a_row_that_the_owner_does_not_show_yet_is_no_difference(both: TwoWay) -> None:
    with following(both):
        with unseen(both.legacy, NEW):
            wait_for(both.native, NAMES, [("Source",), ("new",)])
            with pytest.raises(BridgeError, match=r"does not show yet .*: 1 commit waits there"):
                different(both)
        assert different(both) == []


def test_a_stray_that_the_replica_does_not_show_yet_is_no_difference(both: TwoWay) -> None:
    with following(both):
        with unseen(both.native, "UPDATE operating_systems SET name = 'stray' WHERE id = 1"):
            wait_for(both.legacy, "SELECT name FROM downloads_os WHERE id = 1", [("stray",)])
            with pytest.raises(BridgeError, match=r"does not show yet .*: 1 commit waits there"):
                different(both)
        assert different(both) == []


def test_a_repair_leaves_what_the_owner_does_not_show_yet(
    both: TwoWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is changed when the differences are known already."""
    damage(both, Owner.NATIVE, "UPDATE {os} SET name = 'x' WHERE id = 1")
    monkeypatch.setattr(repair, "STRAYS_SECONDS", 0.5)
    with following(both):
        with ExitStack() as opened:

            def changed(target: Connection) -> None:
                newer: LiteralString = "UPDATE downloads_os SET name = 'newer' WHERE id = 1"
                opened.enter_context(unseen(both.legacy, newer))
                wait_for(both.native, NAMES, [("newer",)])
                mark(target)

            monkeypatch.setattr(repair, "mark", changed)
            with pytest.raises(BridgeError, match=r"does not show yet .*: 1 commit waits there"):
                repaired(both)
            assert ask(both.native, NAMES) == [("newer",)]
        assert different(both) == []


def test_a_repair_does_not_wait_forever_for_its_commit(
    both: TwoWay, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The standby goes when the differences are known already."""
    replica = other(owner)
    damage(both, replica, "UPDATE {os} SET name = 'x' WHERE id = 1")
    wait_for_standby(both.url(replica))
    with ExitStack() as opened:

        def alone(target: Connection) -> None:
            opened.enter_context(no_standby(both.url(replica)))
            mark(target)

        monkeypatch.setattr(repair, "mark", alone)
        with pytest.raises(BridgeError) as given_up:
            repaired(both)
    waited, left = given_up.value.problems
    assert f"the {replica} database (" in waited
    assert "a commit of ours has waited for 0.5 s and waits no more; the server has it" in waited
    assert "synchronous_standby_names = 'nobody'" in waited
    assert left == f"the {replica} tables are repaired, and not yet compared again"
    assert different(both) == []


def test_a_comparison_does_not_wait_forever_for_its_record(both: TwoWay) -> None:
    wait_for_standby(both.native)
    with no_standby(both.native):
        with pytest.raises(BridgeError, match=r"waited for 0\.5 s[^\n]*\nnothing was changed$"):
            different(both)
        with pytest.raises(BridgeError, match=r"waited for 0\.5 s[^\n]*\nnothing was repaired$"):
            repaired(both)


def test_an_applier_begins_again_while_what_it_applied_is_not_shown(both: TwoWay) -> None:
    """A deletion that is refused: to who reads the source, the row is as it should be."""
    both.hand_over("downloads", Owner.NATIVE)
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 1 WHERE id = 2")
    run(both.legacy, "UPDATE downloads_release SET release_page_id = NULL; DELETE FROM pages_image")
    both.carry(Owner.LEGACY)
    refused: LiteralString = "SELECT key, outcome FROM bridge_quarantine"
    with unseen(both.legacy, "DELETE FROM pages_page"):
        with forward_only(both):
            wait_for(both.native, refused, [({"id": 1}, "kept as it was")])
        with forward_only(both):
            run(both.legacy, "UPDATE boxes_box SET label = 'later'")
            wait_for(both.native, "SELECT label FROM boxes", [("later",)])
            wait_for(both.native, HELD, [(1,)])
            waits = stream_statuses(both.legacy, both.native)[0].waits
            assert waits is not None
            assert waits.startswith(
                "the legacy database does not show yet what its log has brought: "
                "1 commit waits there for a synchronous standby (pid "
            )
            assert "synchronous_standby_names = 'nobody'" in waits
            assert ask(both.native, refused) == [({"id": 1}, "kept as it was")]
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = NULL")
    both.settle()
    both.settle()
    assert ask(both.native, refused) == []
    assert both.unequal() == []


def test_an_applier_is_killed_while_its_commit_waits(both: TwoWay) -> None:
    """Its server goes on with it, and keeps the turn until it is done."""
    wait_for_standby(both.native)
    ((before,),) = ask(both.native, APPLIED)
    label: LiteralString = "SELECT label FROM boxes"
    with process(both) as first:
        run(both.legacy, "UPDATE boxes_box SET label = 'first'")
        wait_for(both.native, label, [("first",)])
        with ExitStack() as opened:
            with no_standby(both.native):
                run(both.legacy, "UPDATE boxes_box SET label = 'second'")
                await_hanging(both.native)
                first.kill()
                first.wait()
                seen = opened.enter_context(standing_by(both))
                waits = stream_statuses(both.legacy, both.native)[0].waits
                assert waits is not None
                assert waits.startswith(
                    "its commit in the native database is not done: "
                    "1 commit waits there for a synchronous standby (pid "
                )
                assert ask(both.native, label) == [("first",)]
            assert seen.began.wait(30)
            assert ask(both.native, label) == [("second",)]
    assert ask(both.native, APPLIED) == [(before + 2,)]


APPLIED: LiteralString = "SELECT transactions FROM bridge_streams"


@contextmanager
def standing_by(both: TwoWay) -> Iterator[Seen]:
    with forward(both) as seen:
        assert seen.waits.wait(30)
        yield seen


HELD: LiteralString = "SELECT count(*) FROM pg_locks WHERE classid = 1212501060"


def test_who_may_see_it_tells_a_commit_that_waits_from_somebody_who_thinks(both: TwoWay) -> None:
    with (
        psycopg.connect(both.legacy) as thinking,
        psycopg.connect(both.legacy, autocommit=True) as all_,
        psycopg.connect(both.legacy, autocommit=True) as guest,
    ):
        all_.execute("CREATE ROLE guest_without_statistics")
        guest.execute("SET ROLE guest_without_statistics")
        ((thinker,),) = thinking.execute("SELECT pg_current_xact_id()::text::bigint").fetchall()
        assert standbys.may_wait(guest, {thinker}) == set()
        with unseen(both.legacy, "DELETE FROM boxes_box"):
            ((waiting,),) = all_.execute(
                "SELECT backend_xid::text::bigint FROM pg_stat_activity WHERE wait_event='SyncRep'"
            ).fetchall()
            assert standbys.may_wait(all_, {thinker, waiting}) == {waiting}
            assert standbys.may_wait(guest, {thinker, waiting}) == {thinker, waiting}
            assert "GRANT pg_read_all_stats TO" in standbys.told(guest)
        all_.execute("DROP ROLE guest_without_statistics")


def test_a_run_that_ends_by_itself_does_not_wait_forever_for_a_commit(both: TwoWay) -> None:
    both.hand_over("downloads", Owner.NATIVE)
    wait_for_standby(both.legacy)
    with no_standby(both.legacy):
        both.run(Owner.NATIVE, "UPDATE {os} SET name = 'later' WHERE id = 1")
        with pytest.raises(BridgeError, match=r"legacy database .* waited for 0\.5 s and waits no"):
            both.once()
    both.settle()
    assert both.unequal() == []


def test_a_run_that_ends_by_itself_does_not_wait_forever_for_the_source(both: TwoWay) -> None:
    with unseen(both.legacy, NEW):
        both.carry(Owner.LEGACY)
        both.run(Owner.NATIVE, "UPDATE {os} SET name = 'stray' WHERE id = 7")
        both.carry(Owner.NATIVE)
        with pytest.raises(BridgeError, match=r"to be sent again, .*: 1 commit waits there"):
            both.carry(Owner.LEGACY)
        assert ask(both.native, NAMES) == [("Source",), ("stray",)]
    both.settle()
    assert both.names(Owner.LEGACY)[7] == both.names(Owner.NATIVE)[7] == "new"
    assert both.unequal() == []


def test_a_run_that_ends_by_itself_does_not_wait_forever_for_another_one(both: TwoWay) -> None:
    wait_for_standby(both.native)
    with forward_only(both):
        with no_standby(both.native):
            run(both.legacy, "UPDATE boxes_box SET label = 'later'")
            await_hanging(both.native)
            once = OneWay(
                Ends(both.legacy, both.native),
                Owner.LEGACY.direction,
                MAPPINGS,
                Seen(),
                Event(),
                once=True,
                answered=True,
            )
            with pytest.raises(BridgeError, match=r"another one applies, and waits .*: its commit"):
                once.run()
        wait_for(both.native, "SELECT label FROM boxes", [("later",)])


def test_a_conflict_whose_row_is_held_is_settled_later(
    both: TwoWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    both.run(Owner.NATIVE, "UPDATE {os} SET name = 'stray' WHERE id = 1")
    both.run(Owner.LEGACY, "UPDATE {os} SET name = 'owner' WHERE id = 1")
    both.settle()
    monkeypatch.setitem(OPTIONS, "lock_timeout", "50ms")
    with connected(both.legacy, LEGACY) as legacy, connected(both.native, NATIVE) as native:
        conflicts = Conflicts(legacy, native, MAPPINGS)
        (kept,) = conflicts.read()
        with (
            unseen(both.legacy, "UPDATE downloads_os SET name = 'newer' WHERE id = 1"),
            pytest.raises(BridgeError, match=f"^{kept.id}: another transaction has the owner's"),
        ):
            conflicts.apply(kept.id)
        assert conflicts.apply(kept.id) == "the row was changed"
    assert both.names(Owner.LEGACY)[1] == "stray"
