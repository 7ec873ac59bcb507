"""The native side as one ASGI application: what the domains state, with Django's manners around.

A request:
    1. becomes a visit: its path decoded as Django does
    2. is decided: a handler's, an answer of Django's own, or refused with a page
    3. goes through Litestar to its handler (dependencies: db, visit, show)
    4. gets the site's headers; the answer to HEAD loses its body
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncEngine

from ported_domains.domain import Domain
from ported_domains.shared.database import Database, read_session
from ported_domains.shared.errorpages import ErrorPages
from ported_domains.shared.manners import Answer, Dispatch, Refusal, decide, site_headers
from ported_domains.shared.render import Show, Templates
from ported_domains.shared.resolver import Urls
from ported_domains.shared.urls import SCOPE_KEY, mounted
from ported_domains.shared.visit import Visit, Visiting, visit_of

NOT_FOUND_KEY = "strangler.not_found"


def native_app(
    domains: Iterable[Domain],
    engine: AsyncEngine,
    legacy_engine: AsyncEngine | None = None,
    state: Mapping[str, Any] | None = None,
) -> ASGIApp:
    """All that `domains` answer natively. The engines stay the caller's to dispose of.

    Handlers find `engine`, `legacy_engine` and what `state` adds in `request.app.state`. A 404,
    and a redirect that only adds a slash, sets `scope["strangler.not_found"]` before it starts.
    After a page `scope["strangler.visit"].page` is its template and context.
    """
    handlers = [mounted(handler) for domain in domains for handler in domain.handlers]
    urls = Urls(handler.opt["url"] for handler in handlers)
    filters = {name: f for handler in handlers for name, f in handler.opt["filters"].items()}
    templates = Templates(urls, filters)
    pages = ErrorPages(templates)

    def show(visit: Visiting, db: Database) -> Show:
        return Show(templates, visit, db)

    litestar = Litestar(
        handlers,
        dependencies={
            "db": Provide(read_session(engine)),
            "visit": Provide(_visit, sync_to_thread=False),
            "show": Provide(show, sync_to_thread=False),
        },
        before_request=_as_it_came,
        exception_handlers={Exception: pages.of_exception},
        state=State({"engine": engine, "legacy_engine": legacy_engine} | dict(state or {})),
        logging_config=None,
        openapi_config=None,
    )
    return Site(urls, pages, litestar)


class Site:
    def __init__(self, urls: Urls, pages: ErrorPages, litestar: ASGIApp) -> None:
        self._urls = urls
        self._pages = pages
        self._litestar = litestar

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._answer(scope, receive, send)
        else:
            await self._litestar(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        visit = visit_of(scope)
        extras: dict[str, Any] = scope  # type: ignore[assignment]  # keys beyond ASGI's own
        extras[SCOPE_KEY] = visit
        match decide(self._urls, visit):
            case Dispatch(key=key):
                inner: Any = {**scope, "path": key, "method": "POST"}
                await self._litestar(inner, receive, _dressed(extras, visit, send))
            case Answer() as answer:
                await _respond(answer, extras, visit, send)
            case Refusal.NOT_FOUND:
                await _respond(self._pages.not_found(visit), extras, visit, send)
            case Refusal.CSRF:
                await _respond(self._pages.csrf_failed(visit), extras, visit, send)


def _visit(scope: Scope) -> Visit:
    visit: Visit = scope[SCOPE_KEY]  # type: ignore[literal-required]
    return visit


async def _as_it_came(request: Request[Any, Any, Any]) -> None:
    """Gives path and method back to the request that found its handler by key."""
    visit: Visit = request.scope[SCOPE_KEY]  # type: ignore[literal-required]
    request.scope["path"] = visit.path
    # HEAD is answered as GET: Litestar refuses a HEAD answer that has a body to measure
    request.scope["method"] = "GET" if visit.method == "HEAD" else visit.method  # type: ignore[typeddict-item]


def _dressed(scope: dict[str, Any], visit: Visit, send: Send) -> Send:
    """`send` that adds the site's headers, marks a 404 and leaves out the body for HEAD."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == HTTPStatus.NOT_FOUND:
                scope[NOT_FOUND_KEY] = True
            message["headers"] = [*message["headers"], *site_headers(visit.path)]
        elif message["type"] == "http.response.body" and visit.method == "HEAD":
            message["body"] = b""
        await send(message)

    return dressed


async def _respond(answer: Answer, scope: dict[str, Any], visit: Visit, send: Send) -> None:
    if answer.missed:
        scope[NOT_FOUND_KEY] = True
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    if not answer.plain:
        headers += site_headers(visit.path)
    body = b"" if visit.method == "HEAD" else answer.body
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
