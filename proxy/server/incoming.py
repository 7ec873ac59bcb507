"""What a client sends: heads read whole, bodies in pieces, in turn.

    head    read; refused where two readers could differ      → begin, refuse
    body    in pieces, as the course wants them                → course
    else    what comes while a request is answered waits

Which requests are equal to the last one's in all their fields is seen by one comparison.
"""

import socket
from time import monotonic

from proxy.net.clock import NEVER
from proxy.net.link import AHEAD, RECEIVE, Link
from proxy.server.request import Course, Request, Switched
from proxy.server.serving import Serving
from proxy.wire import request as wire
from proxy.wire.chunks import Body
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.request import LONGEST_LINE, Plan, read_plan

LONGEST_KEPT = 4096
"""Octets of fields that an idle connection may keep for its next request."""

MOST_EMPTY_LINES = 2
"""Before a request line (RFC 9112 §2.2)."""

_ordinary_line = wire.ORDINARY_LINE.match


class Incoming(Link):
    """The reading half of a `Client`. `course` is what answers the request under way.

    `_buffer` is what came before its turn.
    """

    __slots__ = (
        "_answering",
        "_block",
        "_body",
        "_buffer",
        "_closing",
        "_empty_lines",
        "_fields_minor",
        "_lingering",
        "_plan",
        "_wanted",
        "course",
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
        self.switched: Switched | None = None
        self._answering = False  # a request is under way that was not recorded yet
        self._buffer = b""
        self._empty_lines = 0
        self._body: Body | None = None
        self._block: bytes | None = None
        self._fields_minor = 1
        self._plan: Plan | None = None
        self._wanted = False
        self._closing = False
        self._lingering = False
        self.due = monotonic() + serving.config.head_timeout

    def begin(self, method: bytes, target: bytes, minor: int, plan: Plan, rest: bytes) -> None:
        """A request was read; `rest` came behind its head."""
        raise NotImplementedError

    def refuse(self, error: MalformedError, method: bytes = b"-", target: bytes = b"-") -> None:
        """What came is no request that we take."""
        raise NotImplementedError

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
        elif self._lingering and self.waiting:
            self.pause()  # it has said all, and is still to hear all
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
                plan = read_plan(block, minor)
            except MalformedError as error:
                self.refuse(error, method, target)
                return
            if len(block) <= LONGEST_KEPT:
                self._block, self._fields_minor, self._plan = block, minor, plan
        self.begin(method, target, minor, plan, data[end + 4 :])

    def _read_unusual_head(self, data: bytes) -> None:
        """In absolute form, after empty lines, not yet whole; or to be refused."""
        while self._empty_lines < MOST_EMPTY_LINES and data.startswith(b"\r\n"):
            self._empty_lines += 1
            data = data[2:]
            self._buffer = self._buffer[2:]  # what of it was looked at before
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
            self.refuse(error, method, target)
            return
        self.begin(method, target, line.minor, plan, data[end + 4 :])

    def _await_head(self, data: bytes) -> None:
        try:
            wire.check_unfinished(data, len(self._buffer))
        except MalformedError as error:
            self.refuse(error)
            return
        if data and not self._buffer:
            self.due = monotonic() + self.serving.config.head_timeout
        self._buffer = data

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
