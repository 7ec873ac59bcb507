"""What `proxy.forwarding` and `proxy.server` make of an upstream's octets, without sockets.

Every decision is that of `proxy.wire`; here is only their order.
"""

from collections.abc import Iterable
from typing import Literal

from proxy.forwarding.connection import MOST_INTERIM
from proxy.wire.answer import UNSIZED, AnswerPlan, check_unfinished, own_answer, read_answer
from proxy.wire.chunks import LAST_CHUNK, Body, ChunkedBody, SizedBody, UnsizedBody, framed
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import CHUNKED

ID_LINE = b"X-Request-ID: 00000000000000000000000000000001\r\n"
DATE_LINE = b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"

Ending = Literal["waiting", "whole", "failed", "cut"]


class Relay:
    """One upstream's connection during one exchange, and what its client is sent.

    `ending` is failed where the client got an answer of our own instead, and cut where its
    connection is aborted. `reusable`: the upstream's connection is kept.
    """

    def __init__(self, method: bytes = b"GET", minor: int = 1) -> None:
        """Of the request: `minor` is the client's version."""
        self.sent = b""
        self.status = 0
        self.content = b""
        self.ending: Ending = "waiting"
        self.reusable = False
        self.closes = minor == 0
        self._head_only = method == b"HEAD"
        self._minor = minor
        self._buffer = b""
        self._interims = 0
        self._plan: AnswerPlan | None = None
        self._body: Body | None = None
        self._chunked = False

    def feed(self, data: bytes) -> None:
        """Octets as they came."""
        if self.ending != "waiting":
            self.reusable = False  # an answer to no question
            return
        try:
            if self._body is None:
                self._head(self._buffer + data)
            else:
                self._piece(self._body, data)
        except MalformedError:
            self._fail()

    def end(self) -> None:
        """The upstream closed in order."""
        if self.ending != "waiting":
            return
        if isinstance(self._body, UnsizedBody):
            self._finish()
        else:
            self._fail()

    def _head(self, data: bytes) -> None:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            check_unfinished(data)
            self._buffer = data
            return
        plan = read_answer(data[: end + 2])
        self._buffer = b""
        rest = data[end + 4 :]
        if plan.status < 200:
            self._interim(plan)
            if rest:
                self._head(rest)
            return
        self._plan = plan
        length = 0 if self._head_only or plan.status in (204, 304) else plan.length
        body = _body(length)
        piece = body.feed(rest) if rest and length else b""
        self._begin(plan, length)
        self._body = body
        self._send(piece)
        if body.done:
            surplus = body.rest if length else rest
            self.reusable = plan.keeps and not surplus
            self._finish()

    def _interim(self, plan: AnswerPlan) -> None:
        self._interims += 1
        if plan.status == 101:
            raise MalformedError("nobody asked for an upgrade")
        if self._interims > MOST_INTERIM:
            raise TooLargeError("there are too many interim answers")
        if self._minor:
            self.sent += plan.start + b"\r\n"

    def _begin(self, plan: AnswerPlan, length: int) -> None:
        self.status = plan.status
        self._chunked = length in (CHUNKED, UNSIZED) and self._minor == 1
        self.closes = self.closes or (length == UNSIZED and not self._chunked)
        self.sent += plan.start
        if plan.undated:
            self.sent += DATE_LINE
        if self._chunked:
            self.sent += b"Transfer-Encoding: chunked\r\n"
        self._end_head()

    def _end_head(self) -> None:
        self.sent += b"Connection: close\r\n" * self.closes + ID_LINE + b"\r\n"

    def _piece(self, body: Body, data: bytes) -> None:
        piece = body.feed(data)
        self._send(piece)
        if body.done and self._plan is not None:
            self.reusable = self._plan.keeps and not body.rest
            self._finish()

    def _send(self, piece: bytes) -> None:
        if piece:
            self.content += piece
            self.sent += framed(piece) if self._chunked else piece

    def _finish(self) -> None:
        self.ending = "whole"
        if self._chunked:
            self.sent += LAST_CHUNK

    def _fail(self) -> None:
        if self.status:
            self.ending = "cut"
            return
        self.ending = "failed"
        self.status = 502
        start, body = own_answer(502)
        self.sent += start
        self._end_head()
        if not self._head_only:
            self._send(body)


def _body(length: int) -> Body:
    if length == CHUNKED:
        return ChunkedBody()
    return UnsizedBody() if length == UNSIZED else SizedBody(length)


def relayed(pieces: Iterable[bytes], method: bytes = b"GET", minor: int = 1) -> Relay:
    """An answer that came in these pieces, after which the upstream closed."""
    relay = Relay(method, minor)
    for piece in pieces:
        relay.feed(piece)
    relay.end()
    return relay
