"""Two real workers: what the table says is what was asked."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from legacy_bridge.replication.connections import Connection
from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port
from proxy.ownership.gates import breaches
from proxy.ownership.measures import watch
from proxy.routing.config import GatesConfig
from proxy.traffic.reading import hits
from tests.longer import shorter

GATES = GatesConfig()
WINDOW = 30.0

ROUTING = """version: 1
domains:
  downloads:
    phase: reads
    routes:
      - /downloads/**
      - {path: /getit/**, methods: [POST, GET], pin: legacy}
  jobs:
    phase: legacy
    routes: [/jobs/**]
"""


class _Legacy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(500 if self.path.endswith("fails") else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"o" if self.path.endswith("breaks") else b"ok")
        self.close_connection = self.path.endswith("breaks")

    do_POST = do_GET  # noqa: N815 - as the base class calls it

    def log_message(self, *_: object) -> None:
        """The test's output is not its log."""


@pytest.fixture
def proxy(native_url: str, tmp_path: Path) -> Iterator[RunningProxy]:
    (tmp_path / "routing.yaml").write_text(ROUTING)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Legacy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = {
            "STRANGLER_LEGACY_URL": f"http://127.0.0.1:{server.server_port}",
            "STRANGLER_DATABASE_URL": native_url,
        }
        running = on_free_port(lambda port: RunningProxy(settings, tmp_path, port=port))
        yield running
        running.close()
        server.shutdown()


ASKED = [
    ("GET", "/", 40),
    ("GET", "/fails", 3),
    ("GET", "/breaks", 2),
    ("GET", "/jobs/x", 30),
    ("GET", "/jobs/fails", 4),
    ("POST", "/getit/x", 5),
    ("POST", "/downloads/x", 6),
    ("GET", "/downloads/feed.rss", 50),
    ("GET", "/downloads/nothing-here/", 7),
]

ANSWERED = [
    ("", "legacy", 45, 5),
    ("downloads", "legacy", 18, 0),
    ("downloads", "native", 50, 0),
    ("jobs", "legacy", 34, 4),
]

HIT = {
    ("downloads", "/downloads/**", "legacy"): 13,
    ("downloads", "/downloads/**", "native"): 50,
    ("downloads", "POST,GET /getit/**", "legacy"): 5,
    ("jobs", "/jobs/**", "legacy"): 34,
}


def ask(proxy: RunningProxy) -> None:
    for method, path, times in ASKED:
        for _ in range(times):  # each over a connection of its own, so that both workers get some
            try:
                httpx.request(method, f"{proxy.url}{path}", timeout=30)
            except httpx.TransportError:
                assert path == "/breaks"


def answered(native: Connection) -> list[tuple[object, ...]]:
    return native.execute(
        "SELECT domain, side, sum(requests)::int, sum(errors)::int FROM traffic"
        " GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()


def test_every_request_is_in_the_table_once(proxy: RunningProxy, native: Connection) -> None:
    ask(proxy)
    deadline = monotonic() + 30
    while answered(native) != ANSWERED and monotonic() < deadline:
        sleep(0.05)
    assert answered(native) == ANSWERED
    assert {(hit.domain, hit.route, hit.side): hit.requests for hit in hits(native)} == HIT
    rows = native.execute("SELECT worker, sum(requests)::int FROM traffic GROUP BY 1").fetchall()
    assert len(rows) == 2  # both workers had a part in it
    assert sum(number for _, number in rows) == sum(number for *_, number in ASKED)


def test_a_worker_that_ends_writes_what_is_left(proxy: RunningProxy, native: Connection) -> None:
    for _ in range(20):
        httpx.get(f"{proxy.url}/jobs/x", timeout=30)
    proxy.close()
    assert answered(native) == [("jobs", "legacy", 20, 0)]


def test_native_answers_that_fail_are_seen_within_ten_seconds(
    proxy: RunningProxy, native: Connection
) -> None:
    """50 requests a second, a tenth of them native, for five good seconds; then a table is gone."""
    began = datetime.now(UTC)
    with httpx.Client(base_url=proxy.url, timeout=30) as client:
        for _ in range(5):
            assert second(client) == {("GET", 200): 5, ("POST", 200): 45}
        assert breaches(watch(native, "downloads", began, WINDOW), GATES) == ()
        native.execute("ALTER TABLE releases RENAME TO elsewhere")
        found: tuple[str, ...] = ()
        first = monotonic()
        while not found:
            assert second(client) == {("GET", 500): 5, ("POST", 200): 45}
            found = breaches(watch(native, "downloads", began, WINDOW), GATES)
            seconds = monotonic() - first
    assert seconds < shorter(10, 30)  # the short form runs beside others
    (reason,) = found
    assert re.fullmatch(
        r"(\d+) of \d+ native answers failed, 0 of \d+ legacy answers failed", reason
    )


def second(client: httpx.Client) -> dict[tuple[str, int], int]:
    """Statuses of a second's requests."""
    end = monotonic() + 1
    seen: Counter[tuple[str, int]] = Counter()
    for number in range(50):
        method, path = ("POST", "/downloads/x") if number % 10 else ("GET", "/downloads/feed.rss")
        seen[method, client.request(method, path).status_code] += 1
        sleep(max(0.0, (end - monotonic()) / (50 - number)))
    return seen
