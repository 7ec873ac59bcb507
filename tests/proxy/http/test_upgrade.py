"""Upgrade: what is passed on, what is not, and that nothing changes before the 101."""

import pytest

from tests.proxy.http.handshakes import ACCEPTED, SWITCHING, WEBSOCKET, handshake, tunnel
from tests.proxy.http.harness import Harness, answer, request
from tests.proxy.http.upstream import OK, left_to_the_test

pytestmark = pytest.mark.musts

HOST = (b"Host", b"www.example.org")
CHANGING = {b"connection", b"upgrade"}
FRAME = b"\x81\x85\x00\x00\x00\x00hello"


@pytest.mark.must(13, "A3")
@pytest.mark.parametrize(
    "upgrade",
    [
        (b"Connection: Upgrade", b"Upgrade: websocket"),
        (b"connection: upgrade", b"upgrade: WebSocket"),
        (b"Connection: keep-alive, Upgrade", b"Upgrade: websocket"),
        (b"Connection: keep-alive", b"Connection: UPGRADE", b"Upgrade: websocket"),
        (b"Upgrade: WEBSOCKET", b"Connection:\tupgrade ,"),
    ],
)
async def test_websocket_is_passed_on(harness: Harness, upgrade: tuple[bytes, ...]) -> None:
    """Everything of it, as the ends said it; Connection and Upgrade are ours anew."""
    ends = await tunnel(harness, *upgrade)
    asked, accepted = ends.asked, ends.accepted
    assert asked.start == b"GET /ws?a=b HTTP/1.1"
    assert asked.value(b"connection").lower() == b"upgrade"
    assert asked.value(b"upgrade").lower() == b"websocket"
    kept = [field for field in asked.passed if field[0].lower() not in CHANGING]
    assert kept == [HOST, *WEBSOCKET]
    assert accepted.start == b"HTTP/1.1 101 Switching Protocols"
    assert accepted.value(b"connection").lower() == b"upgrade"
    assert accepted.value(b"upgrade").lower() == b"websocket"
    for name, value in ACCEPTED:
        assert accepted.value(name) == value
    assert accepted.values(b"content-length") == accepted.values(b"transfer-encoding") == []


@pytest.mark.must(13, "A3")
@pytest.mark.parametrize(
    "switching",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: WebSocket\r\n\r\n",
        b"HTTP/1.1 101 \r\nUPGRADE:websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n",
        b"HTTP/1.1 101 Yes\r\nServer: x\r\nUpgrade: websocket \r\nConnection: UPGRADE\r\n\r\n",
    ],
)
async def test_a_101_may_be_spelt_otherwise(harness: Harness, switching: bytes) -> None:
    ends = await tunnel(harness, switching=switching)
    assert ends.accepted.status == 101
    assert ends.accepted.value(b"connection").lower() == b"upgrade"
    assert ends.accepted.value(b"upgrade").lower() == b"websocket"
    await ends.client.say(FRAME)
    assert await ends.peer.exactly(len(FRAME)) == FRAME


@pytest.mark.must(13)
@pytest.mark.parametrize(
    "lines",
    [
        b"Connection: Upgrade\r\nUpgrade: h2c\r\n",
        b"Connection: Upgrade\r\n",
        b"Connection: Upgrade\r\nUpgrade: h2c\r\nX-Upgrade: websocket\r\n",
    ],
)
async def test_a_101_to_something_else_is_no_answer(harness: Harness, lines: bytes) -> None:
    """RFC 9110 §7.8: only to what the client offered."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(handshake())
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(b"HTTP/1.1 101 Switching Protocols\r\n" + lines + b"\r\n")
    assert (await client.answer()).status == 502


@pytest.mark.must("A3")
async def test_after_other_requests_on_the_same_connections(harness: Harness) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request(b"/before"))
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(OK)
    assert (await client.answer()).status == 200
    await client.say(handshake())
    assert (await peer.head()).target == b"/ws?a=b"
    await peer.say(SWITCHING + b"down")
    assert (await client.head()).status == 101
    assert await client.exactly(4) == b"down"
    await client.say(b"up")
    assert await peer.exactly(2) == b"up"


@pytest.mark.must(1, 13)
async def test_what_connection_names_beside_it_ends_here(harness: Harness) -> None:
    ends = await tunnel(
        harness, b"X-Gone: 1", b"Connection: X-Gone, Upgrade", b"Upgrade: websocket"
    )
    assert ends.asked.values(b"x-gone") == []
    assert ends.asked.value(b"connection").lower() == b"upgrade"


NOT_PASSED = {
    "without Connection": ((b"Upgrade: websocket",), b"GET", b"1.1"),
    "Connection without it": ((b"Connection: keep-alive", b"Upgrade: websocket"), b"GET", b"1.1"),
    "a longer word": ((b"Connection: upgraded", b"Upgrade: websocket"), b"GET", b"1.1"),
    "HTTP/1.0": ((b"Connection: Upgrade", b"Upgrade: websocket"), b"GET", b"1.0"),
    "POST": ((b"Connection: Upgrade", b"Upgrade: websocket"), b"POST", b"1.1"),
    "DELETE": ((b"Connection: Upgrade", b"Upgrade: websocket"), b"DELETE", b"1.1"),
    "h2c": ((b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"), b"GET", b"1.1"),
    "TLS": ((b"Connection: Upgrade", b"Upgrade: TLS/1.0"), b"OPTIONS", b"1.1"),
    "other": ((b"Connection: Upgrade", b"Upgrade: x-own"), b"GET", b"1.1"),
    "empty": ((b"Connection: Upgrade", b"Upgrade:"), b"GET", b"1.1"),
    "no Upgrade": ((b"Connection: Upgrade",), b"GET", b"1.1"),
}


@pytest.mark.must(2, 13)
@pytest.mark.parametrize(("lines", "method", "version"), NOT_PASSED.values(), ids=NOT_PASSED)
async def test_other_upgrades_are_not(
    harness: Harness, lines: tuple[bytes, ...], method: bytes, version: bytes
) -> None:
    """The request is forwarded without; what its client does not get it can do without."""
    said = handshake(*lines, b"HTTP2-Settings: x", method=method, version=version)
    seen = await harness.exchange(said)
    assert seen.answer.status == 200
    assert seen.request.values(b"connection") == seen.request.values(b"upgrade") == []
    settings = [] if b"HTTP2-Settings" in lines[0] else [b"x"]
    assert seen.request.values(b"http2-settings") == settings


@pytest.mark.must(14)
async def test_what_is_said_early_waits_for_the_101(harness: Harness) -> None:
    """In one piece with the request; an interim answer shows that the proxy has read it all."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(handshake() + FRAME)
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    assert (await client.head()).status == 103
    assert peer.silent()
    await client.say(FRAME)
    await peer.say(SWITCHING)
    assert (await client.head()).status == 101
    assert await peer.exactly(2 * len(FRAME)) == 2 * FRAME


@pytest.mark.must(14)
@pytest.mark.parametrize("early", [FRAME, FRAME * 1000, b"\x88\x80\x00\x00\x00\x00"])
async def test_what_is_said_early_never_reaches_an_upstream_that_refuses(
    harness: Harness, early: bytes
) -> None:
    """It is no WebSocket then, and as the next request it cannot be read."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(handshake() + early)
    peer = await harness.upstream.peer()
    head = await peer.head()
    await peer.say(answer(status=b"403 Forbidden", body=b"no"))
    came = await client.answer()
    assert (came.status, came.body) == (403, b"no")
    assert (await client.last_answer()).status == 400
    assert peer.received == head.raw
    assert len(harness.upstream.heads) == 1


@pytest.mark.must(14, "A7")
@pytest.mark.parametrize(
    ("said", "status", "fault"),
    [
        (b"", 502, "await_head/upstream/closed"),
        (b"HTTP/1.1 101 Switch", 502, "await_head/upstream/closed"),
        (b"\x81\x05hello\r\n\r\n", 502, "await_head/upstream/invalid"),
        (b"HTTP/1.1 101 X\r\nBad Name: y\r\n\r\n", 502, "await_head/upstream/invalid"),
    ],
)
async def test_no_101_no_change(harness: Harness, said: bytes, status: int, fault: str) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(handshake() + FRAME)
    peer = await harness.upstream.peer()
    head = await peer.head()
    await peer.say(said)
    peer.half_close()
    assert (await client.answer()).status == status
    await peer.gone()
    assert peer.received == head.raw
    assert (await harness.line(path="/ws"))["fault"] == fault


@pytest.mark.must(14, "A7")
async def test_silence_is_no_101(harness: Harness) -> None:
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(handshake())
    assert (await client.answer()).status == 504
    assert (await harness.line(path="/ws"))["fault"] == "await_head/upstream/late"


@pytest.mark.must(13, "A3")
@pytest.mark.parametrize(
    ("status", "fields", "body"),
    [
        (b"403 Forbidden", (b"X-Why: because",), b"not here\n"),
        (b"401 Unauthorized", (b"WWW-Authenticate: Basic",), b""),
        (b"302 Found", (b"Location: /login",), b""),
        (b"400 Bad Request", (b"Sec-WebSocket-Version: 13, 8",), b"version"),
        (b"200 OK", (), b"no WebSocket here"),
        (b"500 Internal Server Error", (), b"x" * 100_000),
    ],
)
async def test_a_refusal_passes_as_http(
    harness: Harness, status: bytes, fields: tuple[bytes, ...], body: bytes
) -> None:
    """And the connection serves on."""

    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(handshake())
    peer = await harness.upstream.peer()
    await peer.head()
    await peer.say(answer(*fields, status=status, body=body))
    came = await client.answer()
    assert (came.head.start, came.body) == (b"HTTP/1.1 " + status, body)
    for line in fields:
        name, _, value = line.partition(b": ")
        assert came.values(name) == [value]
    await client.say(b"GET /next HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
    assert (await peer.head()).target == b"/next"
    await peer.say(OK)
    assert (await client.answer()).status == 200
