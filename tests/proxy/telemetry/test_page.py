"""The Prometheus page of several workers, to the letter."""

import asyncio
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from prometheus_client.core import GaugeMetricFamily

from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.telemetry import AccessLog, Telemetry, families, metrics_folder, recorder
from proxy.telemetry.tally import Labels
from tests.proxy.telemetry.records import record


@pytest.fixture
def log() -> Iterator[AccessLog]:
    with Path(os.devnull).open("wb") as out:
        yield AccessLog(out.fileno())


def worker(log: AccessLog, folder: Path | None) -> Telemetry:
    return Telemetry(log, folder)


def one(value: float) -> dict[Labels, float]:
    return {(): value}


PAGE = """\
# HELP strangler_requests_total Requests answered, by who answered them.
# TYPE strangler_requests_total counter
strangler_requests_total{domain="-",owner="legacy",status="200"} 3.0
strangler_requests_total{domain="-",owner="legacy",status="502"} 1.0
strangler_requests_total{domain="downloads",owner="native",status="200"} 1.0
# HELP strangler_request_seconds From the request's head to the end of the answer.
# TYPE strangler_request_seconds histogram
strangler_request_seconds_bucket{domain="-",le="0.001",owner="legacy"} 2.0
strangler_request_seconds_bucket{domain="-",le="0.0025",owner="legacy"} 2.0
strangler_request_seconds_bucket{domain="-",le="0.005",owner="legacy"} 2.0
strangler_request_seconds_bucket{domain="-",le="0.01",owner="legacy"} 2.0
strangler_request_seconds_bucket{domain="-",le="0.025",owner="legacy"} 2.0
strangler_request_seconds_bucket{domain="-",le="0.05",owner="legacy"} 2.0
strangler_request_seconds_bucket{domain="-",le="0.1",owner="legacy"} 2.0
strangler_request_seconds_bucket{domain="-",le="0.25",owner="legacy"} 3.0
strangler_request_seconds_bucket{domain="-",le="0.5",owner="legacy"} 3.0
strangler_request_seconds_bucket{domain="-",le="1.0",owner="legacy"} 3.0
strangler_request_seconds_bucket{domain="-",le="2.5",owner="legacy"} 3.0
strangler_request_seconds_bucket{domain="-",le="5.0",owner="legacy"} 3.0
strangler_request_seconds_bucket{domain="-",le="10.0",owner="legacy"} 3.0
strangler_request_seconds_bucket{domain="-",le="30.0",owner="legacy"} 3.0
strangler_request_seconds_bucket{domain="-",le="+Inf",owner="legacy"} 4.0
strangler_request_seconds_count{domain="-",owner="legacy"} 4.0
strangler_request_seconds_sum{domain="-",owner="legacy"} 64.25146484375
strangler_request_seconds_bucket{domain="downloads",le="0.001",owner="native"} 0.0
strangler_request_seconds_bucket{domain="downloads",le="0.0025",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="0.005",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="0.01",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="0.025",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="0.05",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="0.1",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="0.25",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="0.5",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="1.0",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="2.5",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="5.0",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="10.0",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="30.0",owner="native"} 1.0
strangler_request_seconds_bucket{domain="downloads",le="+Inf",owner="native"} 1.0
strangler_request_seconds_count{domain="downloads",owner="native"} 1.0
strangler_request_seconds_sum{domain="downloads",owner="native"} 0.0025
# HELP strangler_bytes_total Octets of bodies: received from clients, sent to clients.
# TYPE strangler_bytes_total counter
strangler_bytes_total{direction="received"} 5.0
strangler_bytes_total{direction="sent"} 1150.0
# HELP strangler_forward_faults_total Forwarded requests that failed: at which stage, on whose \
side, how.
# TYPE strangler_forward_faults_total counter
strangler_forward_faults_total{cause="late",side="upstream",stage="await_head"} 1.0
# HELP strangler_retries_total Requests sent upstream again, by what came of it.
# TYPE strangler_retries_total counter
strangler_retries_total{result="answered"} 3.0
# HELP strangler_refused_total Malformed requests refused at the door, by status.
# TYPE strangler_refused_total counter
strangler_refused_total{status="400"} 2.0
strangler_refused_total{status="431"} 1.0
# HELP strangler_routing_reloads_total Edits of routing.yaml seen.
# TYPE strangler_routing_reloads_total counter
strangler_routing_reloads_total{result="loaded"} 3.0
# HELP strangler_access_log_lost_total Access-log lines that could not be written: they are gone.
# TYPE strangler_access_log_lost_total counter
strangler_access_log_lost_total 0.0
# HELP strangler_cache_total Native answers and the cache: hit, miss, joined (made for another \
request), untrusted (nothing is heard of changes), unfit, outdated, kept, evicted, invalidated.
# TYPE strangler_cache_total counter
# HELP strangler_shadow_total Requests that were to be compared: compared, moved (the data changed \
meanwhile), left (to the legacy side), differing, behind (the native rows were), late, unsure, \
dropped (nobody had time), useless, large, failed.
# TYPE strangler_shadow_total counter
# HELP strangler_routing_faults Faults in routing.yaml as it is on disk; above 0 the last good \
table is in force.
# TYPE strangler_routing_faults gauge
strangler_routing_faults 2.0
# HELP strangler_requests_in_flight Requests being answered now.
# TYPE strangler_requests_in_flight gauge
strangler_requests_in_flight 5.0
# HELP strangler_connections Clients' connections.
# TYPE strangler_connections gauge
strangler_connections{state="idle"} 4.0
strangler_connections{state="open"} 6.0
"""


async def test_two_live_workers_and_one_that_ended(log: AccessLog, tmp_path: Path) -> None:
    ended, other, asked = (worker(log, tmp_path) for _ in range(3))
    for telemetry, faults, in_flight in ((ended, 9, 50), (other, 2, 5), (asked, 1, 0)):
        telemetry.gauge(families.ROUTING_FAULTS, partial(one, faults))
        telemetry.gauge(families.IN_FLIGHT, partial(one, in_flight))
        telemetry.gauge(families.CONNECTIONS, lambda: {("open",): 3, ("idle",): 2})
        telemetry.count(families.RELOADS, "loaded")

    record(ended, seconds=2**-10, sent=1000)
    ended.count(families.REFUSED, "400", by=2)
    ended.count(families.RETRIES, "answered")
    ended.page()
    ended.close()

    record(other, seconds=2**-11, sent=100, received=5)
    record(other, seconds=64.0, sent=0)
    other.count(families.RETRIES, "answered", by=2)
    other.page()

    record(asked, owner="native", domain="downloads", seconds=0.0025, sent=50)
    fault = Fault(Stage.AWAIT_HEAD, Side.UPSTREAM, Cause.LATE)
    record(asked, status=502, seconds=0.25, sent=0, fault=fault)
    asked.count(families.REFUSED, "431")
    for _ in range(2):  # asking twice changes nothing
        assert asked.page().decode() == PAGE
    for telemetry in (other, asked):
        telemetry.close()


async def test_one_process_alone_needs_no_folder(log: AccessLog) -> None:
    telemetry = worker(log, None)
    telemetry.start()
    record(telemetry, seconds=1.0)
    telemetry.gauge(families.UPSTREAM_STATE, lambda: {("10.0.0.7:80",): 1})
    page = telemetry.page().decode().splitlines()
    telemetry.close()
    assert 'strangler_requests_total{domain="-",owner="legacy",status="200"} 1.0' in page
    assert 'strangler_upstream_state{upstream="10.0.0.7:80"} 1.0' in page


async def test_what_is_nobodys_own_is_shown_as_it_is(log: AccessLog, tmp_path: Path) -> None:
    telemetry, other = worker(log, tmp_path), worker(log, tmp_path)
    for one_of_two in (telemetry, other):
        one_of_two.show(lambda: [GaugeMetricFamily("strangler_elsewhere", "Not ours.", 7)])
        one_of_two.page()
    assert telemetry.page().decode().splitlines().count("strangler_elsewhere 7.0") == 1
    telemetry.close()
    other.close()


async def test_labels_are_told_apart(log: AccessLog) -> None:
    telemetry = worker(log, None)
    with pytest.raises(ValueError, match=r"strangler_retries_total has the labels \('result',\)"):
        telemetry.count(families.RETRIES)
    telemetry.close()


async def test_what_a_worker_counts_is_seen_without_asking_it(
    log: AccessLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "PUBLISH_SECONDS", 0.01)
    asked, other = worker(log, tmp_path), worker(log, tmp_path)
    read = 0
    twice = asyncio.Event()

    def in_flight() -> dict[Labels, float]:
        nonlocal read
        read += 1
        if read == 3:
            twice.set()
        return {(): 7}

    other.gauge(families.IN_FLIGHT, in_flight)
    asked.gauge(families.IN_FLIGHT, lambda: {(): 0})
    other.start()
    other.count(families.REFUSED, "400")
    async with asyncio.timeout(10):
        await twice.wait()
    page = asked.page().decode().splitlines()
    assert "strangler_requests_in_flight 7.0" in page
    assert 'strangler_refused_total{status="400"} 1.0' in page
    other.close()
    asked.close()


def test_the_folder_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "/somewhere")
    assert metrics_folder() == Path("/somewhere")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    assert metrics_folder() is None
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    assert metrics_folder() is None
