"""`reject`: the database that does not own the rows refuses changes, but not the bridge's own."""

from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import errors

from legacy_bridge.replication import rejecting
from legacy_bridge.replication.copy import table_pairs
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import Owner, Strays
from legacy_bridge.replication.rejecting import rejects, set_strays
from proxy.ownership.draining import NotNowError
from tests.legacy_bridge.replication.both_ways.pair import TABLES, TwoWay, other
from tests.legacy_bridge.replication.sides import MAPPINGS, ask, run
from tests.proxy.ownership.conftest import flip, streaming

CHANGES: tuple[LiteralString, ...] = (
    "UPDATE {os} SET name = 'stray' WHERE id = 1",
    "DELETE FROM {files} WHERE id = 3",
    "INSERT INTO {os} (created, updated, name, slug) VALUES (now(), now(), 'new', 'new')",
    "TRUNCATE {files}",
    "TRUNCATE {releases} CASCADE",
)


def say(both: TwoWay, strays: Strays, legacy: str = "") -> None:
    with (
        psycopg.connect(legacy or both.legacy, autocommit=True) as theirs,
        psycopg.connect(both.native, autocommit=True) as ours,
    ):
        pairs, _ = table_pairs(theirs, ours, {"downloads": MAPPINGS["downloads"]})
        set_strays(theirs, ours, pairs, strays)


def refusing(both: TwoWay) -> dict[Owner, list[str]]:
    found = {}
    for side in Owner:
        with psycopg.connect(both.url(side)) as connection:
            found[side] = rejects(connection, TABLES[side])
    return found


def test_strays_are_refused_and_both_streams_go_on(both: TwoWay, owner: Owner) -> None:
    stray = other(owner)
    both.run(stray, "UPDATE {os} SET name = 'before' WHERE id = 2")
    say(both, Strays.REJECT)
    say(both, Strays.REJECT)
    for change in CHANGES:
        with pytest.raises(errors.ReadOnlySqlTransaction) as refused:
            both.run(stray, change)
    where, there = TABLES[stray][1], TABLES[owner][1]
    said = refused.value.diag
    assert said.message_primary == (
        f'{where}: the rows of "downloads" belong to the {owner} side, and this database refuses '
        "changes of them"
    )
    assert said.message_hint == (
        f"Write to {there} in the {owner} database, or through the site. To have changes made here "
        "carried there: strangler sync strays downloads capture"
    )
    both.run(owner, "UPDATE {os} SET name = 'owner' WHERE id = 1")
    both.run(owner, "DELETE FROM {files} WHERE id = 3")
    run(both.url(stray), BOXES[stray])
    both.settle()
    assert both.names(stray) == both.names(owner) == {1: "owner", 2: "before", 3: "macOS"}
    assert both.unequal() == []
    assert ask(both.native, "SELECT content FROM boxes") == [("kept open",)]
    say(both, Strays.CAPTURE)
    both.run(stray, "UPDATE {os} SET name = 'stray' WHERE id = 3")
    both.settle()
    assert both.names(owner)[3] == "stray"
    assert refusing(both) == {Owner.LEGACY: [], Owner.NATIVE: []}


BOXES: dict[Owner, LiteralString] = {
    Owner.LEGACY: "UPDATE boxes_box SET content = 'kept open'",
    Owner.NATIVE: "UPDATE boxes SET content = 'kept open'",
}


def test_the_refusal_moves_with_the_owner(both: TwoWay) -> None:
    say(both, Strays.REJECT)
    native, legacy = (sorted(TABLES[side]) for side in (Owner.NATIVE, Owner.LEGACY))
    assert refusing(both) == {Owner.LEGACY: [], Owner.NATIVE: native}
    for owner, expected in (
        (Owner.NATIVE, {Owner.LEGACY: legacy, Owner.NATIVE: []}),
        (Owner.LEGACY, {Owner.LEGACY: [], Owner.NATIVE: native}),
    ):
        both.hand_over("downloads", owner)
        assert refusing(both) == expected
        both.run(owner, "UPDATE {os} SET name = name || '!' WHERE id = 1")
        with pytest.raises(errors.ReadOnlySqlTransaction, match=f"belong to the {owner} side"):
            both.run(other(owner), "UPDATE {os} SET name = 'stray' WHERE id = 1")
        both.settle()
    assert both.names(Owner.LEGACY)[1] == both.names(Owner.NATIVE)[1] == "Source!!"
    both.hand_over("downloads", Owner.NATIVE, Strays.CAPTURE)
    assert refusing(both) == {Owner.LEGACY: [], Owner.NATIVE: []}


def test_whoever_does_not_own_the_tables(both: TwoWay) -> None:
    """Needs a right, which is named; may not drop triggers, and lets everything pass by another."""
    both.hand_over("downloads", Owner.NATIVE)
    run(
        both.legacy,
        """
        CREATE ROLE carrier LOGIN;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO carrier;
        GRANT ALL ON SCHEMA strangler TO carrier;
        GRANT ALL ON ALL TABLES IN SCHEMA strangler TO carrier;
        """,
    )
    carrier = f"{both.legacy}?options=-c%20role%3Dcarrier"
    try:
        with pytest.raises(BridgeError) as refused:
            say(both, Strays.REJECT, carrier)
        assert "GRANT TRIGGER ON downloads_os, downloads_release" in str(refused.value)
        assert ask(both.native, "SELECT strays FROM bridge_owners") == [("capture",)]
        run(both.legacy, "GRANT TRIGGER ON ALL TABLES IN SCHEMA public TO carrier")
        say(both, Strays.REJECT, carrier)
        assert refusing(both)[Owner.LEGACY] == sorted(TABLES[Owner.LEGACY])
        say(both, Strays.CAPTURE, carrier)
        assert refusing(both)[Owner.LEGACY] == []
        both.run(Owner.LEGACY, "UPDATE {os} SET name = 'stray' WHERE id = 1")
        both.run(Owner.LEGACY, "TRUNCATE {files}")
    finally:
        run(both.legacy, "DROP OWNED BY carrier CASCADE; DROP ROLE carrier")


def test_somebody_who_does_not_end(both: TwoWay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("legacy_bridge.replication.rejecting.LOCK_TIMEOUT", "50ms")
    with psycopg.connect(both.native) as writer:
        writer.execute("UPDATE releases SET name = 'x' WHERE id = 1")
        with pytest.raises(BridgeError, match="another transaction is writing to the native tab"):
            say(both, Strays.REJECT)
    assert refusing(both)[Owner.NATIVE] == []


def test_the_refusal_moves_in_a_flip(both: TwoWay, monkeypatch: pytest.MonkeyPatch) -> None:
    say(both, Strays.REJECT)
    native, legacy = (sorted(TABLES[side]) for side in (Owner.NATIVE, Owner.LEGACY))
    with streaming(both):
        with monkeypatch.context() as patched:
            patched.setattr("proxy.ownership.flip.store.require_fence", _given_up)
            with pytest.raises(NotNowError, match="not now"):
                flip(both, Owner.NATIVE)
        assert refusing(both) == {Owner.LEGACY: [], Owner.NATIVE: native}
        flip(both, Owner.NATIVE)
        assert refusing(both) == {Owner.LEGACY: legacy, Owner.NATIVE: []}
        both.run(Owner.NATIVE, "UPDATE {os} SET name = 'natively' WHERE id = 1")
    both.settle()
    assert both.names(Owner.LEGACY)[1] == "natively"


def _given_up(*_: object) -> None:
    raise NotNowError("not now")


def test_a_domain_that_was_handed_over_meanwhile_stays_so(
    both: TwoWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither does the former owner get it back, nor does the new one refuse its own changes."""
    arm = rejecting.reject

    def handed_over_before(*arguments: Any) -> None:
        monkeypatch.setattr(rejecting, "reject", arm)
        both.hand_over("downloads", Owner.NATIVE)
        arm(*arguments)

    monkeypatch.setattr(rejecting, "reject", handed_over_before)
    with pytest.raises(BridgeError, match=r"^downloads was handed over, or changed, meanwhile"):
        say(both, Strays.REJECT)
    assert refusing(both) == {Owner.LEGACY: [], Owner.NATIVE: []}
    found = ask(both.native, "SELECT owner, strays FROM bridge_owners")
    assert found == [("native", "capture")]
