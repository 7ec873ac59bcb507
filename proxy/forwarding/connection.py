"""One connection to the upstream: one exchange at a time, and it knows whether it is clean."""

import socket
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from proxy.forwarding.faults import Cause
from proxy.net.clock import NEVER
from proxy.net.link import RECEIVE, Link
from proxy.net.poller import WRITE
from proxy.net.tls import Secured
from proxy.wire.answer import LONGEST_HEAD, UNSIZED, AnswerPlan, check_unfinished, read_answer
from proxy.wire.chunks import Body, ChunkedBody, SizedBody, UnsizedBody
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import CHUNKED

if TYPE_CHECKING:
    from proxy.forwarding.pool import Pool

MOST_INTERIM = 32
"""1xx answers before the final one."""


class Asker(Protocol):
    """Who leased the connection, told what comes. After `answered_whole`, `answer_ended` or
    `upstream_failed` nothing more is told."""

    def interim(self, plan: AnswerPlan, rest: bytes) -> None:
        """A 1xx. After 101 nothing is read any more as HTTP; `rest` came behind it."""

    def answered_whole(self, plan: AnswerPlan, body: bytes) -> None: ...

    def answered(self, plan: AnswerPlan, length: int, piece: bytes, *, whole: bool) -> None:
        """The head, and what came of the body with it. Unless `whole`, more follows."""

    def answer_piece(self, piece: bytes) -> None: ...

    def answer_ended(self) -> None: ...

    def upstream_failed(self, cause: Cause) -> None:
        """Nothing more will come, and the answer is not complete."""

    def upstream_ready(self) -> None:
        """What waited for the upstream was taken."""

    def give_way(self, now: float) -> None:
        """Others wait: let go of the connection if it is the client that keeps it from moving."""


class Relay(Protocol):
    """Who takes the octets of a connection after a change of protocol."""

    def from_upstream(self, data: bytes) -> None: ...

    def upstream_ended(self) -> None: ...

    def upstream_failed(self, cause: Cause) -> None: ...

    def upstream_ready(self) -> None: ...


class Connection(Link):
    """States: idle (no asker) → asked → answered → idle; or switched; or closed for good."""

    __slots__ = (
        "_body",
        "_buffer",
        "_head_only",
        "_interims",
        "_known",
        "_known_plan",
        "_plan",
        "_tls",
        "asker",
        "doubtful",
        "exchanges",
        "patience",
        "pool",
        "pool_counts",
        "relay",
        "reusable",
        "silent",
        "untouched",
    )

    def __init__(self, sock: socket.socket | Secured, pool: "Pool") -> None:
        tls = self._tls = sock if isinstance(sock, Secured) else None
        super().__init__(sock.sock if isinstance(sock, Secured) else sock, pool.poller, pool.clock)
        if tls is not None:
            self.send, self.receive = tls.send, tls.recv
        self.pool = pool
        self.pool_counts = True
        self.asker: Asker | None = None
        self.exchanges = 0
        self.doubtful = False  # what may still come would look like the next answer
        self.silent = True  # not an octet of an answer came
        self.untouched = False  # not an octet of the request was taken
        self.reusable = False
        self.relay: Relay | None = None
        self.patience = 0.0
        self._buffer = b""
        self._head_only = False
        self._interims = 0
        self._plan: AnswerPlan | None = None
        self._body: Body | None = None
        self._known: bytes | None = None
        self._known_plan: AnswerPlan | None = None

    def ask(
        self, asker: Asker, data: bytes, now: float, patience: float, *, head_only: bool
    ) -> None:
        """Send the first octets of a request. The answer to HEAD is a head only.

        `patience` in seconds: until the head, then between pieces of the body.
        """
        self.asker = asker
        self.exchanges += 1
        self.doubtful = False
        self.silent = True
        self.reusable = False
        self.untouched = True
        self._interims = 0
        self._head_only = head_only
        self._plan = None
        self._body = None
        self.patience = patience
        self.due = now + patience
        self.write(data)
        self.untouched = False

    def switch(self, relay: Relay) -> None:
        """Octets pass as they come; the connection is never used again."""
        self.asker = None
        self.relay = relay
        self.due = NEVER

    def quiet(self) -> bool:
        """Open, with nothing to read that nobody asked for: costs a system call.

        For a request that must not be sent twice, since the loop may not have seen the end yet.
        """
        if self._tls is not None:
            return self._tls.quiet()
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def _shut(self) -> None:
        """Under TLS our end is a close alert, which may have to wait as any octets."""
        if self._tls is None:
            super()._shut()
            return
        try:
            self._tls.end()
        except BlockingIOError:
            self._out.append(b"")
            self._watch(self._events | WRITE)
        except OSError:
            self.lost()

    # what comes

    def read(self) -> None:
        """What has come; under TLS also the end behind it, of which the kernel knows no more."""
        while True:
            try:
                data = self.receive(RECEIVE)
            except BlockingIOError:
                return
            except OSError:
                self._failed(Cause.CLOSED)
                return
            self._take(data)
            if len(data) == RECEIVE:
                self.doubtful = True
            tls = self._tls
            if tls is None:
                return
            self.doubtful = True  # half a record may be here
            if self.closed or not (data and tls.pending()):
                return

    def _take(self, data: bytes) -> None:
        asker = self.asker
        if asker is None:
            self._take_switched(data)
        elif not data:
            self._ended(asker)
        elif self._plan is None:
            self.silent = False
            self._read_head(asker, self._buffer + data if self._buffer else data)
        else:
            self._read_body(asker, data)

    def _take_switched(self, data: bytes) -> None:
        if self.relay is None:  # idle: an end, or an answer to no question
            self.pool.drop(self)
        elif data:
            self.relay.from_upstream(data)
        else:
            self.relay.upstream_ended()

    def _read_head(self, asker: Asker, data: bytes) -> None:
        end = data.find(b"\r\n\r\n")
        try:
            if end < 0:
                check_unfinished(data, len(self._buffer))
                self._buffer = data
                return
            head = data[: end + 2]
            if head == self._known and self._known_plan is not None:
                plan = self._known_plan
            else:
                if end + 2 > LONGEST_HEAD:
                    raise TooLargeError("the head is too long")
                plan = read_answer(head)
                self._known, self._known_plan = head, plan
        except MalformedError as error:
            self._failed(Cause.LIMIT if isinstance(error, TooLargeError) else Cause.INVALID)
            return
        self._buffer = b""
        rest = data[end + 4 :]
        if plan.status < 200:
            self._pass_interim(asker, plan, rest)
            return
        self._plan = plan
        length = 0 if self._head_only or plan.status in (204, 304) else plan.length
        # An upstream that sends a body all the same may send it late (RFC 9110 §9.3.2).
        self.doubtful = self._head_only or plan.status in (204, 304)
        if length == len(rest):
            surplus = plan.status == 204 and plan.length not in (0, UNSIZED)  # it may still come
            self.reusable = plan.keeps and not surplus
            asker.answered_whole(plan, rest)
        else:
            self._begin_body(asker, plan, length, rest)

    def _begin_body(self, asker: Asker, plan: AnswerPlan, length: int, rest: bytes) -> None:
        body: Body
        if length == CHUNKED:
            body = ChunkedBody()
        elif length == UNSIZED:
            body = UnsizedBody()
        else:
            body = SizedBody(length)
        try:
            piece = body.feed(rest) if length else b""
        except MalformedError:
            self._failed(Cause.INVALID)
            return
        self._body = body
        self.due = monotonic() + self.patience
        if not body.done:
            asker.answered(plan, length, piece, whole=False)
            return
        self.reusable = plan.keeps and not (body.rest or length == 0)
        if length == CHUNKED:
            asker.answered(plan, length, piece, whole=True)
        else:  # with surplus octets
            asker.answered_whole(plan, piece)

    def _pass_interim(self, asker: Asker, plan: AnswerPlan, rest: bytes) -> None:
        self._interims += 1
        if self._interims > MOST_INTERIM:
            self._failed(Cause.LIMIT)
            return
        self.due = monotonic() + self.patience
        asker.interim(plan, rest)
        if rest and self.asker is asker and not self.closed:
            self._read_head(asker, rest)

    def _read_body(self, asker: Asker, data: bytes) -> None:
        body, plan = self._body, self._plan
        if body is None or plan is None:
            return
        try:
            piece = body.feed(data)
        except MalformedError:
            self._failed(Cause.INVALID)
            return
        if not body.done:
            self.due = monotonic() + self.patience
        if piece:
            asker.answer_piece(piece)
        if body.done and self.asker is asker:
            self.reusable = plan.keeps and not body.rest
            asker.answer_ended()

    # how it ends

    def _ended(self, asker: Asker) -> None:
        if isinstance(self._body, UnsizedBody):  # RFC 9112 §6.3, rule 8
            asker.answer_ended()
        else:
            self._failed(Cause.CLOSED)

    def _failed(self, cause: Cause) -> None:
        listener = self.asker or self.relay
        if listener is None:
            self.pool.drop(self)
        else:
            listener.upstream_failed(cause)

    def lost(self) -> None:
        """It cannot be written to: what it may have said before is still to be read."""
        listener = self.asker or self.relay
        if listener is None or self.closed or (self.untouched and self.exchanges > 1):
            self._failed(Cause.CLOSED)  # what may be there answers nothing that was asked now
            return
        self._out.clear()
        self.waiting = 0
        while (self.asker or self.relay) is listener and not self.closed:
            try:
                data = self.receive(RECEIVE)
            except OSError:
                break
            if not data and listener is self.relay:
                break  # a tunnel must go both ways
            self._take(data)
            if not data:
                return
        if (self.asker or self.relay) is listener and not self.closed:
            self._failed(Cause.CLOSED)

    def late(self, now: float) -> None:
        self._failed(Cause.LATE)

    def progressed(self) -> None:
        self.due = monotonic() + self.patience

    def drained(self) -> None:
        listener = self.asker or self.relay
        if listener is not None:
            listener.upstream_ready()
