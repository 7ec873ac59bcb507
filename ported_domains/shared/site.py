"""The native side as one ASGI application: what the domains state, with Django's manners around.

A request:
    1. becomes a visit: its path decoded as Django does
    2. is resolved: an endpoint's, an answer of Django's own, or refused with a page
    3. passes the gate, if it would change something: its form is read, its CSRF token checked
    4. is answered from the cache, if the route allows it and the answer was kept
    5. else goes through Litestar to its handler (dependencies: db, visit, visitor, user, show)
    6. gives back: messages, cookies and session are kept, the site's headers added; the answer to
       HEAD loses its body
"""

from collections.abc import Iterable, Mapping
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.user import Visitor
from legacy_bridge.django.csrf import SAFE_METHODS
from legacy_bridge.templates.environment import TemplateEnvironment
from ported_domains.domain import Domain, tables_shown
from ported_domains.shared.beyond import BEYOND, Beyond
from ported_domains.shared.caching.answering import Answering, Asked
from ported_domains.shared.caching.cache import AnswerCache
from ported_domains.shared.database import read_session, reader
from ported_domains.shared.errorpages import ErrorPages
from ported_domains.shared.leaving import Leaving
from ported_domains.shared.look import LookOf
from ported_domains.shared.manners import Answer, Dispatch, Refusal, dispatch, resolve
from ported_domains.shared.render import Show, Templates
from ported_domains.shared.rendering import Sources
from ported_domains.shared.resolver import Endpoint, Urls
from ported_domains.shared.row_templates import RENDER_KEY, Render
from ported_domains.shared.urls import SCOPE_KEY, Url, mounted
from ported_domains.shared.visit import (
    Visit,
    Visiting,
    VisitorLeftError,
    headers_of,
    visit_of,
)
from ported_domains.shared.visitors.body import Body
from ported_domains.shared.visitors.contracts import CONTRACTS_KEY, Contracts
from ported_domains.shared.visitors.gate import admit
from ported_domains.shared.visitors.guards import VISITOR_KEY, visitor_of
from ported_domains.shared.visitors.state import VisitorState


def native_app(
    domains: Iterable[Domain],
    engine: AsyncEngine,
    legacy_engine: AsyncEngine | None = None,
    state: Mapping[str, Any] | None = None,
    cache: AnswerCache | None = None,
    *,
    look: LookOf,
) -> ASGIApp:
    """All that `domains` answer natively. The engines stay the caller's to dispose of.

    Handlers find `engine`, `legacy_engine`, `urls` and what `state` adds in `request.app.state`;
    without `contracts` in it nobody is known, and nothing can be posted. A 404, and a redirect that
    only adds a slash, sets `scope["strangler.not_found"]` before it starts, and so does what only
    the legacy site can answer. After a page `scope["strangler.visit"].page` is its template and
    context, but for one from `cache`.
    """
    domains = tuple(domains)
    handlers = [mounted(handler) for domain in domains for handler in domain.handlers]
    urls = Urls(handler.opt["url"] for handler in handlers)
    looks = look(urls)
    templates = Templates(looks)
    given = {RENDER_KEY: _for_rows(looks.environment), **looks.state, **(state or {})}
    sources = Sources(reader(engine), given)
    pages = ErrorPages(templates, sources, Beyond(domains, templates, sources))

    def show(visit: Visiting, scope: Scope) -> Show:
        visitor: Any = scope.get(VISITOR_KEY)
        return Show(templates, visit, visitor, scope, sources)

    litestar = Litestar(
        handlers,
        dependencies={
            "db": Provide(read_session(sources.read)),
            "visit": Provide(_visit, sync_to_thread=False),
            "visitor": Provide(_visitor, sync_to_thread=False),
            "user": Provide(_user),
            "show": Provide(show, sync_to_thread=False),
        },
        before_request=_as_it_came,
        exception_handlers={Exception: pages.of_exception},
        state=State({"engine": engine, "legacy_engine": legacy_engine, "urls": urls} | given),
        logging_config=None,
        openapi_config=None,
    )
    answers, answering = _answers(litestar, pages), None
    if cache is not None:
        shown = kept_routes(domains) | {BEYOND: pages.beyond.tables}
        answering = Answering(cache, answers, shown)
    return Site(urls, pages, answers, given.get(CONTRACTS_KEY), answering)


def _answers(litestar: ASGIApp, pages: ErrorPages) -> ASGIApp:
    """Handlers by their key, and who answers where no handler does."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        app = pages.send_unmatched if scope.get("path") == BEYOND else litestar
        await app(scope, receive, send)

    return answer


def _for_rows(environment: TemplateEnvironment) -> Render:
    def render(template: str, names: Mapping[str, Any]) -> str:
        return environment.template(template).render(dict(names))

    return render


def kept_routes(domains: Iterable[Domain]) -> dict[str, frozenset[str]]:
    """Key of each route whose answers may be kept → the tables that it shows. `TypeError` for one
    that shows rows of the legacy database, whose changes nobody is told of."""
    by_name = {domain.name: domain for domain in domains}
    kept: dict[str, frozenset[str]] = {}
    for domain in by_name.values():
        urls: list[Url] = [mounted(handler).opt["url"] for handler in domain.handlers]
        if keys := [url.key for url in urls if url.kept]:
            if domain.shares_rows:
                raise TypeError(f"answers of {domain.name} cannot be kept: it has no rows here")
            kept |= dict.fromkeys(keys, tables_shown(domain, by_name))
    return kept


class Site:
    def __init__(
        self,
        urls: Urls,
        pages: ErrorPages,
        handlers: ASGIApp,
        contracts: Contracts | None,
        answering: Answering | None = None,
    ) -> None:
        self._urls = urls
        self._pages = pages
        self._handlers = handlers
        self._contracts = contracts
        self._answering = answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._answer(scope, receive, send)
        else:
            await self._handlers(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        contracts = self._contracts
        visit = visit_of(scope, headers, contracts.hosts if contracts else None)
        visitor = VisitorState(contracts, visit, headers, scope) if contracts else None
        extras: dict[str, Any] = scope  # type: ignore[assignment]  # keys beyond ASGI's own
        extras[SCOPE_KEY] = visit
        extras[VISITOR_KEY] = visitor
        leaving = Leaving(extras, visit, visitor, self._pages, send)
        body = Body(receive)
        match await self._decide(visit, visitor, body):
            case Dispatch(key=key):
                asked = Asked(key, visit, headers, visitor)
                await self._handle(asked, scope, body.receive, leaving.send)
            case Refusal.NOT_FOUND:
                asked = Asked(BEYOND, visit, headers, visitor)
                await self._handle(asked, scope, body.receive, leaving.send)
            case Answer(missed=True) as slash:
                await leaving.respond(await self._pages.unmatched(visit, visitor, slash))
            case Answer() as answer:
                await leaving.respond(answer)
            case Refusal.CSRF:
                await leaving.respond(await self._pages.csrf_failed(visit))

    async def _handle(self, asked: Asked, scope: HTTPScope, receive: Receive, send: Send) -> None:
        inner: Any = {**scope, "path": asked.handler, "method": "POST"}
        # Where the other side has the last word ours is not kept: it may be ours by the next time.
        left = asked.visit.unmatched and asked.visit.last_word == "legacy"
        if self._answering is None or left:
            await self._handlers(inner, receive, send)
        else:
            await self._answering.answer(asked, inner, receive, send)

    async def _decide(
        self, visit: Visit, visitor: VisitorState | None, body: Body
    ) -> Dispatch | Answer | Refusal:
        found = resolve(self._urls, visit)
        if not isinstance(found, Endpoint):
            return found
        refused = await self._admit(found, visit, visitor, body)
        return refused or dispatch(found, visit.method)

    async def _admit(
        self, endpoint: Endpoint, visit: Visit, visitor: VisitorState | None, body: Body
    ) -> Answer | Refusal | None:
        """None where the handler may be asked. Without contracts no token can be right."""
        if endpoint.csrf_exempt or visit.method in SAFE_METHODS:
            return None
        if visitor is None:
            return Refusal.CSRF
        try:
            refused = await admit(visitor, body)
        except VisitorLeftError:
            raise
        except Exception as error:
            return await self._pages.failed(visit, visitor, error)
        return Refusal.CSRF if refused else None


def _visit(scope: Scope) -> Visit:
    visit: Visit = scope[SCOPE_KEY]  # type: ignore[literal-required]
    return visit


def _visitor(request: Request[Any, Any, Any]) -> VisitorState:
    return visitor_of(request)


async def _user(request: Request[Any, Any, Any]) -> Visitor:
    visitor = visitor_of(request)
    await visitor.load()
    return visitor.user


async def _as_it_came(request: Request[Any, Any, Any]) -> None:
    """Gives path and method back to the request that found its handler by key."""
    visit: Visit = request.scope[SCOPE_KEY]  # type: ignore[literal-required]
    request.scope["path"] = visit.path
    # HEAD is answered as GET: Litestar refuses a HEAD answer that has a body to measure
    request.scope["method"] = "GET" if visit.method == "HEAD" else visit.method  # type: ignore[typeddict-item]
