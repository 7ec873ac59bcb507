"""What Django answers by itself, before and around the views (behaviour/site.md §2, §3, §7).

Pure: the visit and the URL table give either the handler that answers, or what the answer is.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus

from ported_domains.shared.resolver import Endpoint, Urls
from ported_domains.shared.visit import Visit

HTML = ("content-type", "text/html; charset=utf-8")
BRIEFLY_CACHED = ("cache-control", "max-age=300")
PER_VISITOR = ("vary", "Cookie")
# A name or address as Django takes it (RFC 9110, 7.2); underscores are not for host names.
_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[A-Fa-f0-9:.]+\])(?::[0-9]+)?")
BAD_REQUEST = b"<h1>Bad Request (400)</h1>"
"""Django's own page; the site has none."""
GLOBAL_SURROGATE_KEY = "pydotorg-app"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "form-action 'self'",
    )
)

Headers = tuple[tuple[str, str], ...]


class Refusal(Enum):
    """Requests that get a page of the site's own instead of a handler's answer."""

    NOT_FOUND = auto()
    CSRF = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `plain` ones carry none of the site's headers; `missed` ones are the
    native side's last word only if nobody else knows the path."""

    status: int
    headers: Headers
    body: bytes = b""
    plain: bool = False
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Dispatch:
    """`key` is the Litestar path of the handler."""

    key: str


def resolve(urls: Urls, visit: Visit) -> Endpoint | Answer | Refusal:
    """What answers at this path. Sets the visit's URL and arguments when it means one.

    The order is Django's: the host is looked at first, a path that means nothing is a 404
    whatever the method, and a missing CSRF token is found before the view looks at the method.
    """
    if _HOST.fullmatch(visit.host) is None:
        return Answer(HTTPStatus.BAD_REQUEST, (HTML,), BAD_REQUEST, plain=True)
    found = urls.resolve(visit.path)
    if found is None:
        visit.unmatched = True
        return _unmatched(urls, visit)
    visit.url, visit.arguments = found.endpoint.url, found.arguments
    return found.endpoint


def dispatch(endpoint: Endpoint, method: str) -> Dispatch | Answer:
    """Who of the endpoint answers this method."""
    key = endpoint.key_for(method)
    return Dispatch(key) if key else _refuse_method(endpoint, method)


def _unmatched(urls: Urls, visit: Visit) -> Answer | Refusal:
    if visit.path.endswith("/") or urls.resolve(visit.path + "/") is None:
        return Refusal.NOT_FOUND
    return Answer(
        HTTPStatus.MOVED_PERMANENTLY,
        (HTML, PER_VISITOR, ("location", visit.location_with_slash())),
        plain=True,
        missed=True,
    )


def _refuse_method(endpoint: Endpoint, method: str) -> Answer:
    status = HTTPStatus.OK if method == "OPTIONS" else HTTPStatus.METHOD_NOT_ALLOWED
    return Answer(status, (HTML, ("allow", ", ".join(endpoint.allowed))))


Head = list[tuple[bytes, bytes]]


def with_site_headers(head: Head, path: str) -> Head:
    """`head` with what every answer of the site has, but for the one that adds a slash."""
    if path.startswith("/admin"):  # and so /administrator, too
        head = [field for field in head if field[0].lower() != b"cache-control"]
        head.append((b"cache-control", b"private"))
    return [*head, (b"surrogate-key", _surrogate_key(path)), *_SAME_FOR_ALL]


def _surrogate_key(path: str) -> bytes:
    first_segment = path.lstrip("/").partition("/")[0]
    if not first_segment.isprintable():  # it would not be a header any more
        first_segment = "".join(filter(str.isprintable, first_segment))
    return f"{GLOBAL_SURROGATE_KEY} {first_segment}".rstrip().encode("latin-1", errors="replace")


_SAME_FOR_ALL = (
    (b"content-security-policy-report-only", CONTENT_SECURITY_POLICY.encode()),
    (b"x-frame-options", b"SAMEORIGIN"),
)
