"""The form in a request's body: Django's `request.POST`, within Django's limits."""

from collections.abc import Mapping
from typing import Any, Final

from litestar.types import HTTPReceiveMessage, Receive

from ported_domains.shared.forms.bodies import MAX_SIZE, TooLargeError
from ported_domains.shared.forms.values import Values
from ported_domains.shared.visit import VisitorLeftError

MOST_WITH_FILES: Final = 32 * 1024 * 1024
"""Octets that the site's front server lets in (behaviour/site.md §3)."""
LARGEST: Final = {
    "application/x-www-form-urlencoded": MAX_SIZE,
    "multipart/form-data": MOST_WITH_FILES,
}
"""Bodies that are forms, and how many octets of them are read."""


class Body:
    """A request's body, which comes once: what was read for the form is there again for a handler
    that wants the octets; it would wait for ever otherwise."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read: bytes | None = None
        self._more = True

    async def receive(self) -> HTTPReceiveMessage:
        """For the handler. `VisitorLeftError` where the rest never comes."""
        if self._read is not None:
            body, self._read = self._read, None
            return {"type": "http.request", "body": body, "more_body": False}
        message: Any = await self._receive()
        if message["type"] == "http.request":
            self._more = message.get("more_body", False)
        elif self._more:
            raise VisitorLeftError("in the middle of a request")
        return message  # type: ignore[no-any-return]

    async def read(self, most: int) -> bytes:
        """All of it, once. Raises `TooLargeError` and `VisitorLeftError`."""
        body = bytearray()
        while self._more:
            message = await self.receive()
            body += message["body"]  # type: ignore[typeddict-item]
            if len(body) > most:
                raise TooLargeError(f"a form of more than {most} octets")
        self._read = bytes(body)
        return self._read


async def read_form(method: str, headers: Mapping[str, str], body: Body) -> Values:
    """Only a POST of a form has any; other bodies are left unread, for their handlers.

    Raises `FormError` for what Django answers with 400.
    """
    content_type = headers.get("content-type", "")
    largest = LARGEST.get(content_type.partition(";")[0].strip().lower())
    if method != "POST" or largest is None:
        return Values()
    return Values.parse_body(await body.read(largest), content_type)
