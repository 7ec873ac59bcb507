"""The circuit breaker: an upstream that fails is left alone, and tried by one request at a time."""

import asyncio

import pytest

from tests.proxy.faults.conftest import MakeUpstream, Route
from tests.proxy.faults.play import echo, happened
from tests.proxy.faults.proxy import FaultHarness, becomes_true
from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import answer, request
from tests.proxy.http.messages import Answer
from tests.proxy.http.upstream import Upstream

pytestmark = pytest.mark.faults

CLOSED, OPEN = 0.0, 2.0
SHORTLY = 0.3
"""Seconds for which the breaker stays open."""


async def fails(peer: Peer) -> None:
    await peer.request()


async def state(harness: FaultHarness, one: Upstream) -> float:
    return await harness.metric("strangler_upstream_state", upstream=f"127.0.0.1:{one.port}")


async def ask(harness: FaultHarness, *, method: bytes = b"GET") -> Answer:
    return await harness.ask(request(method=method))


async def opened(
    harness: FaultHarness, upstream: MakeUpstream, route: Route, seconds: float = SHORTLY
) -> Upstream:
    """An upstream whose breaker a single failure has just opened, and which is well again."""
    one = upstream()
    one.play(fails, echo)
    await route(one, failures=1, open=seconds)
    assert (await ask(harness)).status == 502
    assert await state(harness, one) == OPEN
    return one


async def test_opens_after_so_many_failures(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    one = upstream()
    one.play(fails)
    await route(one, failures=3, open=30.0)
    for method in (b"GET", b"POST", b"GET"):
        assert await state(harness, one) == CLOSED
        assert (await ask(harness, method=method)).status == 502
    assert await state(harness, one) == OPEN
    for _ in range(5):
        refusal = await ask(harness)
        assert (refusal.status, refusal.values(b"retry-after")) == (503, [b"30"])
    assert len(one.peers) == 3
    line = await harness.line(status=503)
    assert line["fault"] == "lease/proxy/open"
    assert (await harness.line(status=502))["upstream"] == f"127.0.0.1:{one.port}"


async def test_only_failures_in_a_row_count(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    one = upstream()
    one.play(fails, fails, answers_once, fails, fails, answers_once)
    await route(one, failures=3)
    came = [(await ask(harness)).status for _ in range(6)]
    assert came == [502, 502, 200, 502, 502, 200]


async def answers_once(peer: Peer) -> None:
    await peer.request()
    await peer.say(answer(b"Connection: close"))


@pytest.mark.parametrize("status", [b"500 Internal Server Error", b"502 Bad Gateway", b"503 Busy"])
async def test_an_answer_is_no_failure(
    harness: FaultHarness, upstream: MakeUpstream, route: Route, status: bytes
) -> None:
    one = upstream()

    async def troubled(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.say(answer(status=status, body=b"mine"))

    one.play(troubled)
    await route(one, failures=1)
    came = [await ask(harness) for _ in range(3)]
    assert [(one.status, one.body) for one in came] == [(int(status[:3]), b"mine")] * 3


async def test_neither_is_a_client_that_leaves(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    one, asked = upstream(), asyncio.Event()

    async def slow(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await peer.gone()

    one.play(slow, echo)
    await route(one, failures=1)
    client = await harness.client()
    await client.say(request())
    await happened(asked)
    client.reset()
    await harness.line(fault="await_head/client/closed")
    assert (await ask(harness)).status == 200


async def test_half_open_lets_one_request_through(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    """The others are refused at once, and when it is answered all pass again."""
    one = await opened(harness, upstream, route)
    answered = asyncio.Event()

    async def held(peer: Peer) -> None:
        await peer.request()
        await happened(answered)
        await peer.say(answer(body=b"probe"))
        await echo(peer)

    one.play(fails, held)
    probe = await probing(harness, one)
    refusals = await asyncio.gather(*(ask(harness) for _ in range(5)))
    assert [(one.status, one.value(b"retry-after")) for one in refusals] == [(503, b"1")] * 5
    assert len(one.heads) == 2
    answered.set()
    assert (await probe).body == b"probe"
    assert await state(harness, one) == CLOSED
    assert [(await ask(harness)).status for _ in range(3)] == [200] * 3


async def probing(harness: FaultHarness, one: Upstream) -> "asyncio.Task[Answer]":
    """The first request that reaches the upstream again."""
    before = len(one.heads)
    while True:
        asking = asyncio.create_task(ask(harness))
        arriving = asyncio.create_task(one.peer(before))
        await asyncio.wait((asking, arriving), return_when=asyncio.FIRST_COMPLETED)
        if arriving.done():
            await arriving
            await becomes_true_that_it_was_asked(one, before)
            return asking
        arriving.cancel()
        assert (await asking).status == 503


async def becomes_true_that_it_was_asked(one: Upstream, before: int) -> None:
    async def asked() -> bool:
        return len(one.heads) > before

    await becomes_true(asked)


async def test_a_failed_probe_opens_it_for_twice_as_long(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    one = await opened(harness, upstream, route, 1.0)
    one.play(fails)
    assert (await ask(harness)).values(b"retry-after") == [b"1"]
    probe = await probing(harness, one)
    assert (await probe).status == 502
    assert (await ask(harness)).values(b"retry-after") == [b"2"]
    assert len(one.heads) == 2


async def test_a_probe_whose_client_leaves_says_nothing(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    """The next request is the next probe, at once."""
    one = await opened(harness, upstream, route)
    asked = asyncio.Event()

    async def slow(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await peer.gone()

    one.play(fails, slow, echo)
    while not asked.is_set():
        client = await harness.client()
        await client.say(request())
        answering = asyncio.create_task(client.head())
        reaching = asyncio.create_task(asked.wait())
        await asyncio.wait((answering, reaching), return_when=asyncio.FIRST_COMPLETED)
        for task in (answering, reaching):
            task.cancel()
        await asyncio.wait((answering, reaching))
    assert (await ask(harness)).status == 503
    client.reset()
    await harness.line(fault="await_head/client/closed")
    assert (await ask(harness)).status == 200
    assert await state(harness, one) == CLOSED
