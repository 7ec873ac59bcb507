"""The bridge's figures on the page of metrics, to the letter, and how they get there."""

import asyncio
import os
import time
from pathlib import Path
from threading import Event

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from legacy_bridge.replication.faults import BridgeError
from proxy.bridge import watching
from proxy.bridge.alarms import AlarmLimits
from proxy.bridge.metrics import families
from proxy.bridge.status import Reading, StreamReading, VerifyReading, read
from proxy.bridge.watching import StatusWatch
from tests.legacy_bridge.replication.apply.live import begin, catch_up, following
from tests.legacy_bridge.replication.sides import Sides, run

FORWARD = StreamReading(
    name="forward",
    copied=True,
    lag_bytes=4096,
    lag_seconds=1.5,
    retained_bytes=65536,
    left_bytes=1_000_000,
    transactions=12,
    rows=345,
    applier="strangler 1@here",
    fault=None,
)
REVERSE = StreamReading(
    name="reverse",
    copied=True,
    lag_bytes=0,
    lag_seconds=0,
    retained_bytes=8,
    left_bytes=None,
    transactions=0,
    rows=0,
    applier=None,
    fault="the slot: it is not there",
)
READING = Reading(
    at=1000.0,
    streams=(FORWARD, REVERSE),
    quarantined={"releases": 2, "pages": 1},
    conflicts={"pages_page": 4},
    verifies=(VerifyReading(table="pages", at=900.25, differing=3),),
)
PAGE = """\
# HELP strangler_bridge_status_age_seconds How old the other figures of the bridge are; it grows \
while a database is unreachable.
# TYPE strangler_bridge_status_age_seconds gauge
strangler_bridge_status_age_seconds 2.5
# HELP strangler_bridge_lag_bytes Log of the source that has not been applied yet.
# TYPE strangler_bridge_lag_bytes gauge
strangler_bridge_lag_bytes{stream="forward"} 4096.0
strangler_bridge_lag_bytes{stream="reverse"} 0.0
# HELP strangler_bridge_lag_seconds How long ago, by the source's clock, it was what is applied now.
# TYPE strangler_bridge_lag_seconds gauge
strangler_bridge_lag_seconds{stream="forward"} 1.5
strangler_bridge_lag_seconds{stream="reverse"} 0.0
# HELP strangler_bridge_retained_wal_bytes Log that the source keeps for the stream.
# TYPE strangler_bridge_retained_wal_bytes gauge
strangler_bridge_retained_wal_bytes{stream="forward"} 65536.0
strangler_bridge_retained_wal_bytes{stream="reverse"} 8.0
# HELP strangler_bridge_wal_left_bytes How much more it keeps before it gives the stream up; \
absent without a limit.
# TYPE strangler_bridge_wal_left_bytes gauge
strangler_bridge_wal_left_bytes{stream="forward"} 1e+06
# HELP strangler_bridge_applier 1 while somebody applies the stream.
# TYPE strangler_bridge_applier gauge
strangler_bridge_applier{stream="forward"} 1.0
strangler_bridge_applier{stream="reverse"} 0.0
# HELP strangler_bridge_fault 1 where the stream cannot go on: `strangler sync status` says why.
# TYPE strangler_bridge_fault gauge
strangler_bridge_fault{stream="forward"} 0.0
strangler_bridge_fault{stream="reverse"} 1.0
# HELP strangler_bridge_applied_transactions_total Transactions applied since the first copy.
# TYPE strangler_bridge_applied_transactions_total counter
strangler_bridge_applied_transactions_total{stream="forward"} 12.0
strangler_bridge_applied_transactions_total{stream="reverse"} 0.0
# HELP strangler_bridge_applied_rows_total Rows applied since the first copy.
# TYPE strangler_bridge_applied_rows_total counter
strangler_bridge_applied_rows_total{stream="forward"} 345.0
strangler_bridge_applied_rows_total{stream="reverse"} 0.0
# HELP strangler_bridge_quarantined_rows Rows set apart, as the target refuses them.
# TYPE strangler_bridge_quarantined_rows gauge
strangler_bridge_quarantined_rows{table="pages"} 1.0
strangler_bridge_quarantined_rows{table="releases"} 2.0
# HELP strangler_bridge_conflicts Changes that lost against the owner's and wait for a person.
# TYPE strangler_bridge_conflicts gauge
strangler_bridge_conflicts{table="pages_page"} 4.0
# HELP strangler_bridge_last_verify_timestamp_seconds When both sides of a table were last compared.
# TYPE strangler_bridge_last_verify_timestamp_seconds gauge
strangler_bridge_last_verify_timestamp_seconds{table="pages"} 900.25
# HELP strangler_bridge_differing_rows Rows that differed then, without those in quarantine.
# TYPE strangler_bridge_differing_rows gauge
strangler_bridge_differing_rows{table="pages"} 3.0
"""


class _Page(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def page(metrics: list[Metric]) -> str:
    registry = CollectorRegistry()
    registry.register(_Page(metrics))
    return generate_latest(registry).decode()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a thread may come late to its turn."""
    monkeypatch.setattr(watching, "PATIENCE_SECONDS", 20.0)


def figures(watch: StatusWatch) -> dict[str, float]:
    """Those without labels, and those of the stream."""
    samples = (sample for metric in watch.metrics() for sample in metric.samples)
    return {sample.name: sample.value for sample in samples}


def test_the_page() -> None:
    assert page(list(families(READING, 1002.5))) == PAGE


def test_what_is_read_is_what_is_so(sides: Sides) -> None:
    assert read(sides.legacy, sides.native).streams == ()
    begin(sides)
    run(sides.legacy, "UPDATE downloads_releasefile SET url = 'http://a.example/' WHERE id = 2")
    catch_up(sides)
    found = read(sides.legacy, sides.native)
    (stream,) = found.streams
    assert (stream.name, stream.copied, stream.transactions, stream.rows) == ("forward", True, 1, 1)
    assert (stream.applier, stream.fault) == (None, None)
    assert stream.left_bytes is not None
    assert stream.left_bytes > stream.retained_bytes
    assert found.quarantined == {"release_files": 1}
    assert found.verifies == ()
    with following(sides):
        (stream,) = read(sides.legacy, sides.native).streams
    assert stream.applier is not None
    assert stream.applier.startswith(f"strangler {os.getpid()}@")


async def test_a_scrape_waits_for_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows what was so before, and how long ago that was."""
    monkeypatch.setattr(watching, "PATIENCE_SECONDS", 0.05)
    asked, answer = Event(), Event()

    def reader() -> Reading:
        asked.set()
        assert answer.wait(10)
        return Reading(at=time.time() - 30, streams=(FORWARD,))

    watch = StatusWatch(reader, None, AlarmLimits())
    await watch.refresh()
    assert figures(watch) == {}
    assert await asyncio.to_thread(asked.wait, 10)
    answer.set()
    async with asyncio.timeout(10):
        while not figures(watch):
            await watch.refresh()
    answer.clear()
    await watch.refresh()
    found = figures(watch)
    assert found["strangler_bridge_lag_bytes"] == 4096
    assert 30 <= found["strangler_bridge_status_age_seconds"] < 40
    answer.set()


@pytest.mark.usefixtures("patient")
async def test_workers_share_what_one_of_them_has_read(tmp_path: Path) -> None:
    reads = 0

    def reader() -> Reading:
        nonlocal reads
        reads += 1
        return Reading(at=time.time(), streams=(FORWARD,))

    first, second = (StatusWatch(reader, tmp_path, AlarmLimits()) for _ in range(2))
    await first.refresh()
    await second.refresh()
    assert figures(second)["strangler_bridge_lag_seconds"] == 1.5
    assert reads == 1


@pytest.mark.usefixtures("patient")
async def test_what_cannot_be_read_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    faults = [BridgeError("it is down"), BridgeError("it is down"), None, KeyError("odd"), None]

    def reader() -> Reading:
        if (fault := faults.pop(0)) is not None:
            raise fault
        return Reading(at=time.time())

    watch = StatusWatch(reader, None, AlarmLimits())
    said: list[tuple[str, object]] = []
    for level in ("warning", "info"):
        monkeypatch.setattr(
            watching.log, level, lambda event, **more: said.append((event, more.get("reason")))
        )
    for _ in range(3):
        await watch.refresh()
    assert said == [("bridge_status_unreadable", "it is down"), ("bridge_status_readable", None)]
    monkeypatch.setattr(watching, "FRESH_SECONDS", 0.0)
    for _ in range(2):
        await watch.refresh()
    assert said[2:] == [
        ("bridge_status_unreadable", "KeyError('odd')"),
        ("bridge_status_readable", None),
    ]
