"""After the 101: a tunnel of octets, which knows nothing of frames and holds nothing back."""

import asyncio

import pytest

from tests.proxy.http.ends import End, stops
from tests.proxy.http.handshakes import tunnel
from tests.proxy.http.harness import CLIENT_TIMEOUT, KEEPALIVE, UPSTREAM_TIMEOUT, Harness

pytestmark = pytest.mark.musts

SOON = 3.0
"""Seconds that mean at once on a busy machine: what has half ended is given five."""

EVERY_OCTET = bytes(range(256))
LARGE = EVERY_OCTET * 4096


def frame(first: int, payload: bytes, mask: bytes = b"") -> bytes:
    """RFC 6455 §5.2; `first` is FIN, the reserved bits and the opcode."""
    size, bit = len(payload), 0x80 if mask else 0
    if size < 126:
        head = bytes((first, bit | size))
    elif size < 65536:
        head = bytes((first, bit | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, bit | 127)) + size.to_bytes(8, "big")
    return head + mask + payload


CLIENT_SAYS = {
    "text": frame(0x81, b"\x1a\x0d\x0e\x0f\x1d", b"rust"),
    "binary": frame(0x82, EVERY_OCTET, b"\x01\x02\x03\x04"),
    "empty": frame(0x81, b"", b"\0\0\0\0"),
    "ping": frame(0x89, b"payload of a ping", b"\xff\xff\xff\xff"),
    "fragments": frame(0x01, b"one", b"abcd")
    + frame(0x00, b"two", b"abcd")
    + frame(0x80, b"", b"abcd"),
    "compressed": frame(0xC1, b"\xf2\x48\xcd\xc9\xc9\x07\x00", b"abcd"),
    "of the future": frame(0xBF, b"reserved opcode and bits", b"abcd"),
    "no frame at all": b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    "large": frame(0x82, LARGE, b"\x00\x00\x00\x00"),
}
UPSTREAM_SAYS = {
    "text": frame(0x81, "é".encode()),
    "binary": frame(0x82, EVERY_OCTET),
    "close": frame(0x88, b"\x03\xe8bye"),
    "close of its own": frame(0x88, b"\x0f\xa2own reason"),
    "pong": frame(0x8A, b""),
    "compressed": frame(0xC2, b"\xf2\x48\xcd\xc9\xc9\x07\x00"),
    "no frame at all": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\0\r\n",
    "large": frame(0x82, LARGE),
}


@pytest.mark.must("A3")
@pytest.mark.parametrize("said", CLIENT_SAYS.values(), ids=CLIENT_SAYS)
async def test_what_the_client_says_arrives_octet_for_octet(harness: Harness, said: bytes) -> None:
    ends = await tunnel(harness)
    assert await passed(ends.client, ends.peer, said) == said
    assert ends.client.silent()


@pytest.mark.must("A3")
@pytest.mark.parametrize("said", UPSTREAM_SAYS.values(), ids=UPSTREAM_SAYS)
async def test_so_does_what_the_upstream_says(harness: Harness, said: bytes) -> None:
    ends = await tunnel(harness)
    assert await passed(ends.peer, ends.client, said) == said
    assert ends.peer.silent()


@pytest.mark.must("A3")
@pytest.mark.parametrize("said", [UPSTREAM_SAYS["text"], UPSTREAM_SAYS["large"]])
async def test_so_does_what_it_says_in_one_piece_with_the_101(
    harness: Harness, said: bytes
) -> None:
    ends = await tunnel(harness, first=said[:1])
    async with asyncio.TaskGroup() as group:
        group.create_task(ends.peer.say(said[1:]))
        assert await ends.client.exactly(len(said)) == said


@pytest.mark.must("A3")
async def test_single_octets_pass_at_once(harness: Harness) -> None:
    ends = await tunnel(harness)
    for octet in CLIENT_SAYS["text"]:
        assert await passed(ends.client, ends.peer, bytes((octet,))) == bytes((octet,))
        assert await passed(ends.peer, ends.client, bytes((octet,))) == bytes((octet,))


@pytest.mark.must("A3", "A1")
async def test_both_ways_at_once(harness: Harness) -> None:
    ends = await tunnel(harness)
    up, down = frame(0x82, LARGE, b"mask") * 4, frame(0x82, LARGE[::-1]) * 4
    async with asyncio.TaskGroup() as group:
        upwards = group.create_task(passed(ends.client, ends.peer, up))
        downwards = group.create_task(passed(ends.peer, ends.client, down))
    assert upwards.result() == up
    assert downwards.result() == down


@pytest.mark.must("A3", "A1")
@pytest.mark.parametrize("way", ["up", "down"])
async def test_who_does_not_read_stops_who_speaks(harness: Harness, way: str) -> None:
    """What lies between them is bounded; and it all arrives once it is read."""
    ends = await tunnel(harness)
    speaker, reader = (ends.client, ends.peer) if way == "up" else (ends.peer, ends.client)
    await stops(speaker, LARGE * 32, reader)


@pytest.mark.must("A3")
async def test_a_quiet_tunnel_stays(harness: Harness) -> None:
    """Whatever is too late for HTTP: a WebSocket may be silent for long."""
    ends = await tunnel(harness)
    await asyncio.sleep(max(CLIENT_TIMEOUT, KEEPALIVE, UPSTREAM_TIMEOUT) + 0.3)
    assert await passed(ends.client, ends.peer, b"up") == b"up"
    assert await passed(ends.peer, ends.client, b"down") == b"down"


@pytest.mark.must("A3")
@pytest.mark.parametrize("how", ["closes", "half-closes"])
async def test_the_upstream_ends_it(harness: Harness, how: str) -> None:
    """After its last words, which arrive."""
    ends = await tunnel(harness)
    last = UPSTREAM_SAYS["large"] + UPSTREAM_SAYS["close"]
    assert await passed(ends.peer, ends.client, last) == last
    if how == "closes":
        ends.peer.close()
    else:
        ends.peer.half_close()
    async with asyncio.timeout(SOON):
        assert await ends.client.rest() == b""


@pytest.mark.must("A3")
@pytest.mark.parametrize("how", ["closes", "half-closes"])
async def test_the_client_ends_it(harness: Harness, how: str) -> None:
    ends = await tunnel(harness)
    last = CLIENT_SAYS["large"] + CLIENT_SAYS["ping"]
    assert await passed(ends.client, ends.peer, last) == last
    if how == "closes":
        ends.client.close()
    else:
        ends.client.half_close()
    async with asyncio.timeout(SOON):
        await ends.peer.gone()


@pytest.mark.must("A3")
async def test_the_upstream_dies(harness: Harness) -> None:
    ends = await tunnel(harness)
    ends.peer.reset()
    async with asyncio.timeout(SOON):
        await ends.client.gone()


@pytest.mark.must("A3", "A2")
async def test_the_client_dies(harness: Harness) -> None:
    ends = await tunnel(harness)
    ends.client.reset()
    async with asyncio.timeout(SOON):
        await ends.peer.gone()


@pytest.mark.must("A3")
async def test_the_log_says_101(harness: Harness) -> None:
    ends = await tunnel(harness)
    await passed(ends.peer, ends.client, b"bye")
    ends.client.close()
    assert await ends.peer.gone() == "closed"
    ends.peer.close()
    line = await harness.line(path="/ws")
    assert (line["status"], line["owner"]) == (101, "legacy")
    request_id = ends.accepted.value(b"x-request-id")
    assert line["request_id"].encode() == request_id == ends.asked.value(b"x-request-id")


async def passed(speaker: End, listener: End, said: bytes) -> bytes:
    """What of it arrives at the other end."""
    async with asyncio.TaskGroup() as group:
        group.create_task(speaker.say(said))
        return await listener.exactly(len(said))
