"""A request answered by an ASGI application: the native side, and the proxy's own pages.

    client ─ body, leaving ─▶ receive()  ┐
                                         │ application, in a task of its own
    client ◀──── answer ───── send(…)    ┘

`send` waits while the client does not keep up. An application that fails before its answer has
begun is answered for with 500; after that only cutting the client off says so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from proxy.net.link import AHEAD
from proxy.server.client import Client
from proxy.server.request import Request
from proxy.wire.answer import date_line, own_answer
from proxy.wire.fields import CHUNKED, REQUEST_LINES, TOKEN, read_length

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_ASGI = {"version": "3.0", "spec_version": "2.4"}
_OURS = frozenset((b"connection", b"transfer-encoding", b"x-request-id"))
_BODILESS = frozenset((204, 304))
_STATUS = {"late": 408, "invalid": 400, "limit": 413}


def scope_of(client: Client, request: Request, **more: Any) -> Scope:
    """The HTTP scope; `more` goes into it."""
    path, _, query = request.target.partition(b"?")
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": f"1.{request.minor}",
        "method": request.method.decode("ascii"),
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": _headers(request),
        "client": (client.peer, client.port),
        "server": None,
        "extensions": {},
        **more,
    }


def _headers(request: Request) -> list[tuple[bytes, bytes]]:
    plan = request.plan
    lines = plan.passing[:-2].split(b"\r\n") if plan.passing else []
    read = [REQUEST_LINES.get(line) or REQUEST_LINES.read(line) for line in lines]
    headers = [(line.name, line.value) for line in read]
    headers += plan.claims
    if plan.length == CHUNKED:
        headers.append((b"transfer-encoding", b"chunked"))
    elif plan.sized:
        headers.append((b"content-length", b"%d" % plan.length))
    return headers


class ClientGoneError(OSError):
    """Raised by `send` when there is nobody left to send to (ASGI 2.4)."""


class Native:
    """The course of one request through an application.

    Where `hold(status)` says so when an answer begins, the answer is kept back whole, and then
    `instead(self)` is called; `release` sends it after all.
    """

    __slots__ = (
        "_client",
        "_done",
        "_ended",
        "_expected",
        "_given",
        "_gone",
        "_head_only",
        "_held",
        "_hold",
        "_holding",
        "_instead",
        "_left",
        "_news",
        "_parts",
        "_pieces",
        "_request",
        "_room",
        "_start",
        "_started",
        "_status",
        "_task",
    )

    def __init__(
        self,
        client: Client,
        request: Request,
        hold: Callable[[int], bool] | None = None,
        instead: "Callable[[Native], None] | None" = None,
    ) -> None:
        self._client = client
        self._request = request
        self._hold = hold
        self._instead = instead
        self._holding = False
        self._head_only = request.method == b"HEAD"
        self._pieces: list[bytes] = []  # of the request's body, not yet asked for
        self._held = 0  # octets in them
        self._ended = request.plan.length == 0
        self._given = False
        self._expected = request.plan.expects_continue
        self._gone = False  # the client left
        self._done = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._status = 0
        self._start = b""
        self._left: int | None = None  # octets that Content-Length still announces
        self._parts: list[bytes] = []  # of an answer that is held back
        self._started = False
        self._task: asyncio.Task[None] | None = None

    def begin(self, application: Application, scope: Scope) -> None:
        self._client.course = self
        loop = self._client.serving.loop
        self._task = loop.create_task(self._run(application, scope))

    async def _run(self, application: Application, scope: Scope) -> None:
        try:
            await application(scope, self.receive, self.send)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # the worker ends
            log.exception("the application failed")
        except Exception:
            if not self._gone:
                log.exception("the application failed")
        if self._client.course is self and not self._gone:
            if self._started:
                self._request.fault = ("receive_body", "proxy", "closed")
                self._client.interrupt()
            else:
                self._answer_for(500)

    def release(self) -> None:
        """Send the answer that was held back."""
        self._request.status = self._status
        if self._head_only:
            self._send_head(b"".join(self._parts), more=False)
        else:
            self._send_whole(b"".join(self._parts))

    # what the application calls

    async def receive(self) -> Message:
        while not self._stopped():
            self._news.clear()  # before the body is asked for: that may bring news at once
            if not self._given:
                if not (self._pieces or self._ended):
                    self._encourage()
                    self._client.want_body()
                if self._pieces or self._ended:
                    return self._next_piece()
            await self._news.wait()
        return {"type": "http.disconnect"}

    def _encourage(self) -> None:
        """RFC 9110 §10.1.1: once, and not where the body comes anyway."""
        if self._expected:
            self._expected = False
            if not (self._request.received or self._client.has_more):
                self._client.send_interim(b"HTTP/1.1 100 Continue\r\n")

    def _next_piece(self) -> Message:
        body = b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        self._given = self._ended
        return {"type": "http.request", "body": body, "more_body": not self._given}

    async def send(self, message: Message) -> None:
        if self._gone:
            raise ClientGoneError("the client left")
        if self._done:
            return  # the rest of an answer to HEAD, say
        if message["type"] == "http.response.start":
            self._take_start(message)
        elif message["type"] == "http.response.body":
            self._take_body(message.get("body", b""), more=message.get("more_body", False))
            while self._client.waiting > AHEAD and not self._stopped():
                self._room.clear()
                await self._room.wait()

    # the answer

    def _take_start(self, message: Message) -> None:
        self._status = status = message["status"]
        lines = [b"HTTP/1.1 %d %b\r\n" % (status, _phrase(status))]
        dated = False
        for name, value in message.get("headers", ()):
            lower = name.lower()
            if lower in _OURS or lower.startswith(b"strangler-"):
                continue
            if not TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a field")
            if lower == b"content-length":
                if status == 204:  # RFC 9110 §8.6
                    continue
                if self._left is not None:
                    raise ValueError("there are two Content-Length fields")
                self._left = read_length([value])
            dated = dated or lower == b"date"
            lines.append(b"%b: %b\r\n" % (name, value))
        if not dated:
            lines.append(date_line())
        self._start = b"".join(lines)
        ends = {self._start.count(b"\r"), self._start.count(b"\n"), self._start.count(b"\r\n")}
        if ends != {len(lines)} or b"\0" in self._start:
            raise ValueError("a field of the answer holds a line end or NUL")
        self._holding = self._hold is not None and self._hold(status)

    def _take_body(self, body: bytes, *, more: bool) -> None:
        client = self._client
        if self._status == 0:
            raise ValueError("http.response.body came before http.response.start")
        if self._holding:
            self._parts.append(body)
            if not more and self._instead is not None:
                self._over()  # what follows is not this application's
                self._instead(self)
        elif not self._started:
            self._request.status = self._status
            if self._head_only:
                self._send_head(body, more=more)
            elif more and self._status not in _BODILESS:
                length = CHUNKED if self._left is None else self._left
                self._count(body)
                self._started = True
                client.send_start(self._start, length, body)
            else:
                self._send_whole(body)
        else:
            self._count(body)
            if body:
                client.send_piece(body)
            if not more:
                if self._left:
                    raise ValueError("the answer is shorter than its Content-Length")
                client.send_end()
                self._over()

    def _send_head(self, body: bytes, *, more: bool) -> None:
        """RFC 9110 §8.6: with the length that the body of a GET would have, or with none."""
        if body and not more and self._left is None and self._status not in _BODILESS:
            self._start += b"Content-Length: %d\r\n" % len(body)
        self._client.send_whole(self._start, b"")
        self._over()

    def _send_whole(self, body: bytes) -> None:
        if self._status in _BODILESS:
            body = b""
        elif self._left is None:
            self._start += b"Content-Length: %d\r\n" % len(body)
        elif self._left != len(body):
            raise ValueError("the answer is not as long as its Content-Length")
        self._client.send_whole(self._start, body)
        self._over()

    def _count(self, body: bytes) -> None:
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0:
                raise ValueError("the answer is longer than its Content-Length")

    def _answer_for(self, status: int) -> None:
        self._request.status = status
        self._client.send_own(*own_answer(status), head_only=self._head_only)
        self._over()

    def _over(self) -> None:
        """The answer is complete, or not this application's to give any more."""
        self._done = True
        self._news.set()
        self._room.set()

    # what the client does

    def body(self, content: bytes) -> None:
        self._pieces.append(content)
        self._held += len(content)
        if self._held > AHEAD:
            self._client.hold_body()
        self._news.set()

    def body_ended(self) -> None:
        self._ended = True
        self._news.set()

    def client_ready(self) -> None:
        self._room.set()

    def client_failed(self, cause: str) -> None:
        client = self._client
        self._request.fault = (self._stage(), "client", cause)
        self._gone = True
        if client.closed:
            client.forget()
        elif self._started:
            client.interrupt()
        else:
            self._answer_for(_STATUS[cause])
        self._over()

    def _stopped(self) -> bool:
        return self._gone or self._done

    def _stage(self) -> str:
        if self._started:
            return "receive_body"
        return "await_head" if self._ended else "send_body"


def _phrase(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode("ascii")
    except ValueError:
        return b""
