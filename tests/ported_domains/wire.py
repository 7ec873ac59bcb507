"""The native side on a real socket, and requests sent to either side byte for byte as written."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from ported_domains.domain import Domain
from ported_domains.look import look_of
from ported_domains.registry import DOMAINS
from ported_domains.shared.api.inquiry import TRUSTED_PEER_KEY
from ported_domains.shared.api.sources import THROTTLES_KEY
from ported_domains.shared.api.throttle import Rate, Throttles
from ported_domains.shared.caching.cache import AnswerCache
from ported_domains.shared.look import LookOf
from ported_domains.shared.site import native_app
from ported_domains.shared.urls import SCOPE_KEY
from ported_domains.shared.visit import LAST_WORD_KEY
from proxy.databases import open_engine
from proxy.server.asgi import Application, Message, Receive, Scope, Send
from tests.inside import inside, native

HOST = "www.example.org"
UNLIMITED = Rate(None, 1)
NO_LIMITS = Throttles(v1=UNLIMITED, anonymous=UNLIMITED, user=UNLIMITED)


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class NativeSite:
    """What happened so far: `pages` are the templates and contexts shown, `missed` the paths that
    the edge may ask the legacy side about, `statements` what the database was asked, `transactions`
    in how many it was."""

    url: str = ""
    pages: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    transactions: int = 0
    last_word: str | None = None
    """Which side the edge says has it; None: it says nothing."""

    def note(self, scope: MutableMapping[str, Any]) -> None:
        """As the scope is when the answer begins."""
        if page := scope[SCOPE_KEY].page:
            self.pages.append(page)
        if scope.get("strangler.not_found"):
            self.missed.append(scope[SCOPE_KEY].path)


@asynccontextmanager
async def native_site(
    database_url: str,
    legacy_database_url: str | None = None,
    *,
    domains: Iterable[Domain] = tuple(DOMAINS.values()),
    throttles: Throttles = NO_LIMITS,
    trusts_peers: bool = False,
    cache: AnswerCache | None = None,
    look: LookOf | None = None,
    **state: Any,
) -> AsyncIterator[NativeSite]:
    """`domains` over `database_url`; `state` is what else handlers find in the app's state.

    `trusts_peers` stands for an edge that takes every peer for a front server of the site.
    """
    site = NativeSite()
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_engine(database_url))
        legacy = None
        if legacy_database_url is not None:
            legacy = await stack.enter_async_context(_engine(legacy_database_url))

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def listed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            site.statements.append(statement)

        @event.listens_for(engine.sync_engine, "begin")
        def counted(_connection: Any) -> None:
            site.transactions += 1

        given = {THROTTLES_KEY: throttles, **state}
        app = native_app(domains, engine, legacy, given, cache, look=look or look_of())
        edge = _edge(cast(Application, app), site, trusts_peers=trusts_peers)
        server = await stack.enter_async_context(inside(native(edge)))
        site.url = server.url
        yield site


def _edge(app: Application, site: NativeSite, *, trusts_peers: bool) -> Application:
    async def edge(scope: Scope, receive: Receive, send: Send) -> None:
        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                site.note(scope)
            await send(message)

        scope[TRUSTED_PEER_KEY] = trusts_peers
        if site.last_word is not None:
            scope[LAST_WORD_KEY] = site.last_word
        await app(scope, receive, observed)

    return edge


@asynccontextmanager
async def _engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url, pool_size=4, name="test")
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def native_client(
    database_url: str, legacy_database_url: str | None = None, **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a native site of its own, made with these options."""
    async with (
        native_site(database_url, legacy_database_url, **options) as site,
        client_of(site.url) as client,
    ):
        yield client


def client_of(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"accept": "*/*"}, trust_env=False, timeout=30)


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
