"""One request as Django sees it: its path decoded, its URL resolved."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from litestar.di import NamedDependency
from litestar.types import HTTPScope

from ported_domains.shared.urls import Url


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
    Litestar is handed another. `page` is what was rendered, if a page was: (template, context).
    """

    path: str
    query: bytes
    method: str
    scheme: str
    host: str
    url: Url | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    page: tuple[str, Mapping[str, Any]] | None = None

    @property
    def namespace(self) -> str:
        return self.url.namespace if self.url else ""

    @property
    def origin(self) -> str:
        """`scheme://host`, as this request named the site."""
        return f"{self.scheme}://{self.host}"

    def location_with_slash(self) -> str:
        """Where Django sends a visitor who left out the slash: relative, the query kept."""
        path = quote(self.path, safe="/:@&+$,-_.!~*'()") + "/"
        if path.startswith("//"):  # must not become a network-path reference (RFC 3986, 4.2)
            path = "/%2F" + path[2:]
        query = quote(self.query.decode("latin-1"), safe="/#%[]=:;$&()+,!?*@'~")
        return f"{path}?{query}" if query else path


Visiting = NamedDependency[Visit]


def visit_of(scope: HTTPScope) -> Visit:
    raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
    headers = dict(scope["headers"])
    return Visit(
        path=decode_path(raw_path),
        query=scope["query_string"],
        method=scope["method"],
        scheme=scope["scheme"],
        host=headers.get(b"host", b"").decode("latin-1"),
    )
