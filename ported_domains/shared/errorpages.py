"""The site's own pages for what went wrong (behaviour/site.md §5)."""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException

from ported_domains.shared.database import says_database_down
from ported_domains.shared.manners import BRIEFLY_CACHED, HTML, PER_VISITOR, Answer
from ported_domains.shared.render import Templates
from ported_domains.shared.urls import SCOPE_KEY
from ported_domains.shared.visit import Visit

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
        if isinstance(error, HTTPException) and error.status_code < 500:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return self.not_found(visit)
            return self._plain(HTTPStatus(error.status_code), visit)
        if says_database_down(error):
            log.error("%s %s: no native database: %s", visit.method, visit.path, error)
            return self._plain(HTTPStatus.SERVICE_UNAVAILABLE, visit)
        log.error("%s %s failed", visit.method, visit.path, exc_info=error)
        return self._plain(HTTPStatus.INTERNAL_SERVER_ERROR, visit)

    def _plain(self, status: HTTPStatus, visit: Visit) -> Answer:
        """A page that needs nothing but itself."""
        body = self._templates.render("500.html", visit, {"status": status})
        return Answer(status, (HTML,), body)
