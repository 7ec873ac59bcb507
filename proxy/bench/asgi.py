"""What the two plain ASGI proxies have in common: ASGI's own conventions, and which fields stay."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Fields = list[tuple[bytes, bytes]]

UPSTREAM = "BENCH_UPSTREAM"
"""The environment variable with the upstream's URL, as http://127.0.0.1:8001."""

CONNECTIONS = 512
"""Upstream connections that may be open, and kept: more than there are visitors."""

_OF_ONE_CONNECTION = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade")
)


def target(scope: Scope) -> str:
    """Path and query as they came."""
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("ascii")


def end_to_end(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    return [(name, value) for name, value in fields if name.lower() not in _OF_ONE_CONNECTION]


def request_body(scope: Scope, receive: Receive) -> AsyncIterator[bytes] | None:
    """None where the request announces no body."""
    announced: Mapping[bytes, bytes] = dict(scope["headers"])
    if b"content-length" in announced or b"transfer-encoding" in announced:
        return _pieces(receive)
    return None


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the visitor left")
        if piece := message.get("body"):
            yield piece
        more = message.get("more_body", False)


async def send_answer(
    send: Send,
    status: int,
    fields: Iterable[tuple[bytes, bytes]],
    pieces: AsyncIterator[bytes],
) -> None:
    """Stream it as it comes."""
    await send({"type": "http.response.start", "status": status, "headers": end_to_end(fields)})
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


async def lifespan(
    receive: Receive,
    send: Send,
    start: Callable[[], Awaitable[None]],
    stop: Callable[[], Awaitable[None]],
) -> None:
    await receive()
    await start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await stop()
    await send({"type": "lifespan.shutdown.complete"})
