"""One request to the console as its pages see it, and the answer that they give."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import msgspec

from legacy_bridge.django.cookies import parse_cookies
from ported_domains.shared.forms.bodies import FormError
from ported_domains.shared.forms.values import Values
from proxy.edge import TRUSTED_PEER_KEY, VISITOR_KEY
from proxy.server.asgi import Receive, Scope

PREFIX = "/__strangler__/"
LONGEST_FORM = 16 * 1024
"""Octets; the longest form has a reason of a few lines in it."""


class RefusedError(Exception):
    """A request that gets no page: with which status, and why in a sentence for its sender."""

    def __init__(self, status: int, reason: str, *headers: tuple[str, str]) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`path` is what follows the prefix; header names are in small letters, the last value counts.

    `host` is what the visitor's browser calls us. `secure`: it came over TLS, as far as we know.
    """

    method: str
    path: str
    query: Values
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    address: str
    host: str
    secure: bool
    form: Values = field(default_factory=Values)

    @classmethod
    def of(cls, scope: Scope) -> "Asked":
        """Raises `RefusedError`."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in _lines(scope)}
        try:
            query = Values.parse_query(scope["query_string"])
        except FormError:
            raise RefusedError(400, "The query has too many fields.") from None
        claimed = headers.get("x-forwarded-host") if scope[TRUSTED_PEER_KEY] else None
        return cls(
            method=scope["method"],
            path=scope["path"].removeprefix(PREFIX),
            query=query,
            headers=headers,
            cookies=parse_cookies(headers.get("cookie", "").encode("latin-1")),
            address=scope[VISITOR_KEY],
            host=(claimed or headers.get("host", "")).strip().lower(),
            secure=scope["scheme"] == "https",
        )

    @property
    def comes_from_here(self) -> bool:
        """Whether a browser sent it from a page of this host; one always says where from."""
        origin = self.headers.get("origin") or self.headers.get("referer", "")
        try:
            parts = urlsplit(origin)
        except ValueError:  # as for brackets that hold no address
            return False
        schemes = ("https",) if self.secure else ("http", "https")
        return parts.scheme in schemes and parts.netloc.lower() == self.host != ""

    def with_form(self, form: Values) -> "Asked":
        """The same, with what was posted."""
        return replace(self, form=form)


def _lines(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in scope["headers"]]


async def read_form(asked: Asked, receive: Receive) -> Values:
    """The body of a POST. Raises `RefusedError`."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise RefusedError(400, "The form did not come whole.")
        body += message.get("body", b"")
        if len(body) > LONGEST_FORM:
            raise RefusedError(413, "The form is too long.")
        if not message.get("more_body", False):
            break
    try:
        return Values.parse_body(body, asked.headers.get("content-type", ""))
    except FormError:
        raise RefusedError(400, "The form cannot be read.") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` come on top of those that every answer of the console has. `nonce`: what marks the
    page's own script and style; without one there are none."""

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    nonce: str | None = None


def see_other(path: str, *headers: tuple[str, str]) -> Answer:
    """`path` is below the prefix."""
    return Answer(303, b"", headers=(("location", f"{PREFIX}{path}"), *headers))


def as_json(status: int, content: object, *headers: tuple[str, str]) -> Answer:
    body = msgspec.json.format(msgspec.json.encode(content, enc_hook=str), indent=2) + b"\n"
    return Answer(status, body, "application/json", headers)
