"""Tables in the legacy database that were made before the bridge had others besides."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from legacy_bridge.replication import home
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.lag import stream_statuses
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.verify.sides import both_sides
from tests.legacy_bridge.replication.apply.live import SECONDS, wait_for
from tests.legacy_bridge.replication.both_ways.pair import TwoWay
from tests.legacy_bridge.replication.sides import run


@pytest.fixture
def older(both: TwoWay) -> TwoWay:
    run(both.legacy, "DROP TABLE strangler.bridge_let_in")
    return both


def test_the_way_back_goes_on(older: TwoWay) -> None:
    older.hand_over("downloads", Owner.NATIVE)
    older.run(Owner.NATIVE, "UPDATE {os} SET name = 'new' WHERE id = 1")
    assert older.once().back is not None
    assert older.names(Owner.LEGACY)[1] == "new"


def statuses(two: TwoWay) -> None:
    stream_statuses(two.legacy, two.native)


def sides(two: TwoWay) -> None:
    with both_sides(two.legacy, two.native):
        pass


@pytest.mark.parametrize("look", [statuses, sides])
def test_who_looks_is_told(older: TwoWay, look: Callable[[TwoWay], None]) -> None:
    with pytest.raises(BridgeError, match="older version — start `strangler sync run` or `serve`"):
        look(older)


def test_two_add_what_is_lacking(older: TwoWay) -> None:
    def ensure() -> None:
        with psycopg.connect(older.legacy, autocommit=True) as legacy:
            home.ensure(legacy)

    with psycopg.connect(older.legacy) as first, ThreadPoolExecutor(1) as threads:
        home.ensure(first)
        second = threads.submit(ensure)
        wait_for(older.legacy, WAITS, [(1,)])
        first.commit()
        second.result(SECONDS)
        assert home.lacking(first) == ()


WAITS = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
