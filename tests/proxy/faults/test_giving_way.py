"""Clients that trickle lose their connection to the upstream when others wait for one."""

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from proxy.forwarding.exchange import GRACE
from tests.proxy.faults.play import echo
from tests.proxy.faults.proxy import FaultHarness, Settings, rerouted, running
from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import answer, request
from tests.proxy.http.upstream import left_to_the_test

pytestmark = pytest.mark.faults

PATIENT = {"STRANGLER_CLIENT_TIMEOUT": "60"}
ONE_CONNECTION = Settings(pool=1, timeout=60, connect_timeout=20)
TWO_CONNECTIONS = Settings(pool=2, timeout=60)
LARGE = 32 * 1024 * 1024


@pytest_asyncio.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FaultHarness]:
    """With one connection, and patient."""
    folder = tmp_path_factory.mktemp("patient")
    async with running(folder, ONE_CONNECTION, PATIENT) as harness:
        yield harness


@pytest_asyncio.fixture
async def with_two(harness: FaultHarness) -> AsyncIterator[FaultHarness]:
    await rerouted(harness.proxy, TWO_CONNECTIONS.routing())
    yield harness
    await rerouted(harness.proxy, ONE_CONNECTION.routing())


async def test_an_upload_gives_way(harness: FaultHarness) -> None:
    harness.upstream.play(left_to_the_test, echo)
    slow = await harness.client()
    await slow.say(request(b"/slow", b"Content-Length: 100000", method=b"POST"), b"x")
    await (await harness.upstream.peer()).head()
    came = await harness.ask(request(b"/waits"))
    assert (came.status, came.body) == (200, b"/waits")
    assert (await slow.last_answer()).status == 408
    line = await harness.line(status=408)
    assert (line["fault"], line["received"]) == ("send_body/client/late", 1)


async def test_a_reader_gives_way(harness: FaultHarness) -> None:
    """Its answer is cut off: what it has must not look like the whole."""

    async def endless(peer: Peer) -> None:
        await peer.request()
        await peer.say(answer(body=bytes(LARGE)))

    harness.upstream.play(endless, echo)
    slow = await harness.client(receive_buffer=4096)
    await slow.say(request(b"/slow"))
    await slow.head()
    came = await harness.ask(request(b"/waits"))
    assert (came.status, came.body) == (200, b"/waits")
    line = await harness.line(path="/slow")
    assert line["fault"] == "receive_body/client/late"
    assert await slow.gone() == "reset"


async def test_nobody_gives_way_where_nobody_waits(with_two: FaultHarness) -> None:
    with_two.upstream.play(echo)
    slow = await with_two.client()
    await slow.say(request(b"/slow", b"Content-Length: 70000", method=b"POST"), b"x")
    await with_two.upstream.peer()
    over = time.monotonic() + GRACE + 0.3
    while time.monotonic() < over:
        assert (await with_two.ask(request(b"/quick"))).status == 200
    await slow.say(bytes(69_999))
    assert (await slow.answer()).body == b"/slow"
