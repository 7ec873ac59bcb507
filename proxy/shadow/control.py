"""The legacy side, asked the same once more: as the visitor, and by nothing else than the visitor's
own words."""

import httpx

from proxy.forwarding.watched import MOST_WATCHED
from proxy.parity.answer import Answer
from proxy.shadow.capture import Capture, fields

SECONDS = 10.0
_PATIENCE = httpx.Timeout(SECONDS).as_dict()
CONDITIONS = frozenset(
    (
        *(b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"),
        *(b"if-range", b"range"),
    )
)
"""With these a visitor gets less than the page, which is what is to be compared."""


class UnansweredError(Exception):
    """There is no answer that could be compared; the message says why."""


class Control:
    """Connections to the legacy side, to be closed. No cookies are kept."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=1.0)
        self._transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
        self.close = self._transport.aclose

    async def ask(self, capture: Capture) -> Answer:
        """Raises `UnansweredError`."""
        headers = [pair for pair in fields(_lines(capture.head)) if pair[0] not in CONDITIONS]
        request = httpx.Request(
            capture.method,
            capture.url,
            headers=headers,
            extensions={"target": capture.target, "timeout": _PATIENCE},
        )
        try:
            return await self._answer(request)
        except httpx.HTTPError as error:
            raise UnansweredError(f"the legacy site: {type(error).__name__}") from None

    async def _answer(self, request: httpx.Request) -> Answer:
        response = await self._transport.handle_async_request(request)
        body = bytearray()
        try:
            async for part in response.aiter_raw():
                body += part
                if len(body) > MOST_WATCHED:
                    raise UnansweredError(f"the legacy site sent more than {MOST_WATCHED} octets")
        finally:
            await response.aclose()
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise UnansweredError("the legacy site limits callers (429)")
        return Answer(response.status_code, tuple(response.headers.raw), bytes(body))


def _lines(head: bytes) -> bytes:
    """The fields of a request."""
    return head.partition(b"\r\n")[2]
