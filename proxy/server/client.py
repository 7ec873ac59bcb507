"""One client's connection: requests in turn, each read, answered by its course, and recorded.

    ┌▶ head    read whole; refused where two readers could differ       → course
    │  body    in pieces, as the course wants them                      → course
    │  answer  start, pieces, end                                       ← course
    │  record  one line in the log, the counts
    └─ again   the next request, pipelined or not; or linger and close

It knows no routing and no upstream. What comes while a request is answered waits in `_buffer`.
"""

import socket
from time import monotonic

from proxy.net.clock import NEVER
from proxy.net.link import AHEAD, RECEIVE, Link
from proxy.server.refusal import refuse
from proxy.server.request import Course, Request, Switched
from proxy.server.serving import Serving
from proxy.wire import request as wire
from proxy.wire.answer import UNSIZED
from proxy.wire.chunks import LAST_CHUNK, Body, ChunkedBody, SizedBody, framed
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import CHUNKED
from proxy.wire.request import LONGEST_LINE, Plan, read_plan

_ordinary_line = wire.ORDINARY_LINE.match
_CLOSE = b"Connection: close\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"


class Client(Link):
    """`course` is what answers the request under way; None between requests.

    `memo` is for the course: what it made of the plan in `memo_of`, the fields of most requests on
    a connection being the same.
    """

    __slots__ = (
        "_answering",
        "_block",
        "_body",
        "_buffer",
        "_chunked",
        "_closing",
        "_fields_minor",
        "_lingering",
        "_plan",
        "_wanted",
        "course",
        "memo",
        "memo_of",
        "peer",
        "port",
        "request",
        "serving",
        "switched",
        "trusted",
    )

    request: Request

    def __init__(
        self, sock: socket.socket, peer: str, port: int, *, trusted: bool, serving: Serving
    ) -> None:
        """`trusted`: the peer is one of our own front servers."""
        super().__init__(sock, serving.poller, serving.clock)
        self.serving = serving
        self.peer = peer
        self.port = port
        self.trusted = trusted
        self.course: Course | None = None
        self.memo = b""
        self.memo_of: Plan | None = None
        self._answering = False  # a request is under way that was not recorded yet
        self._buffer = b""
        self._body: Body | None = None
        self._block: bytes | None = None
        self._fields_minor = 1
        self._plan: Plan | None = None
        self._wanted = False
        self._chunked = False
        self._closing = False
        self._lingering = False
        self.switched: Switched | None = None
        self.due = monotonic() + serving.config.head_timeout

    # what comes

    def read(self) -> None:
        try:
            data = self.receive(RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            self.lost()
            return
        if not data:
            self._ended()
        elif self.course is None:
            if self.switched is not None:
                self.switched.from_client(data)
            elif not self._lingering:
                self._read_head(self._buffer + data if self._buffer else data)
        elif self._body is not None and self._wanted:
            self._read_body(data)
        else:
            self._keep(data)

    def _keep(self, data: bytes) -> None:
        """Not its turn yet. Reading on, within bounds, is how a client that leaves is noticed."""
        self._buffer += data
        if len(self._buffer) > AHEAD:
            self.pause()

    def _ended(self) -> None:
        if self.switched is not None:
            self.switched.client_ended()
        else:
            self.lost()

    def lost(self) -> None:
        """The client is gone; half of it counts as all of it."""
        listener = self.course or self.switched
        self.close()
        if listener is not None:
            listener.client_failed("closed")

    def close(self) -> None:
        if not self.closed:
            super().close()
            self.serving.gone(self)

    # a head

    def _read_head(self, data: bytes) -> None:
        line = _ordinary_line(data)
        if line is None:
            self._read_unusual_head(data)
            return
        size = line.end()
        end = data.find(b"\r\n\r\n", size - 2)
        if end < 0 or size > LONGEST_LINE:
            self._await_head(data)
            return
        method, target, digit = line.groups()
        minor = 0 if digit == b"0" else 1
        block = data[size : end + 2]
        if block == self._block and minor == self._fields_minor and self._plan is not None:
            plan = self._plan
        else:
            try:
                plan = self._plan = read_plan(block, minor)
            except MalformedError as error:
                refuse(self, error, method, target)
                return
            self._block, self._fields_minor = block, minor
        self._begin(method, target, minor, plan, data[end + 4 :])

    def _read_unusual_head(self, data: bytes) -> None:
        """In absolute form, after empty lines, not yet whole; or to be refused."""
        for _ in range(2):  # RFC 9112 §2.2
            data = data.removeprefix(b"\r\n")
        if data.find(b"\r\n") < 0:
            self._await_head(data)
            return
        method = target = b"-"
        try:
            line = wire.read_unusual_line(data)
            method, target = line.method, line.target
            end = data.find(b"\r\n\r\n", line.size - 2)
            if end < 0:
                self._await_head(data)
                return
            if line.size > LONGEST_LINE:
                raise TooLargeError("the request line is too long", 414)
            plan = read_plan(data[line.size : end + 2], line.minor, line.authority)
        except MalformedError as error:
            refuse(self, error, method, target)
            return
        self._begin(method, target, line.minor, plan, data[end + 4 :])

    def _await_head(self, data: bytes) -> None:
        try:
            wire.check_unfinished(data)
        except MalformedError as error:
            refuse(self, error)
            return
        if data and not self._buffer:
            self.due = monotonic() + self.serving.config.head_timeout
        self._buffer = data

    def _begin(self, method: bytes, target: bytes, minor: int, plan: Plan, rest: bytes) -> None:
        now = monotonic()
        self.request = request = Request(method, target, minor, plan, self.peer, now)
        self._answering = True
        self._closing = plan.close
        self._buffer = rest
        self.due = NEVER
        if plan.length:
            self._body = ChunkedBody() if plan.length == CHUNKED else SizedBody(plan.length)
            self._wanted = False
            if len(rest) > AHEAD:
                self.pause()
        self.serving.answer(self, request)

    # a body

    def want_body(self) -> None:
        """Give the course what came and what comes."""
        self._wanted = True
        self.resume()
        if self._body is not None:
            self.due = monotonic() + self.serving.config.client_timeout
            if self._buffer:
                data, self._buffer = self._buffer, b""
                self._read_body(data)

    def hold_body(self) -> None:
        """The course cannot take more for now: the client waits."""
        if self._body is not None:
            self._wanted = False
            self.due = NEVER
            self.pause()

    @property
    def has_more(self) -> bool:
        """Octets behind the head have come already."""
        return bool(self._buffer)

    def _read_body(self, data: bytes) -> None:
        body, course, request = self._body, self.course, self.request
        if body is None or course is None:
            return
        try:
            content = body.feed(data)
        except MalformedError as error:
            course.client_failed("limit" if isinstance(error, TooLargeError) else "invalid")
            return
        if body.done:
            self._body = None
            self._buffer = body.rest
            self.due = NEVER
        else:
            self.due = monotonic() + self.serving.config.client_timeout
        if content:
            request.received += len(content)
            course.body(content)
        if body.done and self.course is course and self.request is request:
            course.body_ended()

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

    def send_refusal(self, request: Request, start: bytes, body: bytes) -> None:
        """Answer what is no request we take; after it the connection ends."""
        self.request = request
        self._answering = True
        self._closing = True
        self.send_whole(start, body)

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
        if self._answering:
            self._answering = False
            self.serving.record(self.request, now)
        self.course = None
        if self.closed:
            return
        if self._closing or self.serving.draining:
            self.linger(now)
        elif self.waiting > AHEAD:  # no further answer before this one was taken
            self.due = now + self.serving.config.client_timeout
            self.pause()
        else:
            self._await_next(now)

    def _await_next(self, now: float) -> None:
        self.due = now + self.serving.config.keepalive
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
        self.due = now + self.serving.config.linger
        self.resume()
        self.end()

    @property
    def idle(self) -> bool:
        """Between two requests, with nothing of the next."""
        return not (self.course or self.switched or self._buffer or self._lingering)

    def late(self, now: float) -> None:
        course = self.course or self.switched
        if course is None:
            if self._buffer:
                refuse(self, TooLargeError("the head took too long", 408))
            else:
                self.close()
        elif self.waiting:
            self.abort()
            course.client_failed("late")
        else:
            course.client_failed("late")
