"""Requests that are sent again: which, how often, and never so often that it hurts."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.proxy.faults.conftest import MakeUpstream, Route
from tests.proxy.faults.play import echo, echo_once
from tests.proxy.faults.proxy import FaultHarness, Settings, refusing, rerouted, running
from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import request

pytestmark = pytest.mark.faults

BODY = b"hello"
FLOOR = 10
"""Retries that are always allowed, each second and to begin with."""


async def closes_on_the_second(peer: Peer) -> None:
    """Answer one request, read another, and close."""
    await echo_once(peer)
    await peer.request()


@pytest.mark.parametrize(
    ("method", "times"),
    [("GET", 2), ("HEAD", 2), ("OPTIONS", 2), ("PUT", 2), ("DELETE", 2), ("POST", 1), ("PATCH", 1)],
)
async def test_only_idempotent_ones(
    harness: FaultHarness, upstream: MakeUpstream, route: Route, method: str, times: int
) -> None:
    """A kept connection is closed on a request that was read, and may have been carried out."""
    one = upstream()
    one.play(closes_on_the_second, echo)
    await route(one)
    assert (await harness.ask(request(b"/first"))).status == 200
    body = BODY if method in ("PUT", "POST", "PATCH") else b""
    said = request(b"/again", method=method.encode(), body=body)
    answer = await harness.ask(said, method=method)
    assert answer.status == (200 if times == 2 else 502)
    assert [head.target for head in one.heads].count(b"/again") == times
    assert one.bodies.count(BODY) == (times if body else 0)


@pytest.mark.parametrize("retries", [0, 1, 5])
async def test_once_and_on_a_new_connection(
    harness: FaultHarness, upstream: MakeUpstream, route: Route, retries: int
) -> None:
    """Whatever is allowed: who closes a new connection too would do it again."""
    one = upstream()
    one.play(closes_on_the_second, closes)
    await route(one, retries=retries)
    assert (await harness.ask(request(b"/first"))).status == 200
    assert (await harness.ask(request(b"/again"))).status == 502
    assert [head.target for head in one.heads].count(b"/again") == min(retries, 1) + 1


async def closes(peer: Peer) -> None:
    await peer.request()


@pytest.mark.parametrize(
    ("retries", "statuses"), [(0, [502, 502, 200]), (1, [502, 200]), (2, [200])]
)
async def test_as_many_others_as_retries(
    harness: FaultHarness, upstream: MakeUpstream, route: Route, retries: int, statuses: list[int]
) -> None:
    """Two of three refuse; a request begins with the one after that which was tried last."""
    first, second, third = upstream(), upstream(), upstream()
    await route(first, second, third, retries=retries)
    async with refusing(first), refusing(second):
        came = [(await harness.ask(request())).status for _ in range(2 * len(statuses))]
    assert came == statuses * 2


async def test_the_budget_bounds_them(tmp_path: Path, upstream: MakeUpstream) -> None:
    """One of two refuses: at least half of the requests need a retry."""
    began = time.monotonic()
    dead = upstream()
    async with running(tmp_path) as harness, refusing(dead):
        one = harness.upstream
        one.play(echo)
        urls = [f"http://127.0.0.1:{port}" for port in (dead.port, one.port)]
        scarce = Settings(urls=urls, retry_budget=0, pool=50, waiting=500)
        await rerouted(harness.proxy, scarce.routing())
        came = await many(harness, 200)
        sent = await harness.metric("strangler_retries_total", result="sent")
        assert FLOOR <= sent <= FLOOR + FLOOR * (time.monotonic() - began)
        assert came.total() == 200
        assert await harness.metric("strangler_retries_total", result="over_budget") == came[502]
        assert await harness.faults("connect/upstream/closed") == came[502] >= 100 - sent
        assert len(one.heads) == came[200]

        ample = Settings(urls=urls, retry_budget=100, pool=50, waiting=500)
        await rerouted(harness.proxy, ample.routing())
        assert await many(harness, 50) == {200: 50}


async def many(harness: FaultHarness, count: int) -> Counter[int]:
    """Ask so often, by ten clients at once; how many answers of each status came."""
    statuses: Counter[int] = Counter()

    async def some() -> None:
        client = await harness.client()
        for _ in range(count // 10):
            await client.say(request())
            statuses[(await client.answer()).status] += 1

    await asyncio.gather(*(some() for _ in range(10)))
    return statuses
