"""The site's own pages for what went wrong (behaviour/site.md §5)."""

import logging
from collections.abc import Awaitable
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.types import Receive, Scope, Send

from legacy_bridge.django.redirects import DisallowedRedirectError
from legacy_bridge.django.sessions.store import SessionInterruptedError, UnreadableSessionError
from ported_domains.shared.beyond import Beyond
from ported_domains.shared.database import says_database_down
from ported_domains.shared.forms.bodies import FormError
from ported_domains.shared.manners import BAD_REQUEST, BRIEFLY_CACHED, HTML, PER_VISITOR, Answer
from ported_domains.shared.render import Names, Templates
from ported_domains.shared.rendering import Rendering, Sources
from ported_domains.shared.urls import SCOPE_KEY
from ported_domains.shared.visit import Visit, VisitorLeftError
from ported_domains.shared.visitors.guards import (
    VISITOR_KEY,
    ContractsMissingError,
    RefusedError,
    RobotError,
)
from ported_domains.shared.visitors.state import VisitorState
from ported_domains.shared.writing import RETRY_SECONDS, NotOwnerError

log = logging.getLogger(__name__)


class ErrorPages:
    """Their menus and boxes are read in sessions of their own: a handler's may be what failed.
    `beyond` says what a path means that no handler knows."""

    def __init__(self, templates: Templates, sources: Sources, beyond: Beyond) -> None:
        self._templates = templates
        self._sources = sources
        self.beyond = beyond

    async def not_found(self, visit: Visit, visitor: VisitorState | None) -> Answer:
        """The page for 404, if the path means nothing at all."""
        found = await self.beyond.ask(visit, visitor)
        if found is not None:
            return found
        legacy_path = "http://legacy.python.org" + quote(visit.path, safe="/%")
        body = await self._page(
            "404.html",
            visit,
            visitor,
            legacy_path=legacy_path,
            download_path="/downloads/",
            doc_path="/doc/",
            pypi_path=self._templates.look.package_index,
        )
        headers = (HTML, BRIEFLY_CACHED, PER_VISITOR)
        return Answer(HTTPStatus.NOT_FOUND, headers, body, missed=True)

    async def unmatched(
        self, visit: Visit, visitor: VisitorState | None, otherwise: Answer | None = None
    ) -> Answer:
        """For a path that no handler has: what else it means, `otherwise`, or the page for 404."""
        try:
            found = await self.beyond.ask(visit, visitor) or otherwise
            return found or await self.not_found(visit, visitor)
        except Exception as error:
            return await self.failed(visit, visitor, error)

    async def csrf_failed(self, visit: Visit) -> Answer:
        try:
            body = await self._page(("403_csrf.html", "csrf_failed.html"), visit, None)
        except Exception as error:
            return await self.failed(visit, None, error)
        return Answer(HTTPStatus.FORBIDDEN, (HTML,), body)

    def bad_request(self, visit: Visit, error: Exception) -> Answer:
        """Django's own page; the reason goes to the log."""
        log.warning("%s %s is a bad request: %s", visit.method, visit.shown, error)
        return Answer(HTTPStatus.BAD_REQUEST, (HTML,), BAD_REQUEST)

    def of_exception(self, request: Request[Any, Any, Any], error: Exception) -> Response[None]:
        """What a handler's exception becomes; the reason goes to the log, not to the visitor."""
        visit: Visit = request.scope[SCOPE_KEY]  # type: ignore[literal-required]
        visitor: VisitorState | None = request.scope.get(VISITOR_KEY)  # type: ignore[assignment]
        return Later(self.failed(visit, visitor, error))

    async def send_unmatched(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`unmatched` as a handler answers."""
        visit: Visit = scope[SCOPE_KEY]  # type: ignore[literal-required]
        visitor: VisitorState | None = scope.get(VISITOR_KEY)  # type: ignore[assignment]
        await send_answer(await self.unmatched(visit, visitor), send)

    async def failed(self, visit: Visit, visitor: VisitorState | None, error: Exception) -> Answer:
        """What an exception becomes. A page that fails as well is replaced by a plain one."""
        try:
            return await self._answer(visit, visitor, error)
        except Exception as another:
            if not says_database_down(another):
                log.exception("the error page of %s failed", visit.shown)
            return await self._broken(visit, error if says_database_down(error) else another)

    async def _answer(self, visit: Visit, visitor: VisitorState | None, error: Exception) -> Answer:
        match error:
            case RefusedError():
                return error.answer
            case RobotError():
                page = "honeypot/honeypot_error.html"
                body = await self._page(page, visit, visitor, fieldname=error.field)
                return Answer(HTTPStatus.BAD_REQUEST, (HTML, PER_VISITOR), body)
            case PermissionDeniedException():
                body = await self._page("403.html", visit, visitor, exception=error.detail)
                return Answer(HTTPStatus.FORBIDDEN, (HTML, PER_VISITOR), body)
            case UnreadableSessionError() | ContractsMissingError() | NotOwnerError():
                return self._legacy_knows(visit, error)
            case FormError() | DisallowedRedirectError() | SessionInterruptedError():
                return self.bad_request(visit, error)
            case VisitorLeftError():
                return self._plain(HTTPStatus.INTERNAL_SERVER_ERROR, visit)  # for nobody
        if isinstance(error, HTTPException) and error.status_code < 500:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return await self.not_found(visit, visitor)
            return self._plain(HTTPStatus(error.status_code), visit)
        return await self._broken(visit, error)

    async def _broken(self, visit: Visit, error: Exception) -> Answer:
        """Whatever failed, this does not."""
        if says_database_down(error):
            log.error("%s %s: no database: %s", visit.method, visit.shown, _cause(error))
            return self._plain(HTTPStatus.SERVICE_UNAVAILABLE, visit)
        log.error("%s %s failed", visit.method, visit.shown, exc_info=error)
        try:
            body = await self._templates.bare("500.html", Rendering(visit, None, self._sources))
        except Exception:  # as little as that is asked may be what is broken
            return self._plain(HTTPStatus.INTERNAL_SERVER_ERROR, visit)
        return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, (HTML,), body.encode())

    def _legacy_knows(self, visit: Visit, error: Exception) -> Answer:
        """Only the legacy site can answer; this is for when it cannot be asked."""
        visit.legacy_knows = True
        log.error("%s %s is the legacy site's to answer: %s", visit.method, visit.shown, error)
        answer = self._plain(HTTPStatus.SERVICE_UNAVAILABLE, visit)
        if not isinstance(error, NotOwnerError):
            return answer
        return replace(answer, headers=(*answer.headers, ("retry-after", str(RETRY_SECONDS))))

    async def _page(
        self, template: Names, visit: Visit, visitor: VisitorState | None, **context: Any
    ) -> bytes:
        asked = Rendering(visit, visitor, self._sources)
        return (await self._templates.render(template, asked, context)).encode()

    def _plain(self, status: HTTPStatus, visit: Visit) -> Answer:
        """A page that needs nobody."""
        body = self._templates.built_in("500.html", visit, {"status": status})
        return Answer(status, (HTML,), body.encode())


class Later(Response[None]):
    """An answer still to be made. Litestar's exception handlers cannot wait; sending can."""

    def __init__(self, answer: Awaitable[Answer]) -> None:
        super().__init__(None)
        self._answer = answer

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self._send

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(await self._answer, send)


async def send_answer(answer: Answer, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def _cause(error: Exception) -> str:
    """Some errors of a time-out have no text."""
    return str(error) or type(error).__name__
