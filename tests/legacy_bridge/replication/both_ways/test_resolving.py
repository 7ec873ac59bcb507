"""What lost against the owner is listed, and written to the owner's table or given up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import pytest

from legacy_bridge.replication.connections import LEGACY, NATIVE, connected
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.resolving import Conflicts, Kept
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, other
from tests.legacy_bridge.replication.sides import MAPPINGS, run
from tests.longer import sampled


@contextmanager
def conflicts(both: TwoWay) -> Iterator[Conflicts]:
    with connected(both.legacy, LEGACY) as legacy, connected(both.native, NATIVE) as native:
        yield Conflicts(legacy, native, MAPPINGS)


def kept(both: TwoWay) -> list[Kept]:
    with conflicts(both) as found:
        return found.read()


def settled(both: TwoWay, id_: str) -> str:
    with conflicts(both) as found:
        return found.apply(id_)


def clash(both: TwoWay, owner: Owner) -> None:
    """One of each kind."""
    stray = other(owner)
    run(both.legacy, NUMBERED)
    both.run(stray, "UPDATE {os} SET name = 'stray', slug = 'stray' WHERE id = 1")
    both.run(owner, "UPDATE {os} SET name = 'owner' WHERE id = 1")
    both.run(owner, "DELETE FROM {files} WHERE os_id = 2")
    both.run(owner, "DELETE FROM {os} WHERE id = 2")
    both.run(stray, "UPDATE {os} SET name = 'late' WHERE id = 2")
    both.run(stray, "DELETE FROM {files} WHERE id = 3")
    both.run(owner, "UPDATE {files} SET name = 'kept' WHERE id = 3")
    both.run(owner, GIVEN + "'owner', 'a')")
    both.run(stray, GIVEN + "'stray', 'b')")
    both.settle()


# The rows of the tests were made with keys of their own.
NUMBERED: LiteralString = """
SELECT setval('downloads_os_id_seq', 20) FROM downloads_os_id_seq WHERE last_value < 20
"""
GIVEN: LiteralString = (
    "INSERT INTO {os} (id, created, updated, name, slug) VALUES (9, now(), now(), "
)


@pytest.mark.parametrize("flipped", sampled([True, False], short=1))
def test_each_kind_is_listed_and_applied(both: TwoWay, owner: Owner, flipped: bool) -> None:
    clash(both, owner)
    if flipped:
        both.hand_over("downloads", other(owner))
    owner_now = other(owner) if flipped else owner
    found = {(one.kind, one.key["id"]): one for one in kept(both)}
    assert {(one.side, one.source) for one in found.values()} == {(owner, other(owner))}
    assert {place: one.differing for place, one in found.items()} == {
        ("changed by both", 1): ("name", "slug"),
        ("deleted by the owner", 2): None,
        ("changed by both", 3): (),
        ("key taken by the owner", 9): ("created", "updated", "name", "slug"),
    }
    assert found["changed by both", 1].id.startswith(f"{owner}-")
    done = {place: settled(both, one.id) for place, one in found.items()}
    another = done.pop(("key taken by the owner", 9))
    assert another.startswith("the row was made with another key: id=")
    assert done == {
        ("changed by both", 1): "the row was changed",
        ("deleted by the owner", 2): "the row was made",
        ("changed by both", 3): "the row was deleted",
    }
    assert kept(both) == []
    both.settle()
    new = int(another.partition("id=")[2])
    assert both.names(owner_now) == both.names(other(owner_now)) == {
        1: "stray", 2: "late", 3: "macOS", 9: "owner", new: "stray"
    }  # fmt: skip
    assert both.unequal() == []
    assert both.conflicts(owner_now) == []


def test_what_the_owner_still_refuses_stays(both: TwoWay, owner: Owner) -> None:
    both.run(owner, "UPDATE {os} SET slug = 'taken' WHERE id = 1")
    both.run(other(owner), "UPDATE {os} SET name = 'clash', slug = 'taken' WHERE id = 2")
    both.settle()
    (one,) = kept(both)
    assert (one.kind, one.differing) == ("refused by the owner's table", ("name", "slug"))
    with pytest.raises(BridgeError, match=rf"^{one.id}: the owner's table does not take it \(dupl"):
        settled(both, one.id)
    assert kept(both) == [one]
    both.run(owner, "UPDATE {os} SET slug = 'free' WHERE id = 1")
    assert settled(both, one.id) == "the row was changed"
    both.settle()
    assert both.names(other(owner))[2] == "clash"
    assert both.unequal() == []


def test_dropped(both: TwoWay, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "legacy_bridge.replication.resolving")
    both.run(Owner.NATIVE, "UPDATE {os} SET name = 'stray' WHERE id = 1")
    both.run(Owner.LEGACY, "UPDATE {os} SET name = 'owner' WHERE id = 1")
    both.settle()
    (one,) = kept(both)
    with conflicts(both) as found:
        found.drop(one.id)
        with pytest.raises(BridgeError, match=f"^there is no conflict {one.id} — "):
            found.drop(one.id)
    assert kept(both) == []
    assert both.names(Owner.NATIVE)[1] == both.names(Owner.LEGACY)[1] == "owner"
    (said,) = caplog.messages
    assert said.startswith(f"conflict {one.id} (downloads_os id=1) dropped by ")
