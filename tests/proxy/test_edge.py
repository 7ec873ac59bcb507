"""The edge: who answers, what is said of it, and what happens where nothing is there."""

from types import SimpleNamespace

import pytest

from proxy.edge import LAST_WORD, Edge, EdgeConfig
from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.routing.parse import parse
from proxy.routing.table import RoutingTable
from proxy.server.asgi import Receive, Scope, Send
from tests.inside import FRONT, STRANGER, inside
from tests.proxy.door import ROUTING, TRUSTING, Door, Legacy, door, native, no_pages

DOWN = Fault(Stage.CONNECT, Side.UPSTREAM, Cause.CLOSED)
LATE = Fault(Stage.AWAIT_HEAD, Side.UPSTREAM, Cause.LATE)


@pytest.mark.parametrize(
    ("phase", "method", "target", "owner"),
    [
        ("legacy", b"GET", b"/downloads/", b"legacy"),
        ("reads", b"GET", b"/downloads/", b"native"),
        ("reads", b"GET", b"/downloads/?a=/b", b"native"),
        ("reads", b"HEAD", b"/downloads", b"native"),
        ("reads", b"OPTIONS", b"/downloads/x", b"native"),
        ("reads", b"POST", b"/downloads/", b"legacy"),
        ("reads", b"get", b"/downloads/", b"legacy"),
        ("reads", b"GET", b"/downloads/old/x", b"legacy"),
        ("reads", b"GET", b"/downloadsx", b"legacy"),
        ("reads", b"GET", b"/?/downloads/", b"legacy"),
        ("native", b"GET", b"/downloads/", b"native"),
        ("native", b"POST", b"/downloads/", b"legacy"),
        ("canary\n    weight: 0", b"GET", b"/downloads/", b"legacy"),
        ("canary\n    weight: 100", b"GET", b"/downloads/", b"native"),
        ("canary\n    weight: 100", b"GET", b"/downloads/old/x", b"legacy"),
        ("canary\n    weight: 100", b"POST", b"/downloads/", b"legacy"),
        ("shadow", b"GET", b"/downloads/", b"legacy"),
    ],
)
async def test_who_answers(phase: str, method: bytes, target: bytes, owner: bytes) -> None:
    async with door(phase) as edge:
        answer = await edge.ask(target, method=method)
        assert answer.values(b"strangler-owner") == [owner]
        body = b"http native False" if owner == b"native" else b"from legacy"
        assert answer.body == (b"" if method == b"HEAD" else body)
        domain = [] if target in (b"/downloadsx", b"/?/downloads/") else [b"downloads"]
        assert answer.values(b"strangler-domain") == domain


async def test_without_a_native_side_all_is_forwarded() -> None:
    async with door(app=None) as edge:
        answer = await edge.ask(b"/downloads/")
        assert answer.values(b"strangler-owner") == [b"legacy"]
        assert answer.values(b"strangler-domain") == [b"downloads"]


@pytest.mark.parametrize("target", [b"/downloads/missing/", b"/downloads/slashless"])
@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS"])
async def test_where_nothing_is_there_the_legacy_side_is_asked(
    method: bytes, target: bytes
) -> None:
    async with door() as edge:
        answer = await edge.ask(target, method=method)
        assert (answer.status, answer.value(b"content-length")) == (200, b"11")
        assert answer.body == (b"" if method == b"HEAD" else b"from legacy")
        assert answer.values(b"strangler-owner") == [b"legacy"]
        assert edge.legacy.asked == [target]
        request = await edge.server.records.ended()
        assert (request.owner, request.status, request.fault) == ("legacy", 200, None)
        assert len(edge.server.records.requests) == 1


async def last_word(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it is told of who has it."""
    body = scope[LAST_WORD].encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize(
    ("pages", "who"),
    [
        ("", b"legacy"),
        ("pages: {phase: legacy, routes: [/**]}", b"legacy"),
        ("pages: {phase: shadow, routes: [/**]}", b"legacy"),
        ("pages: {phase: reads, routes: [/**]}", b"native"),
        ("pages: {phase: native, routes: [{path: /**, methods: [GET, HEAD]}]}", b"native"),
        ("pages: {phase: reads, routes: [{path: /**, pin: legacy}]}", b"legacy"),
        ("pages: {phase: native, routes: [/about/**]}", b"legacy"),
    ],
)
async def test_the_native_side_is_told_who_has_the_last_word(pages: str, who: bytes) -> None:
    """Of what a path means that no page has: who answers `/**`."""
    routing = ROUTING.format(phase="reads") + f"  {pages}\n"
    table = RoutingTable.build(parse(routing, {"downloads", "pages"}))
    edge = Edge(EdgeConfig(), SimpleNamespace(table=table), last_word, Legacy(), no_pages)
    async with inside(edge.answer) as server:
        assert (await Door(server, Legacy()).ask(b"/downloads/")).body == who


@pytest.mark.parametrize("fault", [DOWN, LATE])
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_a_legacy_side_that_is_down_leaves_the_native_404(
    method: bytes, fault: Fault
) -> None:
    async with door(legacy=Legacy(fault=fault)) as edge:
        answer = await edge.ask(b"/downloads/missing/", method=method)
        assert (answer.status, answer.value(b"content-length")) == (404, b"12")
        assert answer.body == (b"" if method == b"HEAD" else b"nothing here")
        assert answer.values(b"strangler-owner") == [b"native"]
        request = await edge.server.records.ended()
        assert (request.owner, request.status, request.fault) == ("native", 404, fault)


@pytest.mark.parametrize("status", [404, 500, 502, 503])
async def test_whatever_the_legacy_site_itself_says_is_passed_on(status: int) -> None:
    async with door(legacy=Legacy(status)) as edge:
        answer = await edge.ask(b"/downloads/missing/")
        assert (answer.status, answer.body) == (status, b"from legacy")
        assert answer.values(b"strangler-owner") == [b"legacy"]


@pytest.mark.parametrize(
    ("lines", "body"),
    [((b"Content-Length: 2",), b"hi"), ((b"Transfer-Encoding: chunked",), b"0\r\n\r\n")],
)
async def test_a_request_with_a_body_is_the_native_sides_for_good(
    lines: tuple[bytes, ...], body: bytes
) -> None:
    """It was read here: it cannot be asked again elsewhere."""
    async with door() as edge:
        answer = await edge.ask(b"/downloads/missing/", *lines, b"X-End: 1\r\n\r\n" + body)
        assert (answer.status, answer.body) == (404, b"nothing here")
        assert edge.legacy.asked == []


async def test_a_native_side_that_fails_is_not_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with door() as edge:
        answer = await edge.ask(b"/downloads/broken/")
        assert (answer.status, answer.body) == (500, b"500 Internal Server Error\n")
        assert answer.values(b"strangler-owner") == [b"native"]
        assert edge.legacy.asked == []
    assert [record.getMessage() for record in caplog.records] == ["the application failed"]


async def test_the_request_id_is_made_or_taken_from_trusted_peers_only() -> None:
    async with door(config=TRUSTING) as edge:
        for source, target in ((FRONT, b"/"), (FRONT, b"/downloads/"), (STRANGER, b"/")):
            answer = await edge.ask(target, b"X-Request-ID: mine", source=source)
            assert (answer.value(b"x-request-id") == b"mine") is (source == FRONT)


async def test_the_visitor_is_whom_a_trusted_peer_names() -> None:
    async with door(config=TRUSTING) as edge:
        chain = b"X-Forwarded-For: 6.6.6.6, 9.9.9.9"
        await edge.ask(b"/", chain, source=FRONT)
        await edge.ask(b"/", chain)
        await edge.server.records.ended(2)
        addresses = [request.address for request in edge.server.records.requests]
        assert addresses == ["9.9.9.9", STRANGER]


@pytest.mark.parametrize(
    ("source", "body"), [(FRONT, b"https native True"), (STRANGER, b"http native False")]
)
async def test_the_native_side_sees_the_scheme_that_the_visitor_used(
    source: str, body: bytes
) -> None:
    async with door(config=TRUSTING) as edge:
        said = b"X-Forwarded-Proto: https"
        assert (await edge.ask(b"/downloads/", said, source=source)).body == body


@pytest.mark.parametrize(
    ("phase", "forced", "target", "allowed", "owner"),
    [
        ("legacy", b"native", b"/downloads/", True, b"native"),
        ("legacy", b"native", b"/downloads/", False, b"legacy"),
        ("reads", b"legacy", b"/downloads/", True, b"legacy"),
        ("reads", b"legacy", b"/downloads/", False, b"native"),
        ("reads", b"anything", b"/downloads/", True, b"legacy"),
        ("reads", b"", b"/downloads/", True, b"native"),
        ("legacy", b"native", b"/downloads/old/x", True, b"legacy"),
        ("legacy", b"native", b"/elsewhere", True, b"legacy"),
    ],
)
async def test_a_side_is_forced_in_development_only(
    phase: str, forced: bytes, target: bytes, allowed: bool, owner: bytes
) -> None:
    async with door(phase, EdgeConfig(allow_force=allowed)) as edge:
        answer = await edge.ask(target, b"Strangler-Force: " + forced)
        assert answer.values(b"strangler-owner") == [owner]


async def test_an_unknown_host_is_the_legacy_sites_to_refuse() -> None:
    async with door(config=EdgeConfig(allowed_hosts=(".example.org",))) as edge:
        for host, owner in ((b"www.example.org", b"native"), (b"evil.test", b"legacy")):
            client = await edge.server.client(
                b"GET /downloads/ HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
            )
            assert (await client.answer()).values(b"strangler-owner") == [owner]


async def test_owner_headers_can_be_switched_off() -> None:
    async with door(config=EdgeConfig(owner_headers=False)) as edge:
        for target, owner in ((b"/x", "legacy"), (b"/downloads/", "native")):
            answer = await edge.ask(target)
            assert answer.values(b"strangler-owner") == answer.values(b"strangler-domain") == []
            assert (await edge.server.records.ended()).owner == owner
            edge.server.records.requests.clear()


async def test_a_websocket_goes_to_the_legacy_side() -> None:
    async with door() as edge:
        lines = (b"Connection: Upgrade", b"Upgrade: websocket")
        answer = await edge.ask(b"/downloads/live", *lines)
        assert answer.values(b"strangler-owner") == [b"legacy"]
        assert edge.legacy.asked == [b"/downloads/live"]


async def test_the_table_in_force_is_looked_at_for_each_request() -> None:
    tables = [
        RoutingTable.build(parse(ROUTING.format(phase=phase), {"downloads"}))
        for phase in ("legacy", "reads")
    ]
    routing = SimpleNamespace(table=tables[0])
    edge = Edge(EdgeConfig(), routing, native, Legacy(), no_pages)
    async with inside(edge.answer) as server:
        client = await server.client()
        for table, owner in ((tables[0], b"legacy"), (tables[1], b"native")):
            routing.table = table
            await client.say(b"GET /downloads/ HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await client.answer()).values(b"strangler-owner") == [owner]


async def test_what_is_not_ours_below_a_similar_name_is_the_sites() -> None:
    async with door() as edge:
        for target in (b"/__strangler__", b"/__strangler__?/__strangler__/", b"/%5F_strangler__/"):
            assert (await edge.ask(target)).values(b"strangler-owner") == [b"legacy"]
        assert len(edge.legacy.asked) == 3
