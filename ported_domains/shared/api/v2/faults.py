"""What can be wrong with a request to API v2 (api.md C.1 to C.5). All of it is JSON."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any


class FaultError(Exception):
    """An answer with this status, whose body is `data`."""

    def __init__(
        self, status: HTTPStatus, data: Any, headers: dict[str, str] | None = None
    ) -> None:
        self.status = status
        self.data = data
        self.headers = headers or {}


def not_found(model: str | None = None) -> FaultError:
    text = "Not found." if model is None else f"No {model} matches the given query."
    return FaultError(HTTPStatus.NOT_FOUND, {"detail": text})


def no_such_format() -> FaultError:
    """404 before the caller is known: the legacy side then asks the session who it is, and the
    answer says so."""
    return FaultError(HTTPStatus.NOT_FOUND, {"detail": "Not found."}, {"Vary": "Accept, Cookie"})


def not_acceptable() -> FaultError:
    text = "Could not satisfy the request Accept header."
    return FaultError(HTTPStatus.NOT_ACCEPTABLE, {"detail": text})


def invalid(messages: Mapping[str, Sequence[str]]) -> FaultError:
    """Texts by parameter."""
    return FaultError(HTTPStatus.BAD_REQUEST, messages)


def unauthenticated(text: str) -> FaultError:
    return FaultError(HTTPStatus.UNAUTHORIZED, {"detail": text}, {"WWW-Authenticate": "Token"})


def method_not_allowed(method: str) -> FaultError:
    return FaultError(HTTPStatus.METHOD_NOT_ALLOWED, {"detail": f'Method "{method}" not allowed.'})


def throttled(seconds: int) -> FaultError:
    unit = "second" if seconds == 1 else "seconds"
    text = f"Request was throttled. Expected available in {seconds} {unit}."
    return FaultError(HTTPStatus.TOO_MANY_REQUESTS, {"detail": text}, {"Retry-After": str(seconds)})


def uncheckable() -> FaultError:
    text = "Credentials cannot be checked at the moment."
    return FaultError(HTTPStatus.SERVICE_UNAVAILABLE, {"detail": text})


def not_signed_in() -> FaultError:
    return unauthenticated("Authentication credentials were not provided.")


def not_permitted() -> FaultError:
    text = "You do not have permission to perform this action."
    return FaultError(HTTPStatus.FORBIDDEN, {"detail": text})


def unsupported_media_type(kind: str) -> FaultError:
    text = f'Unsupported media type "{kind}" in request.'
    return FaultError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"detail": text})


def unreadable(text: str) -> FaultError:
    return FaultError(HTTPStatus.BAD_REQUEST, {"detail": text})
