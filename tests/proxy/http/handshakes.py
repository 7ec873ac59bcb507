"""A WebSocket's way through the proxy up to the 101, and both its ends from then on."""

from dataclasses import dataclass

from tests.proxy.http.ends import Client, Peer
from tests.proxy.http.harness import Harness, request
from tests.proxy.http.messages import AnswerHead, RequestHead
from tests.proxy.http.upstream import left_to_the_test

WEBSOCKET = [
    (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"Sec-WebSocket-Version", b"13"),
    (b"Sec-WebSocket-Protocol", b"chat, superchat"),
    (b"Sec-WebSocket-Protocol", b"x.y"),
    (b"Sec-WebSocket-Extensions", b"permessage-deflate; client_max_window_bits, x-own"),
    (b"Origin", b"http://www.example.org"),
]
ACCEPTED = [
    (b"Sec-WebSocket-Accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    (b"Sec-WebSocket-Protocol", b"chat"),
    (b"Sec-WebSocket-Extensions", b"permessage-deflate; server_no_context_takeover"),
]
UPGRADE = (b"Connection: Upgrade", b"Upgrade: websocket")


def lines(fields: list[tuple[bytes, bytes]]) -> tuple[bytes, ...]:
    return tuple(name + b": " + value for name, value in fields)


def handshake(*upgrade: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    """A client's request; `upgrade` are the lines that ask for the change, as they should be."""
    return request(
        b"/ws?a=b", *(upgrade or UPGRADE), *lines(WEBSOCKET), method=method, version=version
    )


SWITCHING = b"\r\n".join(
    (b"HTTP/1.1 101 Switching Protocols", *UPGRADE, *lines(ACCEPTED), b"", b"")
)


@dataclass(frozen=True, slots=True)
class Tunnel:
    client: Client
    peer: Peer
    asked: RequestHead
    accepted: AnswerHead


async def tunnel(
    harness: Harness, *upgrade: bytes, first: bytes = b"", switching: bytes = SWITCHING
) -> Tunnel:
    """Both ends after the 101; the upstream says `first` in one piece with it."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(handshake(*upgrade))
    peer = await harness.upstream.peer()
    asked = await peer.head()
    await peer.say(switching + first)
    return Tunnel(client, peer, asked, await client.head())
