"""One request as Django sees it: its path decoded, its URL resolved."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from litestar.di import NamedDependency
from litestar.types import HTTPScope, Scope

from legacy_bridge.django.hosts import HostRules, Server, host_of, is_secure
from ported_domains.shared.urls import Url

TRUSTED_PEER_KEY = "strangler.trusted_peer"
"""In the scope: whether what the request says of its way came from a front server of the site."""


LAST_WORD_KEY = "strangler.last_word"
"""In the scope: which side says what a path means that no page has, "legacy" or "native". Where it
is not said the native side says what it knows, and that the other one may know more."""


class VisitorLeftError(OSError):
    """Nobody is there any more to be answered."""


def _percent_again(error: UnicodeError) -> tuple[str, int]:
    """RFC 3987 section 3.2: what is not UTF-8 stays percent-encoded."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(f"%{octet:02X}" for octet in error.object[error.start : error.end]), error.end


codecs.register_error("percent-again", _percent_again)


def decode_path(raw_path: bytes) -> str:
    """Path of a request line as Django's `request.path`."""
    return unquote_to_bytes(raw_path).decode("utf-8", errors="percent-again")


@dataclass(slots=True)
class Visit:
    """What handlers and templates may ask about the request beyond Litestar's own.

    `path` is decoded; `query` is raw, without "?". `method` is the one that came in, also where
    Litestar is handed another. `host` is empty where the site goes by no such name. `page` is what
    was rendered, if a page was: (template, context).
    """

    path: str
    query: bytes
    method: str
    scheme: str
    host: str
    url: Url | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    page: tuple[str, Mapping[str, Any]] | None = None
    last_word: str | None = None
    """As `LAST_WORD_KEY` says."""
    read_tables: set[str] = field(default_factory=set)
    """Tables that the answer was made from beside those of the route's domain."""
    unmatched: bool = False
    """Whether no handler has the path."""
    fell_back: bool = False
    """Whether it was asked what else the path may mean."""
    found_beyond: bool = False
    """Whether that was what the answer is."""
    legacy_knows: bool = False
    """Set where only the legacy site can answer rightly; it is asked instead, if it can be."""
    good_for: float = inf
    """Seconds that what a handler says holds, as far as it is made of more than rows: a route that
    is `kept` lowers it where it shows the time, or what was heard elsewhere."""

    @property
    def namespace(self) -> str:
        return self.url.namespace if self.url else ""

    @property
    def origin(self) -> str:
        """`scheme://host`, as this request named the site."""
        return f"{self.scheme}://{self.host}"

    @property
    def shown(self) -> str:
        """The path for a line of a log."""
        return quote(self.path)

    @property
    def full_path(self) -> str:
        """Path and query as they were asked for: Django's `get_full_path()`. No link: with two
        slashes at its beginning it would lead to another host."""
        return self._with_query(_encoded(self.path))

    def location_with_slash(self) -> str:
        """Where Django sends a visitor who left out the slash: relative, the query kept."""
        path = _encoded(f"{self.path}/")
        if path.startswith("//"):  # must not become a network-path reference (RFC 3986, 4.2)
            path = "/%2F" + path[2:]
        return self._with_query(path)

    def _with_query(self, path: str) -> str:
        query = quote(self.query.decode("latin-1"), safe="/#%[]=:;$&()+,!?*@'~")
        return f"{path}?{query}" if query else path


def _encoded(path: str) -> str:
    return quote(path, safe="/:@&+$,-_.!~*'()")


Visiting = NamedDependency[Visit]


def visit_of(scope: HTTPScope, headers: Mapping[str, str], rules: HostRules | None) -> Visit:
    """`headers` are those of `headers_of`. Without rules any host is ours."""
    raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
    scheme, host = scope["scheme"], headers.get("host", "")
    if rules is not None:
        scheme, host = _as_django_sees(scope, headers, rules)
    return Visit(
        path=decode_path(raw_path),
        query=scope["query_string"],
        method=scope["method"],
        scheme=scheme,
        host=host,
        last_word=scope.get(LAST_WORD_KEY),  # type: ignore[arg-type]
    )


def _as_django_sees(
    scope: HTTPScope, headers: Mapping[str, str], rules: HostRules
) -> tuple[str, str]:
    """Scheme and host. What a peer that is none of ours says beside Host is not looked at: the
    proxy in front of Django replaces it."""
    server = Server(name="", port=0, secure=scope["scheme"] == "https")
    known = {"host": headers.get("host", "")}
    if scope.get(TRUSTED_PEER_KEY):
        known |= headers
    scheme = "https" if is_secure(rules, known, server) else "http"
    return scheme, host_of(rules, known, server) or ""


def headers_of(scope: Scope) -> dict[str, str]:
    """By lower-case name. What came in several lines is joined (RFC 9110, 5.3), as for Django."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers:
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return headers
