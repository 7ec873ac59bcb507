"""What keeps a domain from being handed over, and what --force is for."""

import pytest

from legacy_bridge.replication.connections import NATIVE, connected
from legacy_bridge.replication.copy import table_pairs
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.owners import Owner
from proxy.ownership import store
from proxy.ownership.looking import objections
from proxy.ownership.store import Change
from tests.legacy_bridge.replication.both_ways.pair import TwoWay
from tests.legacy_bridge.replication.sides import MAPPINGS, run

DIFFERING = """
INSERT INTO bridge_verifies (table_name, at, rows, differing, position)
VALUES ('releases', now(), 2, 1, '0/1')
"""


def said(both: TwoWay, *, forced: bool) -> tuple[str, ...]:
    with (
        connected(both.legacy, NATIVE) as legacy,
        connected(both.native, NATIVE) as native,
    ):
        pairs, _ = table_pairs(legacy, native, {"downloads": MAPPINGS["downloads"]})
    return objections(Ends(both.legacy, both.native), pairs, Owner.NATIVE, forced=forced)


def test_rows_that_are_known_to_differ(streams: TwoWay) -> None:
    assert said(streams, forced=False) == ()
    run(streams.native, DIFFERING)
    assert said(streams, forced=False) == (
        "1 rows of releases differ — run `strangler sync repair`",
    )
    assert said(streams, forced=True) == ()


def test_nobody_applies(both: TwoWay) -> None:
    """Not even force helps then."""
    assert said(both, forced=True) == tuple(
        f"nobody applies the stream from the {side} side — `strangler serve` does, or "
        "`strangler sync run`"
        for side in ("legacy", "native")
    )


@pytest.mark.parametrize("reason", [store.FORCED, ""])
def test_force_counts_until_the_next_asking(both: TwoWay, reason: str) -> None:
    with connected(both.native, NATIVE) as native:
        assert "downloads" not in store.last_askings(native)
        for each in (store.FORCED, reason):
            store.write_change(native, asked(each))
        assert store.last_askings(native)["downloads"].forces("native") is bool(reason)


def asked(reason: str) -> Change:
    return Change(
        domain="downloads",
        action="phase",
        before="reads",
        after="native",
        made_by="a test",
        why="",
        result="done",
        reason=reason,
    )
