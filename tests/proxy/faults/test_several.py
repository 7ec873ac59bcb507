"""Several upstreams: each in its turn, a bad one left out, and the list edited under load."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from tests.proxy.faults.conftest import MakeUpstream, Route
from tests.proxy.faults.play import happened
from tests.proxy.faults.proxy import FaultHarness, becomes_true, refusing
from tests.proxy.http.ends import Client, Peer
from tests.proxy.http.harness import answer, request
from tests.proxy.http.upstream import Upstream

pytestmark = pytest.mark.faults

CHECKED = ("health: {path: /health/, interval: 100ms, timeout: 1s, failures: 2, successes: 1}",)
MANY_CLIENTS = 8


def targets(one: Upstream) -> list[bytes]:
    return [head.target for head in one.heads if head.target != b"/health/"]


def name(one: Upstream) -> str:
    return f"127.0.0.1:{one.port}"


async def ask_each(harness: FaultHarness, count: int, method: bytes = b"GET") -> None:
    """Ask so often, one after the other; all must be answered."""
    for number in range(count):
        target = b"/%d" % number
        came = await harness.ask(request(target, method=method))
        assert (came.status, came.body) == (200, target)


async def event(harness: FaultHarness, name: str, **wanted: object) -> dict[str, Any]:
    """The first line of the log about it."""
    found: list[dict[str, Any]] = []

    async def logged() -> bool:
        for line in harness.proxy.log.read_bytes().splitlines():
            said = json.loads(line) if line.startswith(b'{"') else {}
            if said.get("event") == name and wanted.items() <= said.items():
                found.append(said)
        return bool(found)

    await becomes_true(logged)
    return found[0]


async def test_each_in_its_turn(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    several = [upstream(), upstream(), upstream()]
    await route(*several)
    await ask_each(harness, 9)
    assert [targets(one) for one in several] == [
        [b"/0", b"/3", b"/6"],
        [b"/1", b"/4", b"/7"],
        [b"/2", b"/5", b"/8"],
    ]
    line = await harness.line(path="/4")
    assert line["upstream"] == name(several[1])


@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_a_dead_one_is_left_out(
    harness: FaultHarness, upstream: MakeUpstream, route: Route, method: bytes
) -> None:
    """No request fails: what cannot be connected to is turned to the next."""
    well, dead = upstream(), upstream()
    await route(well, dead, failures=2, open=30.0)
    retried = await harness.metric("strangler_retries_total", result="sent")
    async with refusing(dead):
        await ask_each(harness, 10, method)
        said = await event(harness, "upstream_ejected", upstream=name(dead))
        assert said["seconds"] == 30
    assert await harness.metric("strangler_upstream_state", upstream=name(dead)) == 2
    assert await harness.metric("strangler_retries_total", result="sent") == retried + 2
    assert (len(targets(well)), targets(dead)) == (10, [])


@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_one_that_is_well_again_comes_back(
    harness: FaultHarness, upstream: MakeUpstream, route: Route, method: bytes
) -> None:
    """Nor does a request fail by which it is tried."""
    well, dead = upstream(), upstream()
    await route(well, dead, failures=1, open=0.1)
    async with refusing(dead):
        await ask_each(harness, 2, method)
        await event(harness, "upstream_ejected", upstream=name(dead))

    async def has_it_back() -> bool:
        await ask_each(harness, 2, method)
        return bool(targets(dead))

    await becomes_true(has_it_back)
    await event(harness, "upstream_back", upstream=name(dead))
    before = len(targets(dead))
    await ask_each(harness, 4, method)
    assert len(targets(dead)) == before + 2
    assert await harness.metric("strangler_upstream_state", upstream=name(dead)) == 0


async def test_one_that_breaks_off_is_left_out(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    """What was sent is not sent elsewhere; after enough of it the other has all requests."""
    well, broken = upstream(), upstream()

    async def breaks_off(peer: Peer) -> None:
        await peer.request()

    broken.play(breaks_off)
    await route(well, broken, failures=2, open=30.0)
    came = [(await harness.ask(request())).status for _ in range(8)]
    assert came == [200, 502, 200, 502, 200, 200, 200, 200]


async def test_all_dead(harness: FaultHarness, upstream: MakeUpstream, route: Route) -> None:
    """First each is tried, then nothing is until one may be probed."""
    one, other = upstream(), upstream()
    await route(one, other, failures=1, open=30.0, retries=3)
    async with refusing(one), refusing(other):
        assert (await harness.ask(request())).status == 502
    refusal = await harness.ask(request())
    assert (refusal.status, refusal.value(b"retry-after")) == (503, b"30")
    assert one.peers == other.peers == []


# health


async def well_or_not(peer: Peer, well: asyncio.Event) -> None:
    """Answer, but its health page only while it is well."""
    while True:
        head = await peer.request()
        sick = head.target == b"/health/" and not well.is_set()
        status = b"503 Service Unavailable" if sick else b"200 OK"
        await peer.say(answer(status=status, body=head.target))


async def test_one_that_fails_its_checks_gets_no_requests(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    one, other, well = upstream(), upstream(), asyncio.Event()
    other.play(lambda peer: well_or_not(peer, well))
    await route(one, other, more=CHECKED)
    said = await event(harness, "upstream_unhealthy", upstream=name(other))
    assert (said["healthy"], said["of"]) == (1, 2)
    assert said["reason"] == "status 503 instead of 200"
    before = len(targets(other))
    await ask_each(harness, 6)
    assert len(targets(other)) == before
    well.set()
    await event(harness, "upstream_healthy", upstream=name(other))
    await ask_each(harness, 6)
    assert len(targets(other)) == before + 3


async def test_where_all_fail_their_checks_requests_go_on(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    """A check that is wrong must not take the site down."""
    several, never = [upstream(), upstream()], asyncio.Event()
    for one in several:
        one.play(lambda peer: well_or_not(peer, never))
    await route(*several, more=CHECKED)
    for one in several:
        await event(harness, "upstream_unhealthy", upstream=name(one))
    await ask_each(harness, 4)


# an edit of urls


async def test_an_edit_costs_no_request(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    """One, two, the other, under load: idle connections and new ones, with and without a body."""
    one, other = upstream(), upstream()
    statuses: Counter[int] = Counter()
    over = asyncio.Event()

    async def visitor() -> None:
        client = await harness.client()
        while not over.is_set():
            for method in (b"GET", b"POST"):
                body = b"hello" if method == b"POST" else b""
                await client.say(request(b"/visit", method=method, body=body))
                statuses[(await client.answer()).status] += 1

    await route(one, pool=MANY_CLIENTS)
    async with asyncio.TaskGroup() as visitors:
        for _ in range(MANY_CLIENTS):
            visitors.create_task(visitor())
        await route(one, other, pool=MANY_CLIENTS)
        await reached(other)
        await route(other, pool=MANY_CLIENTS)
        await reached(other)
        over.set()
    assert list(statuses) == [200]
    before = len(targets(one))
    await ask_each(harness, 4)
    assert len(targets(one)) == before


async def reached(one: Upstream) -> None:
    """Requests come, 20 more than there were."""
    enough = len(one.heads) + 20

    async def there_are_more() -> bool:
        return len(one.heads) >= enough

    await becomes_true(there_are_more)


async def test_what_is_under_way_at_one_that_goes_ends_there(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    """An answer that is awaited, and one that has begun."""
    one, other, edited = upstream(), upstream(), asyncio.Event()

    async def slow(peer: Peer) -> None:
        head = await peer.request()
        whole = answer(body=head.target)
        begun = len(whole) - 1 if head.target == b"/begun" else 0
        await peer.say(whole[:begun])
        await happened(edited)
        await peer.say(whole[begun:])
        assert await peer.gone() == "closed"

    one.play(slow)
    await route(one, timeout=4.0)
    awaited, begun = await asking(harness, b"/awaited"), await asking(harness, b"/begun")
    await begun.until(b"/begu")
    await one.peer(1)
    await route(other, timeout=4.0)
    await ask_each(harness, 2)
    edited.set()
    assert (await awaited.answer()).body == b"/awaited"
    assert await begun.exactly(1) == b"n"
    assert len(targets(other)) == 2


async def test_what_waits_in_line_for_one_that_goes_turns_to_the_other(
    harness: FaultHarness, upstream: MakeUpstream, route: Route
) -> None:
    one, other, edited = upstream(), upstream(), asyncio.Event()

    async def slow(peer: Peer) -> None:
        head = await peer.request()
        await happened(edited)
        await peer.say(answer(body=head.target))

    one.play(slow)
    await route(one, pool=1, timeout=4.0, connect_timeout=4.0)
    first = await asking(harness, b"/first")
    await one.peer()
    second = await asking(harness, b"/second", method=b"POST")

    async def is_in_line() -> bool:
        return await harness.metric("strangler_upstream_waiting") == 1

    await becomes_true(is_in_line)
    await route(other, pool=1)
    edited.set()
    assert (await first.answer()).body == b"/first"
    assert (await second.answer()).body == b"/second"
    assert (targets(one), targets(other)) == ([b"/first"], [b"/second"])


async def asking(harness: FaultHarness, target: bytes, method: bytes = b"GET") -> Client:
    client = await harness.client()
    await client.say(request(target, method=method))
    return client
