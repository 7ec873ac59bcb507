"""The answer on its way back: stamped with who gave it, and counted."""

from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_STARTS = frozenset(("http.response.start", "websocket.accept", "websocket.http.response.start"))
_STAMPS = frozenset((b"strangler-owner", b"strangler-domain", b"x-request-id"))


class Answer:
    """Passes ASGI messages on. Status 0 means that no answer was begun."""

    __slots__ = ("_request_id", "_send", "_stamped", "domain", "owner", "sent", "status")

    def __init__(self, send: Send, request_id: str, *, stamped: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._stamped = stamped
        self.owner = "proxy"
        self.domain: str | None = None
        self.status = 0
        self.sent = 0

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind in _STARTS:
            self.status = message.get("status", 101)
            message = {**message, "headers": self._stamp(message.get("headers") or ())}
        elif kind == "http.response.body":
            self.sent += len(message.get("body", b""))
        await self._send(message)

    def _stamp(self, headers: Any) -> list[tuple[bytes, bytes]]:
        """Only this proxy says who answered: the same names from behind are dropped."""
        stamped = [(name, value) for name, value in headers if name not in _STAMPS]
        stamped.append((b"x-request-id", self._request_id.encode("ascii")))
        if self._stamped:
            stamped.append((b"strangler-owner", self.owner.encode("ascii")))
            if self.domain is not None:
                stamped.append((b"strangler-domain", self.domain.encode("ascii")))
        return stamped


class Held:
    """Keeps a whole answer back when its start calls for it; else it is not in the way."""

    def __init__(self, send: Send, when: Callable[[int], bool]) -> None:
        self._send = send
        self._when = when
        self._messages: list[Message] = []
        self.held = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.held = self._when(message["status"])
        if self.held:
            self._messages.append(message)
        else:
            await self._send(message)

    async def release(self) -> None:
        """Send what was kept back."""
        messages, self._messages = self._messages, []
        for message in messages:
            await self._send(message)
