"""One write, then rest: it is applied once, and the two streams do not keep each other busy
(pitfall 19)."""

from time import sleep
from typing import Any, LiteralString

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.apply.live import following, wait_for
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, other
from tests.legacy_bridge.replication.sides import ask

SECONDS = 6
TRANSACTIONS = 6
BYTES = 4_000
"""A second, of both directions together: each writes down about once how far it is."""

NOW: LiteralString = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
       (pg_current_wal_insert_lsn() - '0/0')::bigint
"""
APPLIED: dict[Owner, LiteralString] = {
    Owner.LEGACY: "SELECT transactions, rows FROM bridge_streams",
    Owner.NATIVE: "SELECT transactions, rows FROM strangler.bridge_streams",
}
"""Of what comes from that side."""


def written(both: TwoWay) -> tuple[int, int]:
    """Transactions and octets of log in some seconds. The server is not ours alone."""
    ((xid, position),) = ask(both.legacy, NOW)
    sleep(SECONDS)
    ((later_xid, later_position),) = ask(both.legacy, NOW)
    return later_xid - xid, later_position - position


def applied(both: TwoWay, side: Owner) -> list[Any]:
    return ask(both.url(other(side)), APPLIED[side])


def test_19_one_write_then_rest(both: TwoWay, owner: Owner) -> None:
    forth, back = (applied(both, side)[0] for side in (owner, other(owner)))
    others_transactions, others_octets = written(both)
    with following(both) as seen:
        both.run(owner, "UPDATE {os} SET name = 'once' WHERE id = 1")
        once = (forth[0] + 1, forth[1] + 1)
        wait_for(both.url(other(owner)), APPLIED[owner], [once])
        sleep(1)  # what follows from it
        transactions, octets = written(both)
    assert transactions - others_transactions < TRANSACTIONS * SECONDS
    assert octets - others_octets < BYTES * SECONDS
    assert sum(done.rows for done in seen.applied_) == 1
    assert applied(both, owner) == [once]
    assert applied(both, other(owner)) == [back]
    assert both.unequal() == []
