"""The edge: who answers, what is said of it, and what happens where nothing is there."""

import io
import json
from ipaddress import ip_network
from typing import Any

import pytest

from proxy.answer import Message, Receive, Send
from proxy.edge import NOT_FOUND, Edge, EdgeConfig
from proxy.forwarding.faults import Cause, Fault, Stage
from proxy.forwarding.faults import Side as FaultSide
from proxy.forwarding.forwarder import ForwardContext, Outcome
from proxy.own import OwnPages
from proxy.routing.parse import parse
from proxy.routing.table import RoutingTable
from proxy.telemetry import AccessLog, Telemetry
from proxy.visitor import Scope

ROUTING = """
version: 1
domains:
  downloads:
    phase: {phase}
    routes:
      - /downloads/**
      - {{path: /downloads/old/**, pin: legacy}}
"""


class Legacy:
    """Stands in for the forwarder: gives one answer and keeps what it was asked."""

    def __init__(self, status: int = 200, fault: Fault | None = None) -> None:
        self.status = status
        self.fault = fault
        self.asked: list[tuple[str, ForwardContext]] = []

    async def forward(
        self, scope: Scope, receive: Receive, send: Send, context: ForwardContext
    ) -> Outcome:
        self.asked.append((scope["path"], context))
        if scope["type"] == "http":
            await respond(send, self.status, b"from legacy", (b"strangler-owner", b"forged"))
        return Outcome(self.status, self.fault, 0.001, 0, 11)


async def respond(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


async def native(scope: Scope, receive: Receive, send: Send) -> None:
    if "missing" in scope["path"]:
        scope[NOT_FOUND] = True
        await respond(send, 404, b"nothing here")
    else:
        await respond(send, 200, f"{scope['scheme']} native".encode())


class Door:
    """An edge with its surroundings; `get` gives (status, headers, body)."""

    def __init__(
        self, phase: str = "reads", legacy: Legacy | None = None, config: EdgeConfig | None = None
    ) -> None:
        self.legacy = legacy or Legacy()
        self.log = io.BytesIO()
        self.access_log = AccessLog(self.log)
        table = RoutingTable.build(parse(ROUTING.format(phase=phase), {"downloads"}))
        self.edge = Edge(
            config or EdgeConfig(),
            table=lambda: table,
            native=native,
            forwarder=self.legacy,
            own=OwnPages(self.ready, (ip_network("127.0.0.0/8"),)),
            telemetry=Telemetry(self.access_log),
        )
        self.report: dict[str, object] = {"ready": True}

    async def ready(self) -> dict[str, object]:
        return self.report

    async def ask(
        self, path: str, method: str = "GET", peer: str = "127.0.0.1", **fields: str
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        headers = [(n.replace("_", "-").encode(), v.encode()) for n, v in fields.items()]
        await self.edge(
            {
                "type": "http",
                "method": method,
                "path": path,
                "raw_path": path.encode(),
                "scheme": "http",
                "client": (peer, 1),
                "headers": headers,
            },
            receive,
            send,
        )
        return (
            sent[0]["status"],
            dict(sent[0]["headers"]),
            b"".join(message.get("body", b"") for message in sent[1:]),
        )

    def lines(self) -> list[dict[str, Any]]:
        self.access_log.flush()
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("phase", "method", "path", "owner"),
    [
        ("legacy", "GET", "/downloads/", b"legacy"),
        ("reads", "GET", "/downloads/", b"native"),
        ("reads", "HEAD", "/downloads", b"native"),
        ("reads", "OPTIONS", "/downloads/x", b"native"),
        ("reads", "POST", "/downloads/", b"legacy"),
        ("reads", "GET", "/downloads/old/x", b"legacy"),
        ("reads", "GET", "/downloadsx", b"legacy"),
        ("native", "GET", "/downloads/", b"native"),
        ("native", "POST", "/downloads/", b"legacy"),
        ("canary\n    weight: 50", "GET", "/downloads/", b"legacy"),
        ("shadow", "GET", "/downloads/", b"legacy"),
    ],
)
async def test_who_answers(phase: str, method: str, path: str, owner: bytes) -> None:
    _, headers, body = await Door(phase).ask(path, method)
    assert headers[b"strangler-owner"] == owner
    assert body == (b"http native" if owner == b"native" else b"from legacy")
    domain = None if path == "/downloadsx" else b"downloads"
    assert headers.get(b"strangler-domain") == domain


async def test_where_nothing_is_there_the_legacy_side_is_asked() -> None:
    door = Door()
    status, headers, body = await door.ask("/downloads/missing/")
    assert (status, body) == (200, b"from legacy")
    assert headers[b"strangler-owner"] == b"legacy"


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_legacy_side_that_is_down_leaves_the_native_404(status: int) -> None:
    door = Door(legacy=Legacy(status, Fault(Stage.CONNECT, FaultSide.UPSTREAM, Cause.CLOSED)))
    answer = await door.ask("/downloads/missing/")
    assert (answer[0], answer[2]) == (404, b"nothing here")
    assert answer[1][b"strangler-owner"] == b"native"


async def test_a_502_that_the_legacy_site_itself_gave_is_passed_on() -> None:
    door = Door(legacy=Legacy(502))
    status, headers, body = await door.ask("/downloads/missing/")
    assert (status, body) == (502, b"from legacy")
    assert headers[b"strangler-owner"] == b"legacy"


async def test_request_id_is_made_or_taken_from_trusted_peers_only() -> None:
    door = Door(config=EdgeConfig(trusted=(ip_network("10.0.0.0/8"),)))
    _, headers, _ = await door.ask("/", peer="10.0.0.1", x_request_id="mine")
    assert headers[b"x-request-id"] == b"mine"
    _, headers, _ = await door.ask("/", peer="9.9.9.9", x_request_id="mine")
    assert headers[b"x-request-id"] != b"mine"
    assert [context.trusted for _, context in door.legacy.asked] == [True, False]


async def test_the_native_side_sees_the_scheme_that_the_visitor_used() -> None:
    config = EdgeConfig(trusted=(ip_network("10.0.0.0/8"),))
    _, _, body = await Door(config=config).ask(
        "/downloads/", peer="10.0.0.1", x_forwarded_proto="https"
    )
    assert body == b"https native"


@pytest.mark.parametrize(("allowed", "owner"), [(True, b"native"), (False, b"legacy")])
async def test_a_side_is_forced_in_development_only(allowed: bool, owner: bytes) -> None:
    door = Door("legacy", config=EdgeConfig(allow_force=allowed))
    _, headers, _ = await door.ask("/downloads/", strangler_force="native")
    assert headers[b"strangler-owner"] == owner


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("www.example.org", b"native"),
        ("WWW.example.org:8000", b"native"),
        ("a.python.test", b"native"),
        ("python.test.", b"native"),
        ("evil.test", b"legacy"),
        ("notpython.test", b"legacy"),
    ],
)
async def test_an_unknown_host_is_the_legacy_sites_to_refuse(host: str, owner: bytes) -> None:
    config = EdgeConfig(allowed_hosts=("www.example.org", ".python.test"))
    _, headers, _ = await Door(config=config).ask("/downloads/", host=host)
    assert headers[b"strangler-owner"] == owner


async def test_owner_headers_can_be_switched_off() -> None:
    _, headers, _ = await Door(config=EdgeConfig(owner_headers=False)).ask("/x")
    assert set(headers) == {b"x-request-id"}


async def test_one_line_a_request_without_its_query() -> None:
    door = Door(legacy=Legacy(504, Fault(Stage.AWAIT_HEAD, FaultSide.UPSTREAM, Cause.LATE)))
    await door.ask("/slow")
    (line,) = door.lines()
    assert line.pop("ms") >= 0
    assert line.pop("request_id")
    assert line.pop("time")
    assert line == {
        "event": "request",
        "method": "GET",
        "path": "/slow",
        "status": 504,
        "owner": "legacy",
        "domain": "-",
        "sent": 11,
        "client": "127.0.0.1",
        "upstream_ms": 1.0,
        "fault": "await_head/upstream/late",
    }


async def test_a_websocket_goes_to_the_legacy_side() -> None:
    door = Door()

    async def nothing() -> Message:
        raise AssertionError("the stand-in reads nothing")

    async def drop(message: Message) -> None:
        raise AssertionError(message)

    scope = {
        "type": "websocket",
        "path": "/downloads/live",
        "raw_path": b"/downloads/live",
        "scheme": "ws",
        "client": ("127.0.0.1", 1),
        "headers": [],
    }
    await door.edge(scope, nothing, drop)
    assert [path for path, _ in door.legacy.asked] == ["/downloads/live"]
    assert door.lines()[0]["method"] == "WEBSOCKET"


@pytest.mark.parametrize(
    ("path", "method", "status", "body"),
    [
        ("/__strangler__/health/live", "GET", 200, b"live\n"),
        ("/__strangler__/health/live", "HEAD", 200, b""),
        ("/__strangler__/health/ready", "GET", 200, b'{"ready":true}'),
        ("/__strangler__/health/live", "POST", 405, b"Only GET and HEAD.\n"),
        ("/__strangler__/nope", "GET", 404, b"There is no such page of the proxy.\n"),
    ],
)
async def test_own_pages(path: str, method: str, status: int, body: bytes) -> None:
    door = Door()
    answer = await door.ask(path, method)
    assert (answer[0], answer[2]) == (status, body)
    assert answer[1][b"strangler-owner"] == b"proxy"
    assert door.legacy.asked == []


async def test_not_ready_is_503() -> None:
    door = Door()
    door.report = {"ready": False, "database": "unreachable"}
    status, _, body = await door.ask("/__strangler__/health/ready")
    assert (status, json.loads(body)) == (503, door.report)


@pytest.mark.parametrize(
    ("peer", "fields", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.0.0.1", {"x_forwarded_for": "8.8.8.8"}, 403),
        ("8.8.8.8", {}, 403),
    ],
)
async def test_metrics_are_not_for_everybody(
    peer: str, fields: dict[str, str], status: int
) -> None:
    answer = await Door().ask("/__strangler__/metrics", peer=peer, **fields)
    assert answer[0] == status
    assert (b"strangler_requests_total" in answer[2]) is (status == 200)


async def test_what_is_not_ours_below_a_similar_name_is_the_sites() -> None:
    door = Door()
    await door.ask("/__strangler__")
    assert len(door.legacy.asked) == 1


async def test_the_access_log_is_written_in_batches() -> None:
    written: list[bytes] = []

    class Out(io.BytesIO):
        def write(self, data: Any) -> int:
            written.append(bytes(data))
            return len(data)

    log = AccessLog(Out(), delay=60, limit=400)
    door = Door()
    door.edge._telemetry.access_log = log
    for _ in range(3):
        await door.ask("/x")
    assert len(written) == 1
    assert written[0].count(b"\n") >= 2
    log.flush()
    assert b"".join(written).count(b"\n") == 3
