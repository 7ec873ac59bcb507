"""Bodies in both directions: as they come, bounded, and broken off where they must be."""

import asyncio

import pytest

from proxy.forwarding.faults import Cause, Fault, Side, Stage
from tests.proxy.forwarding.scripted import OK, Peer, answering, forwarding, values_of

pytestmark = pytest.mark.musts

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ([(b"content-length", b"0")], [b"0"]),
        ([], []),
    ],
)
async def test_post_without_body(headers: list[tuple[bytes, bytes]], sent: list[bytes]) -> None:
    async with forwarding() as pair:
        client = pair.client("POST", headers=headers)
        assert (await client.run()).status == 200
        assert values_of(pair.upstream.heads[0], b"content-length") == sent
        assert values_of(pair.upstream.heads[0], b"transfer-encoding") == []
        assert client.received == 0


async def test_small_body_goes_out_with_the_head() -> None:
    async with forwarding() as pair:
        headers = [(b"content-length", b"5"), (b"content-length", b"5")]
        reply = await pair.ask("POST", headers=headers, body=[b"he", b"", b"llo", b""])
        assert reply.status == 200
        assert reply.outcome.bytes_in == 5
        assert values_of(pair.upstream.heads[0], b"content-length") == [b"5"]
        assert pair.upstream.peers[0].received.endswith(b"\r\n\r\nhello")


async def test_must_37_chunked_upload_as_it_comes() -> None:
    arrived = asyncio.Event()

    async def script(peer: Peer) -> None:
        head = await peer.head()
        assert values_of(head, b"transfer-encoding") == [b"chunked"]
        assert values_of(head, b"content-length") == []
        assert await peer.until(b"\r\nabc\r\n") == b"3\r\nabc\r\n"
        arrived.set()
        assert await peer.until(b"0\r\n\r\n") == b"a\r\n0123456789\r\n0\r\n\r\n"
        await peer.say(OK)

    async with forwarding(script) as pair:
        client = pair.client("POST", headers=[(b"transfer-encoding", b"chunked")], body=[])
        running = asyncio.create_task(client.run())
        client.upload(b"abc", more=True)
        await asyncio.wait_for(arrived.wait(), 5)
        client.upload(b"", more=True)
        client.upload(b"0123456789", more=True)
        client.upload(b"", more=False)
        assert (await running).status == 200


async def test_http_2_body_without_length() -> None:
    async with forwarding() as pair:
        assert (await pair.ask("POST", http_version="2", body=[b"abc"])).status == 200
        assert pair.upstream.peers[0].received.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        assert (await pair.ask("GET", http_version="2")).status == 200
        assert values_of(pair.upstream.heads[1], b"transfer-encoding") == []


async def test_large_upload_waits_for_a_slow_upstream() -> None:
    """Back-pressure: the client is not read while the upstream takes nothing."""
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await go_on.wait()
        await peer.read(64 * MIB)
        await peer.say(OK)

    async with forwarding(script) as pair:
        piece = bytes(MIB)
        headers = [(b"content-length", b"%d" % (64 * MIB))]
        client = pair.client("PUT", headers=headers, body=[piece] * 64)
        running = asyncio.create_task(client.run())
        await asyncio.sleep(0.3)
        assert 0 < client.received < 32
        go_on.set()
        reply = await running
        assert (reply.status, reply.outcome.bytes_in) == (200, 64 * MIB)
        assert pair.forwarder.pool.idle == 1


async def test_large_answer_waits_for_a_slow_client() -> None:
    """Back-pressure: the upstream is not read while the client takes nothing."""
    written = 0

    async def script(peer: Peer) -> None:
        nonlocal written
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * MIB))
        for _ in range(64):
            await peer.say(bytes(MIB))
            written += 1

    async with forwarding(script) as pair:
        client = pair.client()
        client.may_send.clear()
        running = asyncio.create_task(client.run())
        await asyncio.sleep(0.3)
        assert written < 32
        client.may_send.set()
        reply = await running
        assert (len(reply.body), reply.finished) == (64 * MIB, True)
        assert reply.outcome.bytes_out == 64 * MIB


async def test_events_are_passed_on_at_once() -> None:
    """The head too, before the first event."""
    more = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(3):
            await more.wait()
            more.clear()
            await peer.say(b"data: %d\n\n" % number)

    async with forwarding(script) as pair:
        client = pair.client()
        running = asyncio.create_task(client.run())
        start = await asyncio.wait_for(client.outbox.get(), 5)
        flush = await asyncio.wait_for(client.outbox.get(), 5)
        assert start["status"] == 200
        assert flush == {"type": "http.response.body", "body": b"", "more_body": True}
        for number in range(3):
            more.set()
            assert await client.piece() == b"data: %d\n\n" % number
        assert (await running).finished


async def test_must_42_early_answer_ends_the_upload() -> None:
    """The answer comes through, the rest of the body is not read, the connection not reused."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        await peer.gone()

    async with forwarding(script) as pair:
        headers = [(b"content-length", b"1000000")]
        client = pair.client("POST", headers=headers, body=[])
        client.upload(b"x" * 1000, more=True)
        reply = await client.run()
        assert (reply.status, reply.body, reply.finished) == (413, b"big", True)
        assert pair.forwarder.pool.open == 0


async def test_must_20_upstream_is_asked_before_the_client() -> None:
    """Expect: 100-continue end to end: the body is read (so the server says 100) after the 100."""
    seen: list[int] = []

    async def script(peer: Peer) -> None:
        head = await peer.head()
        assert values_of(head, b"expect") == [b"100-continue"]
        seen.append(client.received)
        await peer.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert await peer.read(5) == b"hello"
        await peer.say(OK)

    async with forwarding(script) as pair:
        headers = [(b"content-length", b"5"), (b"expect", b"100-Continue")]
        client = pair.client("POST", headers=headers, body=[b"hello"])
        assert (await client.run()).status == 200
        assert seen == [0]


async def test_must_20_upstream_refuses_before_the_body() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
        await peer.gone()

    async with forwarding(script) as pair:
        headers = [(b"content-length", b"5"), (b"expect", b"100-continue")]
        client = pair.client("POST", headers=headers, body=[b"hello"])
        assert ((await client.run()).status, client.received) == (401, 0)
        assert pair.forwarder.pool.open == 0


async def test_must_20_upstream_that_knows_no_expectations() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        assert await peer.read(5) == b"hello"
        await peer.say(OK)

    async with forwarding(script) as pair:
        headers = [(b"content-length", b"5"), (b"expect", b"100-continue")]
        assert (await pair.ask("POST", headers=headers, body=[b"hello"])).status == 200


async def test_must_20_expectation_of_http_1_0_is_ignored() -> None:
    async with forwarding() as pair:
        headers = [(b"content-length", b"5"), (b"expect", b"100-continue")]
        await pair.ask("POST", headers=headers, body=[b"hello"], http_version="1.0")
        assert values_of(pair.upstream.heads[0], b"expect") == []


@pytest.mark.parametrize(
    ("headers", "stage"),
    [
        ([(b"content-length", b"11")], Stage.READ_REQUEST),
        ([(b"transfer-encoding", b"chunked")], Stage.SEND_BODY),
    ],
)
async def test_max_body(headers: list[tuple[bytes, bytes]], stage: Stage) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.gone()

    async with forwarding(script, max_body=10) as pair:
        reply = await pair.ask("POST", headers=headers, body=[b"x" * 6, b"x" * 5])
        assert reply.status == 413
        assert reply.outcome.fault == Fault(stage, Side.CLIENT, Cause.LIMIT)
        assert pair.forwarder.pool.open == 0


@pytest.mark.parametrize("body", [[b"abc"], [b"abcdefgh"]])
@pytest.mark.parametrize("scale", [1, 100_000])
async def test_must_15_body_other_than_its_length(body: list[bytes], scale: int) -> None:
    """Too short or too long: never a complete request upstream."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.gone()

    async with forwarding(script) as pair:
        headers = [(b"content-length", b"%d" % (5 * scale))]
        reply = await pair.ask("POST", headers=headers, body=[body[0] * scale])
        assert reply.status == 400
        assert reply.outcome.fault == Fault(Stage.SEND_BODY, Side.CLIENT, Cause.INVALID)
        assert pair.forwarder.pool.open == 0


async def test_answer_while_uploading() -> None:
    """Both directions at once: an echo."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(3):
            await peer.say(await peer.until(b"\r\n") + await peer.until(b"\r\n"))
        assert await peer.until(b"0\r\n\r\n") == b"0\r\n\r\n"
        await peer.say(b"0\r\n\r\n")
        await peer.gone()

    async with forwarding(script) as pair:
        client = pair.client("POST", headers=[(b"transfer-encoding", b"chunked")], body=[])
        running = asyncio.create_task(client.run())
        for word in (b"one", b"two", b"three"):
            client.upload(word, more=True)
            assert await client.piece() == word
        client.upload(b"", more=False)
        reply = await running
        assert (reply.body, reply.finished) == (b"onetwothree", True)
        assert pair.forwarder.pool.idle == 1


async def test_large_bodies_are_whole() -> None:
    answer = bytes(range(256)) * 8192
    framed = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer)
    async with forwarding(answering(framed)) as pair:
        for _ in range(3):
            assert (await pair.ask()).body == answer
        assert len(pair.upstream.peers) == 1
