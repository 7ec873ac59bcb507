"""From the tally of a worker to buckets of two seconds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.telemetry import AccessLog, Telemetry
from proxy.traffic.counting import KEPT_SECONDS, SETTLED_SECONDS, Counting
from proxy.traffic.load import NO_ANSWERS
from tests.proxy.telemetry.records import record

BROKEN = Fault(Stage.RECEIVE_BODY, Side.UPSTREAM, Cause.CLOSED)
LEFT = Fault(Stage.AWAIT_HEAD, Side.CLIENT, Cause.CLOSED)


@pytest.fixture
async def telemetry(tmp_path: Path) -> AsyncIterator[Telemetry]:
    """Whose log is a file."""
    with (tmp_path / "log").open("wb") as out:
        telemetry = Telemetry(AccessLog(out.fileno()))
        yield telemetry
        telemetry.close()


Figures = dict[tuple[int, str, str], tuple[int, int]]


def figures(counting: Counting) -> Figures:
    """Requests and errors of what is not written yet."""
    buckets = counting.unwritten().buckets
    return {key: (bucket.requests, bucket.errors) for key, (bucket, _) in buckets.items()}


async def test_each_request_is_in_the_bucket_of_the_look_that_found_it(
    telemetry: Telemetry,
) -> None:
    counting = Counting(telemetry)
    record(telemetry, domain="downloads", seconds=0.003)
    counting.look(101.9)
    record(telemetry, domain="downloads", seconds=0.2)
    record(telemetry, domain="downloads", owner="native", status=404)
    record(telemetry)
    record(telemetry, owner="proxy")
    counting.look(102.0)
    counting.look(103.9)
    assert figures(counting) == {
        (100, "downloads", "legacy"): (1, 0),
        (102, "", "legacy"): (1, 0),
        (102, "downloads", "legacy"): (1, 0),
        (102, "downloads", "native"): (1, 0),
    }
    bucket, _ = counting.unwritten().buckets[102, "downloads", "legacy"]
    assert bucket.seconds == pytest.approx(0.2)
    assert bucket.buckets.index(1) == 7
    assert len(bucket.buckets) == len(NO_ANSWERS)


async def test_errors_are_5xx_and_what_failed_by_another_than_the_client(
    telemetry: Telemetry,
) -> None:
    counting = Counting(telemetry)
    record(telemetry, status=500)
    record(telemetry, status=502, fault=Fault(Stage.CONNECT, Side.UPSTREAM, Cause.CLOSED))
    record(telemetry, status=200, fault=BROKEN)
    record(telemetry, status=200, fault=LEFT)
    record(telemetry, status=0, fault=LEFT)
    record(telemetry, status=404)
    record(telemetry, owner="native", fault=Fault(Stage.RECEIVE_BODY, Side.PROXY, Cause.CLOSED))
    counting.look(100.0)
    assert figures(counting) == {(100, "", "legacy"): (6, 3), (100, "", "native"): (1, 1)}


async def test_a_switched_connection_lasts_as_it_likes(telemetry: Telemetry) -> None:
    counting = Counting(telemetry)
    record(
        telemetry,
        status=101,
        seconds=3600,
        fault=Fault(Stage.UPGRADED, Side.UPSTREAM, Cause.CLOSED),
    )
    counting.look(100.0)
    assert not counting.unwritten()


async def test_what_is_written_is_not_told_again_but_what_came_since_is(
    telemetry: Telemetry,
) -> None:
    counting = Counting(telemetry)
    record(telemetry)
    counting.hits[None, "/", "legacy"] += 1
    counting.hits["downloads", "/downloads/**", "legacy"] += 2
    counting.hits["downloads", "/downloads/**", "proxy"] += 1
    counting.look(100.0)
    batch = counting.unwritten()
    assert batch.hits == {("downloads", "/downloads/**", "legacy"): (100.0, 2)}
    record(telemetry)
    counting.hits["downloads", "/downloads/**", "legacy"] += 1
    counting.look(101.0)
    counting.written(batch)
    assert figures(counting) == {(100, "", "legacy"): (2, 0)}
    batch = counting.unwritten()
    assert batch.hits == {("downloads", "/downloads/**", "legacy"): (101.0, 1)}
    counting.written(batch)
    assert not counting.unwritten()


async def test_what_waits_too_long_is_let_go_and_told(telemetry: Telemetry) -> None:
    counting = Counting(telemetry)
    record(telemetry)
    counting.look(100.0)
    counting.written(counting.unwritten())
    record(telemetry)
    record(telemetry)
    counting.hits["downloads", "/downloads/**", "legacy"] += 1
    counting.look(200.0)
    assert counting.forget(100 + SETTLED_SECONDS + 0.5) == 0
    assert counting.forget(200.0 + KEPT_SECONDS) == 0
    assert figures(counting) == {(200, "", "legacy"): (2, 0)}
    assert counting.forget(200.5 + KEPT_SECONDS) == 2
    assert figures(counting) == {}
    assert counting.unwritten().hits == {("downloads", "/downloads/**", "legacy"): (200.0, 1)}


async def test_a_clock_that_is_set_back_a_little_loses_nothing(telemetry: Telemetry) -> None:
    """The bucket is written down with all that it has, whenever that came."""
    counting = Counting(telemetry)
    record(telemetry)
    counting.look(100.0)
    counting.written(counting.unwritten())
    counting.forget(102.5)
    record(telemetry)
    counting.look(101.5)
    assert figures(counting) == {(100, "", "legacy"): (2, 0)}
