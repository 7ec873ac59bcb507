"""A client that leaves frees the upstream's connection at once."""

import asyncio

import pytest

from tests.proxy.http.ends import Client, Peer
from tests.proxy.http.harness import Harness, request
from tests.proxy.http.upstream import DATE, left_to_the_test

pytestmark = pytest.mark.musts

AT_ONCE = 0.9
"""Seconds, for a busy machine; the time-outs of the proxy, which would end it too, are 1 s."""

CHUNKED = b"Transfer-Encoding: chunked"


def leave(client: Client, how: str) -> None:
    if how == "reset":
        client.reset()
    else:
        client.close()


async def asked(harness: Harness, said: bytes) -> tuple[Client, Peer]:
    """Both ends, once the upstream has read the head."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(said)
    peer = await harness.upstream.peer()
    await peer.head()
    return client, peer


async def freed(peer: Peer) -> None:
    async with asyncio.timeout(AT_ONCE):
        await peer.gone()


@pytest.mark.must("A2")
@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("body", [b"", b"hello"])
async def test_before_the_answer_began(harness: Harness, how: str, body: bytes) -> None:
    client, peer = await asked(harness, request(b"/left", method=b"POST", body=body))
    leave(client, how)
    await freed(peer)
    line = await harness.line(path="/left")
    assert line["fault"] == "await_head/client/closed"


@pytest.mark.must("A2")
@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    ("framing", "begun"),
    [
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nbegin\r\n"),
        (b"Content-Length: 1000\r\n", b"begin"),
        (b"", b"begin"),
        (b"Content-Length: 1000\r\n", b""),
    ],
)
async def test_after_it_began(harness: Harness, how: str, framing: bytes, begun: bytes) -> None:
    client, peer = await asked(harness, request(b"/left"))
    await peer.say(b"HTTP/1.1 200 OK\r\n" + DATE + framing + b"\r\n" + begun)
    await client.head()
    leave(client, how)
    await freed(peer)
    line = await harness.line(path="/left")
    assert line["fault"] == "receive_body/client/closed"


@pytest.mark.must("A2")
@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    ("framing", "begun"),
    [(CHUNKED, b"5\r\nbegin\r\n"), (CHUNKED, b""), (b"Content-Length: 100000", b"begin")],
)
async def test_in_the_middle_of_its_body(
    harness: Harness, how: str, framing: bytes, begun: bytes
) -> None:
    """The upstream never sees an end of it."""
    client, peer = await asked(harness, request(b"/left", framing, method=b"POST") + begun)
    await peer.exactly(len(begun))
    leave(client, how)
    await freed(peer)
    assert peer.received.endswith(begun)
    line = await harness.line(path="/left")
    assert line["fault"] == "send_body/client/closed"


@pytest.mark.must("A2")
@pytest.mark.parametrize("how", ["close", "reset"])
async def test_while_it_waits_for_a_connection(harness: Harness, how: str) -> None:
    """Then it is not asked for any more."""
    async with harness.upstream.unreachable():
        client = await harness.client()
        await client.say(request(b"/left"))
        await harness.metric("strangler_requests_in_flight")  # the proxy has been busy since
        leave(client, how)
        line = await harness.line(path="/left")
    assert line["fault"] == "lease/client/closed"
    assert (await harness.ask(request(b"/other"))).status == 200
    assert [head.target for head in harness.upstream.heads] == [b"/other"]


@pytest.mark.must("A2")
async def test_after_an_interim_answer(harness: Harness) -> None:
    client, peer = await asked(harness, request())
    await peer.say(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    assert (await client.head()).status == 103
    client.close()
    await freed(peer)


@pytest.mark.must("A2")
async def test_while_the_upstream_speaks(harness: Harness) -> None:
    """It is stopped in the middle of what it says, not read to its end."""
    client, peer = await asked(harness, request())
    await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    await client.head()
    async with asyncio.timeout(AT_ONCE), asyncio.TaskGroup() as group:
        group.create_task(say_until_stopped(peer))
        client.reset()


async def say_until_stopped(peer: Peer) -> None:
    with pytest.raises(ConnectionError):
        await peer.say(bytes(64 * 1024 * 1024))


@pytest.mark.must("A2")
async def test_others_are_none_the_wiser(harness: Harness) -> None:
    client, peer = await asked(harness, request(b"/left"))
    other = await harness.client()
    await other.say(request(b"/stays"))
    stays = await harness.upstream.peer(1)
    await stays.head()
    client.close()
    await freed(peer)
    await stays.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert (await other.answer()).body == b"ok"
