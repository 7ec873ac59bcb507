"""What gates, plots and people read of what the workers wrote."""

from datetime import UTC, datetime, timedelta

import pytest

from legacy_bridge.replication.connections import Connection
from proxy.traffic.load import Load
from proxy.traffic.reading import Hit, Point, before, fitting, hits, loads, series, summary
from tests.proxy.traffic.put_down import buckets, put

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def test_a_plot_has_both_sides_of_all_workers(native: Connection) -> None:
    for worker in "ab":
        put(native, NOON, "legacy", 0.01, 0.01, worker=worker)
    put(native, NOON + timedelta(seconds=2), "legacy", 0.25)
    put(native, NOON + timedelta(seconds=4), "native", 0.5, 0.5, errors=1)
    put(native, NOON + timedelta(seconds=4), "native", 0.5, domain="jobs")
    put(native, NOON + timedelta(seconds=10), "native", 0.5)
    told = series(native, NOON, NOON + timedelta(seconds=10), "downloads", step=4)
    assert told == [
        Point(NOON, "legacy", 4, 5, 0, 0.005 + 0.005 * 2.5 / 4, 0.1 + 0.15 * 0.75),
        Point(NOON + timedelta(seconds=4), "native", 4, 2, 1, 0.375, 0.25 + 0.25 * (2 * 0.95) / 2),
    ]
    assert told[0].rate == 1.25
    everything = series(native, NOON, NOON + timedelta(seconds=10), step=4)
    assert [point.requests for point in everything] == [5, 3]


@pytest.mark.parametrize(
    ("minutes", "width"), [(5, 2.0), (10, 2.0), (14, 4.0), (60, 60.0), (7 * 24 * 60, 2040.0)]
)
def test_a_plot_has_no_more_points_than_can_be_seen(minutes: int, width: float) -> None:
    """And those of merged buckets are whole minutes."""
    assert fitting(NOON - timedelta(minutes=minutes), NOON, NOON) == width
    assert minutes * 60 / width <= 300


def test_the_summary_is_of_whole_buckets_that_everyone_has_written(native: Connection) -> None:
    with native.transaction():  # in which the time stands still
        ((now, until),) = native.execute(
            "SELECT now(), date_bin('2 seconds', now() - interval '1.5 seconds', 'epoch')"
        )
        assert now - timedelta(seconds=3.5) < until <= now - timedelta(seconds=1.5)
        for age in (-2, 0, 2, 4, 6):
            put(native, until - timedelta(seconds=age), "legacy", 0.01)
        put(native, until - timedelta(seconds=4), "native", 0.1, 0.1, errors=1)
        told = summary(native, 4)
    assert set(told) == {("downloads", "legacy"), ("downloads", "native")}
    legacy, native_side = told["downloads", "legacy"], told["downloads", "native"]
    assert (legacy.rate, legacy.error_share, legacy.p50) == (0.5, 0.0, 0.0075)
    assert (native_side.rate, native_side.error_share) == (0.5, 0.5)
    assert native_side.p95 == pytest.approx(0.0975)


def test_the_loads_of_both_sides_up_to_now(native: Connection) -> None:
    ((now,),) = native.execute("SELECT clock_timestamp()")
    ages = (1, 5, 20, 40)
    for age in ages:
        put(native, now - timedelta(seconds=age), "legacy", 0.01)
    put(native, now - timedelta(seconds=1), "native", 0.5, errors=1)
    put(native, now - timedelta(seconds=1), "native", 0.5, domain="jobs")
    long_ago = now - timedelta(days=1)
    assert loads(native, "downloads", long_ago, 30) == {
        "legacy": Load(3, 0, sum([0.01] * 3), tuple(buckets(0.01, 0.01, 0.01))),
        "native": Load(1, 1, 0.5, tuple(buckets(0.5))),
    }
    since = loads(native, "downloads", now - timedelta(seconds=6), 30)
    assert since["legacy"].requests == 2
    earlier = before(native, "downloads", "legacy", 3, enough=2)
    assert earlier == Load(2, 0, 0.02, tuple(buckets(0.01, 0.01)))
    assert before(native, "jobs", "legacy", 3, enough=2) == Load()


def test_hits_are_told_as_they_are(native: Connection) -> None:
    native.execute("INSERT INTO route_hits VALUES ('jobs', '/jobs/**', 'native', %s, 7)", [NOON])
    assert hits(native) == [Hit("jobs", "/jobs/**", "native", NOON, 7)]
