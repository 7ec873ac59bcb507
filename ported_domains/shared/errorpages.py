"""The site's own pages for what went wrong (behaviour/site.md §5)."""

import logging
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException, PermissionDeniedException

from legacy_bridge.django.redirects import DisallowedRedirectError
from legacy_bridge.django.sessions.store import SessionInterruptedError, UnreadableSessionError
from ported_domains.shared.database import says_database_down
from ported_domains.shared.forms.bodies import FormError
from ported_domains.shared.manners import BAD_REQUEST, BRIEFLY_CACHED, HTML, PER_VISITOR, Answer
from ported_domains.shared.render import Templates
from ported_domains.shared.urls import SCOPE_KEY
from ported_domains.shared.visit import Visit, VisitorLeftError
from ported_domains.shared.visitors.guards import ContractsMissingError, RefusedError, RobotError
from ported_domains.shared.writing import RETRY_SECONDS, NotOwnerError

log = logging.getLogger(__name__)


class ErrorPages:
    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def not_found(self, visit: Visit) -> Answer:
        legacy_path = "http://legacy.python.org" + quote(visit.path, safe="/%")
        body = self._templates.render("404.html", visit, {"legacy_path": legacy_path})
        headers = (HTML, BRIEFLY_CACHED, PER_VISITOR)
        return Answer(HTTPStatus.NOT_FOUND, headers, body, missed=True)

    def csrf_failed(self, visit: Visit) -> Answer:
        body = self._templates.render("403_csrf.html", visit, {})
        return Answer(HTTPStatus.FORBIDDEN, (HTML,), body)

    def bad_request(self, visit: Visit, error: Exception) -> Answer:
        """Django's own page; the reason goes to the log."""
        log.warning("%s %s is a bad request: %s", visit.method, visit.shown, error)
        return Answer(HTTPStatus.BAD_REQUEST, (HTML,), BAD_REQUEST)

    def failed(self, visit: Visit, error: Exception) -> Answer:
        """What an exception becomes."""
        return self._answer(visit, error)

    def of_exception(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """What a handler's exception becomes; the reason goes to the log, not to the visitor."""
        visit: Visit = request.scope[SCOPE_KEY]  # type: ignore[literal-required]
        answer = self._answer(visit, error)
        headers = dict(answer.headers)
        del headers["content-type"]
        return Response(
            answer.body, status_code=answer.status, media_type="text/html", headers=headers
        )

    def _answer(self, visit: Visit, error: Exception) -> Answer:
        match error:
            case RefusedError():
                return error.answer
            case RobotError():
                return self._robot(visit, error)
            case PermissionDeniedException():
                return Answer(
                    HTTPStatus.FORBIDDEN, (HTML,), self._templates.render("403.html", visit, {})
                )
            case UnreadableSessionError() | ContractsMissingError() | NotOwnerError():
                return self._legacy_knows(visit, error)
            case FormError() | DisallowedRedirectError() | SessionInterruptedError():
                return self.bad_request(visit, error)
            case VisitorLeftError():
                return self._plain(HTTPStatus.INTERNAL_SERVER_ERROR, visit)  # for nobody
        if isinstance(error, HTTPException) and error.status_code < 500:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return self.not_found(visit)
            return self._plain(HTTPStatus(error.status_code), visit)
        if says_database_down(error):
            log.error("%s %s: no database: %s", visit.method, visit.shown, _cause(error))
            return self._plain(HTTPStatus.SERVICE_UNAVAILABLE, visit)
        log.error("%s %s failed", visit.method, visit.shown, exc_info=error)
        return self._plain(HTTPStatus.INTERNAL_SERVER_ERROR, visit)

    def _robot(self, visit: Visit, error: RobotError) -> Answer:
        body = self._templates.render(
            "honeypot/honeypot_error.html", visit, {"fieldname": error.field}
        )
        return Answer(HTTPStatus.BAD_REQUEST, (HTML,), body)

    def _legacy_knows(self, visit: Visit, error: Exception) -> Answer:
        """Only the legacy site can answer; this is for when it cannot be asked."""
        visit.legacy_knows = True
        log.error("%s %s is the legacy site's to answer: %s", visit.method, visit.shown, error)
        answer = self._plain(HTTPStatus.SERVICE_UNAVAILABLE, visit)
        if not isinstance(error, NotOwnerError):
            return answer
        return replace(answer, headers=(*answer.headers, ("retry-after", str(RETRY_SECONDS))))

    def _plain(self, status: HTTPStatus, visit: Visit) -> Answer:
        """A page that needs nothing but itself."""
        body = self._templates.render("500.html", visit, {"status": status})
        return Answer(status, (HTML,), body)


def _cause(error: Exception) -> str:
    """Some errors of a time-out have no text."""
    return str(error) or type(error).__name__
