"""The native side on a real socket, and requests sent to either side byte for byte as written."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy import event

from ported_domains.domain import Domain
from ported_domains.registry import DOMAINS
from ported_domains.shared.site import native_app
from ported_domains.shared.urls import SCOPE_KEY
from proxy.databases import open_engine
from proxy.embedded.child import free_port

START_SECONDS = 10
HOST = "www.example.org"


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class NativeSite:
    """What happened so far: `pages` are the templates and contexts shown, `missed` the paths that
    the edge may ask the legacy side about, `statements` what the database was asked."""

    url: str
    pages: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


@asynccontextmanager
async def native_site(
    database_url: str, domains: Iterable[Domain] = tuple(DOMAINS.values()), **state: Any
) -> AsyncIterator[NativeSite]:
    """`domains` over `database_url`; `state` is what else handlers find in the app's state."""
    engine = open_engine(database_url, pool_size=4, name="test")
    site = NativeSite(f"http://127.0.0.1:{free_port()}")
    app = native_app(domains, engine, state=state)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def listed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        site.statements.append(statement)

    async def observed(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        if scope["type"] == ScopeType.HTTP:
            _note(site, dict(scope))

    try:
        async with served(observed, site.url):
            yield site
    finally:
        await engine.dispose()


def _note(site: NativeSite, scope: dict[str, Any]) -> None:
    if page := scope[SCOPE_KEY].page:
        site.pages.append(page)
    if scope.get("strangler.not_found"):
        site.missed.append(scope[SCOPE_KEY].path)


@asynccontextmanager
async def served(app: ASGIApp, url: str) -> AsyncIterator[None]:
    """Answers with `app` at `url`, whose port is free, until the end of the block."""
    port = urlsplit(url).port or 0
    server = Server(app, port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _listens(port):  # noqa: ASYNC110 the server has no event for it
                await asyncio.sleep(0.02)
        yield
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await serving


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def ask(url: str, method: str, target: str, **headers: str) -> Reply:
    """Send a request whose target is exactly `target`, on a connection of its own."""
    lines = {"Host": HOST, "Connection": "close"} | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    try:
        writer.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
        async with asyncio.timeout(30):
            return _parse(await reader.read())
    finally:
        writer.close()
        await writer.wait_closed()


def _parse(answer: bytes) -> Reply:
    head, _, body = answer.partition(b"\r\n\r\n")
    status_line, _, fields = head.partition(b"\r\n")
    parsed = BytesParser().parsebytes(fields + b"\r\n\r\n", headersonly=True)
    headers = {name.lower(): value for name, value in parsed.items()}
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join(_chunks(body))
    return Reply(HTTPStatus(int(status_line.split()[1])), headers, body)


def _chunks(body: bytes) -> list[bytes]:
    size, _, rest = body.partition(b"\r\n")
    length = int(size or b"0", 16)
    return [rest[:length], *_chunks(rest[length + 2 :])] if length else []
