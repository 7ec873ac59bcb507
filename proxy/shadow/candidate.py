"""One captured request, asked of the native application as the worker would."""

import asyncio
import logging
from typing import Any
from urllib.parse import unquote_to_bytes

from proxy.edge import NOT_FOUND, TRUSTED_PEER_KEY
from proxy.parity.answer import Answer
from proxy.server.asgi import Application, Message, Scope
from proxy.shadow.capture import Capture, fields
from proxy.shadow.control import CONDITIONS, UnansweredError

SECONDS = 10.0

log = logging.getLogger(__name__)


async def ask(app: Application, capture: Capture, body: bytes = b"") -> tuple[Answer, bool]:
    """Its answer, and whether it left the request to the legacy side (docs/adr/0006).

    An application that fails is answered for with 500, as by the server. Raises `UnansweredError`
    for one that takes too long.
    """
    scope = scope_of(capture, body)
    asking = _Asking(capture.method == "HEAD", body)
    try:
        async with asyncio.timeout(SECONDS):
            await app(scope, asking.receive, asking.send)
    except TimeoutError:
        raise UnansweredError(f"the native side gave no answer in {SECONDS:g} s") from None
    except Exception:
        log.exception("the native side failed for %s %s", capture.method, capture.route)
        return Answer(500), False
    return asking.answer, bool(scope.get(NOT_FOUND))


def scope_of(capture: Capture, body: bytes = b"") -> Scope:
    """As the edge gives it to the native side, but that the whole page is asked for."""
    path, _, query = capture.target.partition(b"?")
    headers = [*fields(capture.passing), *capture.claims]
    if body:
        headers.append((b"content-length", b"%d" % len(body)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": capture.method,
        "scheme": capture.scheme,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [pair for pair in headers if pair[0] not in CONDITIONS],
        "client": (capture.peer, capture.port),
        "server": None,
        "extensions": {},
        TRUSTED_PEER_KEY: capture.trusted,
    }


class _Asking:
    def __init__(self, head_only: bool, body: bytes) -> None:
        self._head_only = head_only
        self._body: bytes | None = body
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._over = asyncio.Event()

    @property
    def answer(self) -> Answer:
        body = b"" if self._head_only else b"".join(self._parts)
        return Answer(self._status or 500, tuple(self._headers), body)

    async def receive(self) -> Message:
        if self._body is None:
            await self._over.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        told: Any = message
        if told["type"] == "http.response.start":
            self._status = told["status"]
            self._headers = [(name.lower(), value) for name, value in told.get("headers", ())]
        elif told["type"] == "http.response.body":
            self._parts.append(told.get("body", b""))
            if not told.get("more_body", False):
                self._over.set()
