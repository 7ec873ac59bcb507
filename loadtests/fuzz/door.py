"""What `proxy.server` and `proxy.forwarding` do with a client's octets, without sockets.

Every decision is that of `proxy.wire` and `proxy.forwarding.head`; here is only their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from proxy.forwarding.exchange import GATHERED
from proxy.forwarding.head import came_back, hops_line, last_hop, upstream_fields
from proxy.wire import request as wire
from proxy.wire.chunks import LAST_CHUNK, Body, ChunkedBody, SizedBody, framed
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import CHUNKED
from proxy.wire.request import LONGEST_LINE, Plan, RequestLine, read_plan

PEER = "192.0.2.7"
PSEUDONYM = b"strangler-fuzz"
AUTHORITY = b"legacy.internal:8000"
ID_LINE = b"X-Request-ID: 00000000000000000000000000000001\r\n"

EMPTY_LINES = 2
"""Before a request line, at most (RFC 9112 §2.2)."""


@dataclass(slots=True)
class Read:
    """One request. `own` is the status where the proxy answers itself, else 0: it is forwarded.

    `raw` are its octets as they came, without the request line.
    """

    method: bytes
    target: bytes
    minor: int
    plan: Plan
    special: bytes = b""
    own: int = 0
    raw: bytes = b""
    pieces: list[bytes] = field(default_factory=list)
    complete: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def begun(self) -> bool:
        """Some of it goes upstream: small bodies are waited for, so that they go whole or not."""
        if self.own:
            return False
        waits = 0 < self.plan.length <= GATHERED and not self.plan.expects_continue
        return self.complete or not waits

    def forwarded(self, *, trusted: bool = False) -> bytes:
        """What goes upstream."""
        fields = upstream_fields(self.plan, self.minor, PEER, PSEUDONYM, AUTHORITY, trusted=trusted)
        line = b"%b %b HTTP/1.1\r\n" % (self.method, self.target)
        head = line + fields + self.special + ID_LINE + b"\r\n"
        if self.plan.length != CHUNKED:
            return head + self.body
        chunks = b"".join(framed(piece) for piece in self.pieces)
        return head + chunks + (LAST_CHUNK if self.complete else b"")


class Door:
    """One client's connection. `refused` is the status that ended it, or 0."""

    def __init__(self, pseudonym: bytes = PSEUDONYM) -> None:
        self._pseudonym = pseudonym
        self.reads: list[Read] = []
        self.refused = 0
        self.closed = False
        self._buffer = b""
        self._body: Body | None = None
        self._empty_lines = 0

    def feed(self, data: bytes) -> None:
        """Octets as they came."""
        self._buffer += data
        while not self.closed and self._advance():
            pass

    @property
    def between(self) -> bool:
        """All that came was whole requests, and another may follow."""
        return not (self.closed or self._buffer or self._body)

    def _advance(self) -> bool:
        """One head or what there is of one body; whether there may be more to read."""
        try:
            if self._body is None:
                return self._head()
            return self._content(self._body)
        except MalformedError as error:
            self.refused = error.status
            self.closed = True
            return False

    def _head(self) -> bool:
        data = self._buffer
        while data.startswith(b"\r\n") and self._empty_lines < EMPTY_LINES:
            data = data[2:]
            self._empty_lines += 1
        self._buffer = data
        if data.find(b"\r\n") < 0:
            wire.check_unfinished(data)
            return False
        line = read_line(data)
        end = data.find(b"\r\n\r\n", line.size - 2)
        if end < 0:
            wire.check_unfinished(data)
            return False
        if line.size > LONGEST_LINE:
            raise TooLargeError("the request line is too long", 414)
        plan = read_plan(data[line.size : end + 2], line.minor, line.authority)
        self._buffer = data[end + 4 :]
        self._empty_lines = 0
        read = Read(line.method, line.target, line.minor, plan, raw=data[line.size : end + 4])
        self._begin(read)
        return True

    def _begin(self, read: Read) -> None:
        self.reads.append(read)
        if not read.plan.plain:
            look_again(read, self._pseudonym)
        length = read.plan.length
        if length == 0:
            self._complete(read)
        elif read.own:
            self.closed = True  # answered before its body was read
        else:
            self._body = ChunkedBody() if length == CHUNKED else SizedBody(length)

    def _content(self, body: Body) -> bool:
        data, self._buffer = self._buffer, b""
        if not data:
            return False
        read = self.reads[-1]
        try:
            content = body.feed(data)
        except MalformedError as error:
            # The exchange knows the causes only: limit and invalid.
            error.status = 413 if isinstance(error, TooLargeError) else 400
            raise
        read.raw += data.removesuffix(body.rest)
        if content:
            read.pieces.append(content)
        if body.done:
            self._body = None
            self._buffer = body.rest
            self._complete(read)
        return body.done

    def _complete(self, read: Read) -> None:
        read.complete = True
        self.closed = read.plan.close


def read_line(data: bytes) -> RequestLine:
    """The request line that `data` begins with, by the fast way or the other."""
    ordinary = wire.ORDINARY_LINE.match(data)
    if ordinary is None:
        return wire.read_unusual_line(data)
    method, target, digit = ordinary.groups()
    return RequestLine(method, target, 0 if digit == b"0" else 1, None, ordinary.end())


def look_again(read: Read, pseudonym: bytes) -> None:
    """As the forwarder does where a plan is not plain."""
    if read.plan.websocket and read.method != b"GET":
        read.plan = read.plan._replace(websocket=False)
    if came_back(read.plan, pseudonym):
        read.own = 508
        return
    try:
        read.own = last_hop(read.method, read.plan)
        read.special = b"" if read.own else hops_line(read.method, read.plan)
    except MalformedError:
        read.own = 400


def entered(pieces: Iterable[bytes], pseudonym: bytes = PSEUDONYM) -> Door:
    """A door through which these pieces came, one after the other."""
    door = Door(pseudonym)
    for piece in pieces:
        door.feed(piece)
    return door
