"""Applications that answer as a test wants, and requests for them."""

from collections.abc import Awaitable, Callable, Iterable

from proxy.server.asgi import Application, Message, Receive, Scope, Send
from tests.inside import inside, native
from tests.proxy.http.messages import Answer

Fields = Iterable[tuple[bytes, bytes]]
Work = Callable[[Receive, Send], Awaitable[None]]
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def start(status: int = 200, headers: Fields = ()) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(content: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


def saying(*messages: Message) -> Application:
    """Sends these for every request."""

    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(dict(message))

    return application


def whole(content: bytes = b"ok", status: int = 200, headers: Fields = ()) -> Application:
    return saying(start(status, headers), body(content))


def streamed(*pieces: bytes, status: int = 200, headers: Fields = ()) -> Application:
    """The last, empty message says no more than that it was the last."""
    return saying(start(status, headers), *(body(piece, more=True) for piece in pieces), body())


def doing(work: Work) -> Application:
    async def application(_scope: Scope, receive: Receive, send: Send) -> None:
        await work(receive, send)

    return application


def request(
    method: bytes = b"GET", *lines: bytes, content: bytes = b"", version: bytes = b"1.1"
) -> bytes:
    fields = b"".join(line + b"\r\n" for line in (b"Host: a", *lines))
    return b"%b / HTTP/%b\r\n%b\r\n%b" % (method, version, fields, content)


def sized(content: bytes, *lines: bytes) -> bytes:
    return request(b"POST", b"Content-Length: %d" % len(content), *lines, content=content)


async def whole_body(receive: Receive) -> bytes:
    """What the client sent; raises `EOFError` where it did not send all."""
    pieces: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise EOFError
        pieces.append(message["body"])
        more = message["more_body"]
    return b"".join(pieces)


class Echo:
    """Answers with the body it was sent; `scopes` are those of all requests."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        content = await whole_body(receive)
        await send(start())
        await send(body(content))


async def paths(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it was asked."""
    content = await whole_body(receive)
    await send(start())
    await send(body(scope["method"].encode() + b" " + scope["path"].encode() + b" " + content))


def get(number: int, *lines: bytes) -> bytes:
    return request(b"GET", *lines).replace(b" / ", b" /%d " % number, 1)


def octet_by_octet(said: bytes) -> list[bytes]:
    return [bytes((octet,)) for octet in said]


async def answer_of(application: Application, said: bytes = GET) -> Answer:
    """The answer to one request on a connection of its own."""
    async with inside(native(application)) as server:
        client = await server.client(said)
        return await client.answer(said.split(b" ")[0].decode())
