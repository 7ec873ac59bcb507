"""What there is to judge a domain by, from real tables."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.lag import StreamStatus, stream_statuses
from proxy.embedded.stack import EmbeddedStack
from proxy.ownership.gates import breaches
from proxy.ownership.measures import Measures, Stream, measure, watch
from proxy.parity.tally import RouteTally
from proxy.routing.config import GatesConfig
from proxy.traffic.load import Load
from tests.legacy_bridge.replication.both_ways.pair import TwoWay
from tests.proxy.traffic.put_down import buckets, put

TABLES = ["releases", "operating_systems"]
WINDOW = 30.0
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def url(stack: EmbeddedStack, native_template: str) -> str:
    return stack.create_database("measures", native_template)


@pytest.fixture
def native(url: str) -> Iterator[Connection]:
    """Nothing that is put in stays."""
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def status(**said: object) -> StreamStatus:
    known: dict[str, object] = {
        "name": "forward",
        "domains": ("downloads",),
        "slot": "s",
        "copied_at": _NEVER,
        "applied_lsn": "0/1",
        "applied_at": _NEVER,
        "source_lsn": "0/1",
        "whole": True,
        "lag_bytes": 0,
        "lag_seconds": 0.5,
        "retained_bytes": 0,
        "left_bytes": None,
        "slot_fault": None,
        "transactions": 1,
        "rows": 1,
        "quarantined": {"releases": 2, "jobs": 7},
        "conflicts": {},
        "applier": "1@a",
        "standbys": (),
        "fault": None,
    }
    return StreamStatus(**(known | said))  # type: ignore[arg-type]


def measured(native: Connection, *streams: StreamStatus, since: datetime = _NEVER) -> Measures:
    return measure(native, streams, "downloads", TABLES, since, WINDOW)


def now(native: Connection) -> datetime:
    ((at,),) = native.execute("SELECT now()")
    assert isinstance(at, datetime)
    return at


def compare(native: Connection, at: datetime, tally: RouteTally, worker: str = "a") -> None:
    native.execute(
        "INSERT INTO parity_tallies VALUES (%s, %s, %s, %s, %s)",
        [at, worker, tally.domain, tally.route, msgspec.json.encode(tally).decode()],
    )


def test_nothing_is_known_of_a_domain_that_nobody_has_asked(native: Connection) -> None:
    found = measured(native)
    assert list(found.parity) == []
    assert found.stream == Stream(None, "it has not begun — run `strangler sync init`")
    assert found.drift is None
    assert (found.whole.native, found.before) == (Load(), Load())


@pytest.mark.parametrize(
    ("said", "stream"),
    [
        ({}, Stream(0.5)),
        ({"fault": "no such column"}, Stream(0.5, "no such column")),
        (
            {"applier": None},
            Stream(0.5, "nobody applies it — `strangler serve` does, or `strangler sync run`"),
        ),
        (
            {"slot_fault": "it is not there"},
            Stream(None, "it cannot go on (it is not there) — run `strangler sync init`"),
        ),
        ({"copied_at": None}, Stream(None, "it has not begun — run `strangler sync init`")),
        ({"whole": False}, Stream(None)),
        ({"name": "reverse"}, Stream(None, "it has not begun — run `strangler sync init`")),
    ],
)
def test_the_stream_that_brings_the_legacy_rows(
    native: Connection, said: dict[str, object], stream: Stream
) -> None:
    assert measured(native, status(**said)).stream == stream


def test_rows_that_are_set_apart_are_those_of_the_domain(native: Connection) -> None:
    assert measured(native, status()).set_apart == 2


def test_a_domain_without_tables_has_neither_lag_nor_drift(native: Connection) -> None:
    found = measure(native, [status()], "downloads", [], _NEVER, WINDOW)
    assert (found.stream, found.drift, found.set_apart) == (None, 0, 0)


def test_drift_is_known_when_every_table_was_compared(native: Connection) -> None:
    for number, table in enumerate(TABLES):
        assert measured(native).drift is None
        native.execute(
            "INSERT INTO bridge_verifies (table_name, at, rows, differing, position)"
            " VALUES (%s, now(), 5, %s, '0/1')",
            [table, number],
        )
    assert measured(native).drift == 1


def test_parity_adds_up_since_then_and_in_the_window(native: Connection) -> None:
    at = now(native)
    for age, worker in ((5, "a"), (5, "b"), (50, "a"), (500, "a")):
        tally = RouteTally("downloads", "/downloads/**", asked=10, equal=9)
        compare(native, at - timedelta(seconds=age), tally, worker)
    compare(native, at, RouteTally("jobs", "/jobs/**", asked=1))
    found = measured(native, since=at - timedelta(seconds=100))
    assert found.parity.totals()["asked"] == 30
    assert found.recent.totals()["asked"] == 20
    assert measured(native, since=at).recent.totals()["asked"] == 0


def test_the_load_of_both_sides_since_then_and_lately(native: Connection) -> None:
    at = now(native)
    for age, side in ((2, "native"), (2, "legacy"), (20, "native"), (20, "legacy"), (90, "legacy")):
        put(native, at - timedelta(seconds=age), side, 0.01, 0.5, errors=1)
    found = measured(native)
    assert (found.latest.native.requests, found.whole.native.requests) == (2, 4)
    assert found.whole.legacy == Load(4, 2, 1.02, tuple(buckets(0.01, 0.01, 0.5, 0.5)))
    assert found.before == Load(2, 1, 0.51, tuple(buckets(0.01, 0.5)))
    since = measured(native, since=at - timedelta(seconds=10))
    assert since.whole == since.latest == found.latest


def test_where_the_legacy_side_answers_enough_nothing_earlier_is_read(native: Connection) -> None:
    at = now(native)
    put(native, at - timedelta(seconds=2), "legacy", *[0.01] * 20)
    put(native, at - timedelta(seconds=90), "legacy", 0.01)
    assert measured(native).before == Load()


def test_a_watched_canary_is_judged_by_the_last_hour(native: Connection) -> None:
    at = now(native)
    for minutes in (1, 59, 61):
        tally = RouteTally("downloads", "/downloads/**", asked=10, equal=10)
        compare(native, at - timedelta(minutes=minutes), tally)
    put(native, at - timedelta(seconds=2), "native", *[0.01] * 30, errors=30)
    put(native, at - timedelta(seconds=2), "legacy", *[0.01] * 270)
    found = watch(native, "downloads", _NEVER, WINDOW)
    assert found.parity.totals()["asked"] == 20
    assert breaches(found, GatesConfig()) == (
        "30 of 30 native answers failed, 0 of 270 legacy answers failed",
    )


def test_a_database_without_the_tables_says_what_to_run(stack: EmbeddedStack) -> None:
    empty = stack.create_database("measures_empty")
    with (
        psycopg.connect(empty, autocommit=True) as native,
        pytest.raises(BridgeError, match="strangler db upgrade"),
    ):
        measured(native)


def test_real_streams_are_told_as_they_are(both: TwoWay) -> None:
    """There nobody applies them."""
    streams = stream_statuses(both.legacy, both.native)
    with psycopg.connect(both.native) as native:
        stream = measured(native, *streams).stream
    assert stream is not None
    assert stream.stopped == "nobody applies it — `strangler serve` does, or `strangler sync run`"
