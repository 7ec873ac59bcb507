"""How an answer leaves: the visitor's cookies and session, the site's headers, no body for HEAD."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from litestar.types import HTTPResponseStartEvent, Message, Send

from legacy_bridge.django.sessions.store import SessionInterruptedError
from ported_domains.shared.errorpages import ErrorPages
from ported_domains.shared.manners import Answer, with_site_headers
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.closing import settle
from ported_domains.shared.visitors.state import VisitorState

NOT_FOUND_KEY = "strangler.not_found"
"""In the scope: the legacy side is to be asked instead, if it may be."""

Head = list[tuple[bytes, bytes]]


class Leaving:
    """One answer on its way. What fails on the way out is answered for instead."""

    def __init__(
        self,
        scope: dict[str, Any],
        visit: Visit,
        visitor: VisitorState | None,
        pages: ErrorPages,
        send: Send,
    ) -> None:
        self._scope = scope
        self._visit = visit
        self._visitor = visitor
        self._pages = pages
        self._send = send
        self._replaced = False

    async def send(self, message: Message) -> None:
        """A handler's answer, piece by piece."""
        if message["type"] == "http.response.start":
            await self._begin(message)
            return
        if self._replaced:
            return
        if message["type"] == "http.response.body" and self._visit.method == "HEAD":
            message["body"] = b""
        await self._send(message)

    async def respond(self, answer: Answer) -> None:
        """An answer that no handler made."""
        if answer.plain:
            await self._whole(answer, _head(answer))
            return
        settled = await self._settled(answer.status, _head(answer))
        if isinstance(settled, Answer):
            await self._instead(settled)
        else:
            await self._whole(answer, with_site_headers(settled, self._visit.path))

    async def _begin(self, message: HTTPResponseStartEvent) -> None:
        status = message["status"]
        if status == HTTPStatus.NOT_FOUND and (found := await self._beyond()) is not None:
            self._replaced = True
            await self.respond(found)
            return
        settled = await self._settled(status, list(message["headers"]))
        if isinstance(settled, Answer):
            self._replaced = True
            await self._instead(settled)
            return
        self._tell(missed=status == HTTPStatus.NOT_FOUND)
        message["headers"] = with_site_headers(settled, self._visit.path)
        await self._send(message)

    async def _beyond(self) -> Answer | None:
        """What the path means where a handler found nothing."""
        if self._visit.unmatched:
            return None
        try:
            return await self._pages.beyond.ask(self._visit, self._visitor)
        except Exception as error:
            return await self._pages.failed(self._visit, self._visitor, error)

    def _tell(self, *, missed: bool) -> None:
        """The edge, which asks the legacy side then."""
        visit = self._visit
        if visit.legacy_knows or (missed and visit.last_word != "native"):
            self._scope[NOT_FOUND_KEY] = True

    async def _settled(self, status: int, head: Head) -> Head | Answer:
        """The head with what the visitor gets, or the answer that has to be given instead."""
        if self._visitor is None:
            return head
        try:
            return await settle(self._visitor, status, head)
        except SessionInterruptedError as error:
            return replace(self._pages.bad_request(self._visit, error), plain=True)
        except Exception as error:
            return await self._pages.failed(self._visit, self._visitor, error)

    async def _instead(self, answer: Answer) -> None:
        """Nothing of the visitor's is kept or given back with it."""
        head = _head(answer)
        await self._whole(
            answer, head if answer.plain else with_site_headers(head, self._visit.path)
        )

    async def _whole(self, answer: Answer, head: Head) -> None:
        self._tell(missed=answer.missed)
        head.append((b"content-length", str(len(answer.body)).encode()))
        body = b"" if self._visit.method == "HEAD" else answer.body
        await self._send({"type": "http.response.start", "status": answer.status, "headers": head})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


def _head(answer: Answer) -> Head:
    return [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
