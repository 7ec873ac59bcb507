"""Clients that trickle lose their connection to the upstream when others wait for one."""

import time
from pathlib import Path

import pytest

from proxy.forwarding.exchange import GRACE
from tests.proxy.faults.play import echo
from tests.proxy.faults.proxy import Settings, running
from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import answer, request
from tests.proxy.http.upstream import left_to_the_test

pytestmark = pytest.mark.faults

PATIENT = {"STRANGLER_CLIENT_TIMEOUT": "60"}
ONE_CONNECTION = Settings(pool=1, timeout=60, connect_timeout=20)
LARGE = 32 * 1024 * 1024


async def test_an_upload_gives_way(tmp_path: Path) -> None:
    async with running(tmp_path, ONE_CONNECTION, PATIENT) as harness:
        harness.upstream.play(left_to_the_test, echo)
        slow = await harness.client()
        await slow.say(request(b"/slow", b"Content-Length: 100000", method=b"POST"), b"x")
        await (await harness.upstream.peer()).head()
        came = await harness.ask(request(b"/waits"))
        assert (came.status, came.body) == (200, b"/waits")
        assert (await slow.last_answer()).status == 408
        line = await harness.line(status=408)
        assert (line["fault"], line["received"]) == ("send_body/client/late", 1)


async def test_a_reader_gives_way(tmp_path: Path) -> None:
    """Its answer is cut off: what it has must not look like the whole."""

    async def endless(peer: Peer) -> None:
        await peer.request()
        await peer.say(answer(body=bytes(LARGE)))

    async with running(tmp_path, ONE_CONNECTION, PATIENT) as harness:
        harness.upstream.play(endless, echo)
        slow = await harness.client(receive_buffer=4096)
        await slow.say(request(b"/slow"))
        await slow.head()
        came = await harness.ask(request(b"/waits"))
        assert (came.status, came.body) == (200, b"/waits")
        line = await harness.line(path="/slow")
        assert line["fault"] == "receive_body/client/late"
        assert await slow.gone() == "reset"


async def test_nobody_gives_way_where_nobody_waits(tmp_path: Path) -> None:
    async with running(tmp_path, Settings(pool=2, timeout=60), PATIENT) as harness:
        harness.upstream.play(echo)
        slow = await harness.client()
        await slow.say(request(b"/slow", b"Content-Length: 70000", method=b"POST"), b"x")
        await harness.upstream.peer()
        over = time.monotonic() + GRACE + 0.3
        while time.monotonic() < over:
            assert (await harness.ask(request(b"/quick"))).status == 200
        await slow.say(bytes(69_999))
        assert (await slow.answer()).body == b"/slow"
