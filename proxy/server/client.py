"""One client's connection: requests in turn, each read, answered by its course, and recorded.

    ┌▶ head, body    read (incoming.py)                        → course
    │  answer        start, pieces, end                        ← course
    │  record        one line in the log, the counts
    └─ again         the next request, pipelined or not; or linger and close

It knows no routing and no upstream.
"""

import socket
from time import monotonic

from proxy.net.clock import NEVER
from proxy.net.link import AHEAD
from proxy.server.incoming import Incoming
from proxy.server.refusal import refused
from proxy.server.request import Request, Switched
from proxy.server.serving import IDLE_GRACE, Serving
from proxy.wire.answer import UNSIZED, own_answer
from proxy.wire.chunks import LAST_CHUNK, ChunkedBody, SizedBody, framed
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import CHUNKED
from proxy.wire.request import Plan

_CLOSE = b"Connection: close\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"


class Client(Incoming):
    """Answers what `Incoming` reads.

    `memo` is for the course: what it made of the plan in `memo_of`, the fields of most requests on
    a connection being the same.
    """

    __slots__ = ("_chunked", "memo", "memo_of")

    def __init__(
        self, sock: socket.socket, peer: str, port: int, *, trusted: bool, serving: Serving
    ) -> None:
        super().__init__(sock, peer, port, trusted=trusted, serving=serving)
        self.memo = b""
        self.memo_of: Plan | None = None
        self._chunked = False

    def begin(self, method: bytes, target: bytes, minor: int, plan: Plan, rest: bytes) -> None:
        now = monotonic()
        self.request = request = Request(method, target, minor, plan, self.peer, now)
        self._answering = True
        self._empty_lines = 0
        self._closing = plan.close
        self._buffer = rest
        self.due = NEVER
        if plan.length:
            self._body = ChunkedBody() if plan.length == CHUNKED else SizedBody(plan.length)
            self._wanted = False
            if len(rest) > AHEAD:
                self.pause()
        self.serving.answer(self, request)

    def refuse(self, error: MalformedError, method: bytes = b"-", target: bytes = b"-") -> None:
        """Answer with the error's status, say why in the log only, and read no further request."""
        self.request = refused(error, method, target, self.peer)
        self._answering = True
        self._closing = True
        self.serving.refused(error.status)
        self.send_whole(*own_answer(error.status))

    # an answer

    def send_whole(self, start: bytes, body: bytes) -> None:
        """The whole answer; `start` says its length, or it has none."""
        request = self.request
        request.sent = len(body)
        if self._closing or self._body is not None or self.serving.draining:
            self._closing = True
            start += _CLOSE
        self.write(b"%bX-Request-ID: %b\r\n%b\r\n%b" % (start, request.id, request.stamp, body))
        self._finish()

    def send_own(self, start: bytes, body: bytes, *, head_only: bool) -> None:
        """An answer of the proxy's own; to HEAD its head only."""
        self.send_whole(start, b"" if head_only else body)

    def send_start(self, start: bytes, length: int, piece: bytes, *, whole: bool = False) -> None:
        """`length` as of an `AnswerPlan`; `piece` is what there is of the body already, or all."""
        request = self.request
        self._chunked = False
        if length in (CHUNKED, UNSIZED):
            if request.minor:
                self._chunked = True
                start += _CHUNKED
            else:
                self._closing = True
        if self._closing or self._body is not None or self.serving.draining:
            self._closing = True
            start += _CLOSE
        head = b"%bX-Request-ID: %b\r\n%b\r\n" % (start, request.id, request.stamp)
        if piece:
            request.sent = len(piece)
            head += framed(piece) if self._chunked else piece
        if not whole:
            self._write(head)
            return
        self.write(head + LAST_CHUNK if self._chunked else head)
        self._finish()

    def send_piece(self, piece: bytes) -> None:
        self.request.sent += len(piece)
        self._write(framed(piece) if self._chunked else piece)

    def send_end(self) -> None:
        if self._chunked:
            self.write(LAST_CHUNK)
        self._finish()

    def keep_no_longer(self) -> None:
        """The answer is the connection's last."""
        self._closing = True

    def send_interim(self, start: bytes) -> None:
        """RFC 9110 §15.2: never to a client of HTTP/1.0."""
        if self.request.minor:
            self._write(start + b"\r\n")

    def interrupt(self) -> None:
        """The answer broke off: only a connection cut off says so (RFC 9112 §8)."""
        self._record(monotonic())
        self.course = None
        self.abort()

    def forget(self) -> None:
        """The client left before its answer was complete."""
        self._record(monotonic())
        self.course = self.switched = None
        self.close()

    def switch(self, start: bytes, switched: Switched) -> bytes:
        """101: from now on octets pass as they come. Returns those that have come already."""
        self.course = None
        self.switched = switched
        request = self.request
        self.write(b"%bX-Request-ID: %b\r\n%b\r\n" % (start, request.id, request.stamp))
        data, self._buffer = self._buffer, b""
        self.resume()
        return data

    def end_switched(self) -> None:
        """Both ends are done; what waits for the client still goes out."""
        now = monotonic()
        self._record(now)
        self.switched = None
        self.linger(now)

    def _write(self, data: bytes) -> None:
        self.write(data)
        if self.waiting and self.due == NEVER:
            self.due = monotonic() + self.serving.config.client_timeout

    def progressed(self) -> None:
        self.due = monotonic() + self.serving.config.client_timeout

    def drained(self) -> None:
        listener = self.course or self.switched
        if listener is not None:
            self.due = NEVER
            if self._body is not None and self._wanted:
                self.due = monotonic() + self.serving.config.client_timeout
            listener.client_ready()
        elif not self._lingering:
            self._await_next(monotonic())

    # the end of a request

    def _finish(self) -> None:
        now = monotonic()
        self._record(now)
        self.course = None
        if self.closed:
            return
        if self._closing:
            self.linger(now)
        elif self.waiting > AHEAD:  # no further answer before this one was taken
            self.due = now + self.serving.config.client_timeout
            self.pause()
        else:
            self._await_next(now)

    def _await_next(self, now: float) -> None:
        # In a drain, one whose answer did not say so yet is told to close with the next one.
        self.due = now + (IDLE_GRACE if self.serving.draining else self.serving.config.keepalive)
        if self._buffer or self.paused:
            self.resume()
            self.serving.loop.call_soon(self._read_next)

    def _record(self, now: float) -> None:
        if self._answering:
            self._answering = False
            self.serving.record(self.request, now)

    def _read_next(self) -> None:
        if self._buffer and not (self.course or self.switched or self.closed or self._lingering):
            data, self._buffer = self._buffer, b""
            self._read_head(data)

    def linger(self, now: float) -> None:
        """No more requests: let what waits go out, and the client read it before we close."""
        self._lingering = True
        self._buffer = b""
        self.due = now + (
            self.serving.config.client_timeout if self.waiting else self.serving.config.linger
        )
        self.resume()
        self.end()

    def _shut(self) -> None:
        self.due = monotonic() + self.serving.config.linger
        super()._shut()

    @property
    def idle(self) -> bool:
        """Between two requests, with nothing of the next."""
        return not (self.course or self.switched or self._buffer or self._lingering)

    def late(self, now: float) -> None:
        course = self.course or self.switched
        if course is None:
            if self.waiting:
                self.abort()  # it did not take its answer whole, and must not believe it has
            elif self._buffer:
                self.refuse(TooLargeError("the head took too long", 408))
            elif self._lingering:
                self.close()
            else:  # a request may be on its way: a reset would hide that it was not answered
                self.linger(now)
        else:
            if self.waiting:
                self.abort()
            course.client_failed("late")
