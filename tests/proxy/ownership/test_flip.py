"""The owner of a domain's rows changes, and back."""

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.both_ways.pair import TwoWay
from tests.proxy.ownership.conftest import flip


def test_there_and_back(streams: TwoWay) -> None:
    streams.run(Owner.LEGACY, "UPDATE {os} SET name = 'before' WHERE id = 1")
    done = flip(streams, Owner.NATIVE)
    print(done)
    assert streams.names(Owner.NATIVE)[1] == "before"
    streams.run(Owner.NATIVE, "UPDATE {os} SET name = 'natively' WHERE id = 1")
    done = flip(streams, Owner.LEGACY)
    print(done)
    assert streams.names(Owner.LEGACY)[1] == "natively"
    assert streams.unequal() == []
