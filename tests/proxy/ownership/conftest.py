"""Two databases with streams each way, and the reconciler's flips between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psycopg
import pytest

from legacy_bridge.replication.copy import table_pairs
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.run import follow
from proxy.embedded.stack import EmbeddedStack
from proxy.ownership.flip import Done, Flip, Order
from tests.legacy_bridge.replication.apply.live import SECONDS, Seen
from tests.legacy_bridge.replication.both_ways.conftest import both as both
from tests.legacy_bridge.replication.both_ways.pair import TwoWay
from tests.legacy_bridge.replication.conftest import empty as empty
from tests.legacy_bridge.replication.conftest import sides as sides
from tests.legacy_bridge.replication.sides import MAPPINGS, TABLES, run


@pytest.fixture(scope="session")
def empty_sides(stack: EmbeddedStack, native_template: str) -> tuple[str, str]:
    """Names of a legacy and a native database with tables and no rows."""
    run(stack.create_database("flip_legacy"), TABLES.decode())
    stack.create_database("flip_native", native_template)
    return "flip_legacy", "flip_native"


@contextmanager
def streaming(both: TwoWay) -> Iterator[None]:
    """Both streams are applied meanwhile."""
    stop, there, back = Event(), Seen(), Seen()
    thread = Thread(
        target=follow,
        args=(both.legacy, both.native, MAPPINGS, there, stop),
        kwargs={"back": back},
    )
    thread.start()
    try:
        assert there.began.wait(SECONDS)
        assert back.began.wait(SECONDS)
        yield
    finally:
        stop.set()
        thread.join(SECONDS)
    assert not thread.is_alive()


@pytest.fixture
def streams(both: TwoWay) -> Iterator[TwoWay]:
    with streaming(both):
        yield both


def flip(both: TwoWay, to: Owner, *, seconds: float = 30.0) -> Done:
    with psycopg.connect(both.legacy) as legacy, psycopg.connect(both.native) as native:
        pairs, _ = table_pairs(legacy, native, {"downloads": MAPPINGS["downloads"]})
    order = Order("downloads", to, "a test", "to see", "test", seconds)
    return Flip(Ends(both.legacy, both.native), pairs, order).carry_out()
