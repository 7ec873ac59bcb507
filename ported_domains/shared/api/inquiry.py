"""What an API asks of a request, and what it answers with."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from litestar import Request, Response
from litestar.exceptions import ClientException
from litestar.response.base import ASGIResponse

from ported_domains.shared.api.parameters import Parameters
from ported_domains.shared.forms.bodies import TooManyFieldsError
from ported_domains.shared.visit import Visit

UTF_8 = "; charset=utf-8"
HTML = f"text/html{UTF_8}"
TRUSTED_PEER_KEY = "strangler.trusted_peer"
"""In the scope: whether X-Forwarded-For came from one of the site's own front servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One request to an API. Header values are "" or None where the header is absent.

    `body` waits for all of it, and may be asked for again.
    `peer` is the address at the other end of the connection; `forwarded_for` is empty unless it
    came from a front server that is trusted.
    """

    method: str
    path: str
    origin: str
    parameters: Parameters
    body: Callable[[], Awaitable[bytes]]
    content_type: str | None = None
    accept: str | None = None
    authorization: str = ""
    method_override: str | None = None
    peer: str = "noaddr"
    forwarded_for: str = ""

    @classmethod
    def of(cls, request: Request[Any, Any, Any], visit: Visit) -> Self:
        """Raises `ClientException` (400) for more parameters than Django reads."""
        headers, scope = request.headers, request.scope
        trusted = bool(scope.get(TRUSTED_PEER_KEY))
        return cls(
            method=visit.method,
            path=visit.path,
            origin=visit.origin,
            parameters=_parameters(visit.query),
            body=request.body,
            content_type=headers.get("content-type"),
            accept=headers.get("accept"),
            authorization=headers.get("authorization", ""),
            method_override=headers.get("x-http-method-override"),
            peer=request.client.host if request.client else "noaddr",
            forwarded_for=headers.get("x-forwarded-for", "") if trusted else "",
        )


def _parameters(query: bytes) -> Parameters:
    try:
        return Parameters.parse_query(query)
    except TooManyFieldsError as error:
        raise ClientException from error


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A whole answer, before the site's headers are added to it. One without body may have no
    media type."""

    status: int
    body: bytes = b""
    media_type: str | None = HTML
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response[bytes]:
        if self.media_type is None:
            return _Untyped(self.body, status_code=self.status, headers=dict(self.headers))
        is_text = self.media_type.startswith("text/")  # Litestar names its encoding by itself
        return Response(
            self.body,
            status_code=self.status,
            media_type=self.media_type.removesuffix(UTF_8) if is_text else self.media_type,
            headers=dict(self.headers),
        )


class _Untyped(Response[bytes]):
    """Litestar calls JSON what nobody has called anything."""

    def to_asgi_response(self, *args: Any, **options: Any) -> ASGIResponse:
        response = super().to_asgi_response(*args, **options)
        if "content-type" in response.headers:
            del response.headers["content-type"]
        return response
