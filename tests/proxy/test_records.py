"""From the end of a request to its line in the log, and from the worker's state to its gauges."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.forwarding.breaker import BreakerLimits
from proxy.records import Records, watch
from proxy.server.request import Request
from proxy.telemetry import AccessLog, Telemetry
from proxy.wire.request import read_plan
from tests.inside import until
from tests.proxy.forwarding.serving import forwarding
from tests.proxy.http.ends import Peer
from tests.proxy.http.upstream import OK, Upstream

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Logged:
    """Telemetry whose log is a file."""

    def __init__(self, path: Path, out: int) -> None:
        self._path = path
        self.telemetry = Telemetry(AccessLog(out))

    @property
    def line(self) -> dict[str, object]:
        """The only one; the telemetry is closed with it."""
        self.telemetry.close()
        (line,) = self._path.read_text().splitlines()
        fields: dict[str, object] = json.loads(line)
        return fields

    def sample(self, name: str) -> str | None:
        """Its value on the metrics page; None where it is not there."""
        lines = (line.rpartition(" ") for line in self.telemetry.page().decode().splitlines())
        return next((value for found, _, value in lines if found == name), None)


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Logged]:
    path = tmp_path / "access.log"
    with path.open("wb") as out:
        yield Logged(path, out.fileno())


def request(target: bytes) -> Request:
    return Request(b"GET", target, 1, read_plan(b"Host: a\r\n", 1), "127.0.0.1", began=100.0)


async def test_a_line_without_the_query(logged: Logged) -> None:
    slow = request(b"/slow?token=secret")
    slow.owner, slow.domain, slow.status = "legacy", "downloads", 504
    slow.sent, slow.received = 11, 7
    slow.upstream, slow.upstream_seconds = "10.0.0.7:8000", 0.001
    slow.fault = ("await_head", "upstream", "late")
    Records(logged.telemetry).record(slow, 100.25)
    metric = 'strangler_forward_faults_total{cause="late",side="upstream",stage="await_head"}'
    assert logged.sample(metric) == "1.0"
    line = logged.line
    assert line.pop("time")
    assert line == {
        "event": "request",
        "method": "GET",
        "path": "/slow",
        "status": 504,
        "owner": "legacy",
        "domain": "downloads",
        "ms": 250.0,
        "sent": 11,
        "received": 7,
        "client": "127.0.0.1",
        "request_id": slow.id.decode(),
        "upstream": "10.0.0.7:8000",
        "upstream_ms": 1.0,
        "fault": "await_head/upstream/late",
    }


async def test_what_was_refused_at_the_door_is_counted(logged: Logged) -> None:
    records = Records(logged.telemetry)
    for status in (400, 431, 400):
        records.refused(status)
    assert logged.sample('strangler_refused_total{status="400"}') == "2.0"
    assert logged.sample('strangler_refused_total{status="431"}') == "1.0"


async def test_gauges_show_what_there_is_at_the_time(logged: Logged) -> None:
    """One request under way and one in line, before an upstream that says nothing yet."""
    go_on, asked = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            asked.set()
            await go_on.wait()
            await peer.say(OK)

    upstream = Upstream()
    upstream.play(script)
    url = f"http://127.0.0.1:{upstream.port}"
    async with forwarding([url], pool_size=1) as proxy:
        server = proxy.server
        watch(logged.telemetry, server.serving, proxy.forwarder)
        first, second = await server.client(GET), await server.client()
        await asked.wait()
        await server.ours(2)
        assert connections(logged) == ("1.0", "1.0")
        await second.say(GET)
        await until(lambda: proxy.pool.waiting == 1)
        assert connections(logged) == ("2.0", "0.0")
        (member,) = proxy.forwarder.upstreams.members
        assert upstreams(logged, member.name) == ("1.0", "0.0", "1.0")
        go_on.set()
        for client in (first, second):
            assert (await client.answer()).status == 200
        assert connections(logged) == ("0.0", "2.0")
        assert upstreams(logged, member.name) == ("0.0", "1.0", "0.0")
    await upstream.close()


def connections(logged: Logged) -> tuple[str | None, str | None]:
    """Busy and idle."""
    busy = logged.sample('strangler_connections{state="busy"}')
    assert logged.sample("strangler_requests_in_flight") == busy
    return busy, logged.sample('strangler_connections{state="idle"}')


def upstreams(logged: Logged, name: str) -> tuple[str | None, str | None, str | None]:
    """Connections busy and idle, and the line for them."""
    busy, idle = (
        logged.sample(f'strangler_upstream_connections{{state="{state}",upstream="{name}"}}')
        for state in ("busy", "idle")
    )
    return busy, idle, logged.sample("strangler_upstream_waiting")


async def test_the_state_of_an_upstream_and_the_retries(logged: Logged) -> None:
    limits = BreakerLimits(failures=1, seconds=60)
    urls = ["http://127.0.0.1:1", "http://127.0.0.1:2"]
    async with forwarding(urls, breaker=limits, retry_ratio=0) as proxy:
        forwarder = proxy.forwarder
        watch(logged.telemetry, proxy.server.serving, forwarder)
        one, two = forwarder.upstreams.members
        assert states(logged) == ("0.0", "0.0")
        one.healthy = False
        two.breaker.failed(0.0, two.breaker.ticket)
        assert states(logged) == ("2.0", "2.0")
        two.breaker.admit(100.0)
        assert states(logged) == ("2.0", "1.0")
        while forwarder.may_retry():
            pass
        assert logged.sample('strangler_retries_total{result="sent"}') is not None
        assert logged.sample('strangler_retries_total{result="over_budget"}') == "1.0"


def states(logged: Logged) -> tuple[str | None, ...]:
    return tuple(
        logged.sample(f'strangler_upstream_state{{upstream="127.0.0.1:{port}"}}') for port in (1, 2)
    )
