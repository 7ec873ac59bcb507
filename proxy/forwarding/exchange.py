"""One HTTP request and its answer, driven by what happens on both connections.

    client ─ body ────▶ ┌──────────┐ ─ head, body ─▶ upstream
                        │ Exchange │
    client ◀─ answer ── └──────────┘ ◀─ head, body ─ upstream

    1 gather    a small body of known length, so that a slow client
                holds no upstream connection                          SEND_BODY
    2 lease     a connection: idle, new, or in line for one           LEASE, CONNECT
    3 ask       head and gathered body in one write
    4 upload    any other body as it comes, beside what follows       SEND_BODY
    5 await     the head of the answer; met a kept connection that
                was just closed → 2, where asking twice is allowed    AWAIT_HEAD
    6 relay     whole? one write; else piece by piece                 RECEIVE_BODY
    7 leave     the connection to the pool when clean, else closed

There is no task and no timer for it. Either side that cannot keep up makes the other wait.
"""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from proxy.forwarding.attempts import Attempts
from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import BEGUN, RETRY_AFTER, STATUS, Cause, Fault, Side, Stage
from proxy.forwarding.pool import GONE
from proxy.forwarding.tunnel import Tunnel
from proxy.net.clock import NEVER
from proxy.net.link import AHEAD
from proxy.server.client import Client
from proxy.server.request import Request
from proxy.wire.answer import AnswerPlan, date_line, own_answer
from proxy.wire.chunks import LAST_CHUNK, framed
from proxy.wire.fields import CHUNKED

if TYPE_CHECKING:
    from proxy.forwarding.forwarder import Forwarder

GATHERED = 64 * 1024
"""Octets of a request body that are waited for before the upstream is asked."""

CONTINUE_WAIT = 1.0
"""Seconds until the client is told to send its body though the upstream said nothing (§10.1.1)."""

_SWITCHED = b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
OPEN = Fault(Stage.LEASE, Side.PROXY, Cause.OPEN)
TOO_LARGE = Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.LIMIT)
# Looked up in the Enum they would cost ten times as much, several times a request.
READ_REQUEST, LEASE, SEND_BODY = Stage.READ_REQUEST, Stage.LEASE, Stage.SEND_BODY
AWAIT_HEAD, RECEIVE_BODY = Stage.AWAIT_HEAD, Stage.RECEIVE_BODY

GRACE = 2.0
PACE = 4096
"""Seconds, and octets a second during them: slower clients lose their upstream connection when
others wait for one."""

log = structlog.get_logger("forwarding")
Fallback = Callable[[], None]


class Exchange(Attempts):
    """Is the course of its client and the asker of its connection.

    `fallback` is called instead of an answer of our own where the upstream fails before its
    answer has begun.
    """

    __slots__ = (
        "_asked_at",
        "_client",
        "_fallback",
        "_head",
        "_looked_at",
        "_moved",
        "_stage",
        "_uploaded",
        "connection",
    )

    def __init__(
        self,
        forwarder: "Forwarder",
        client: Client,
        request: Request,
        head: bytes,
        fallback: Fallback | None,
    ) -> None:
        """`head` is that of the upstream's request, whole."""
        super().__init__(forwarder, request)
        self._client = client
        self._head = head
        self._fallback = fallback
        self._uploaded = request.plan.length == 0
        self._stage: Stage = READ_REQUEST
        self._looked_at = 0.0
        self._moved = 0
        self.connection: Connection | None = None

    # 1 gather

    def begin(self) -> None:
        length = self._request.plan.length
        if length == 0:
            self._lease()
            return
        limit = self._forwarder.config.max_body
        if limit is not None and length > limit:
            self._fail(TOO_LARGE)
        elif 0 < length <= GATHERED and not self._request.plan.expects_continue:
            self._stage = SEND_BODY
            self._gathered = []
            self._client.want_body()
        else:
            self._lease()

    def body(self, content: bytes) -> None:
        """From the client: kept while gathering, else sent on."""
        limit = self._forwarder.config.max_body
        if limit is not None and self._request.received > limit:
            self.client_failed("limit")
            return
        if self._gathered is not None:
            self._gathered.append(content)
            return
        connection = self.connection
        if connection is None:
            return
        connection.write(framed(content) if self._request.plan.length == CHUNKED else content)
        if connection.waiting > AHEAD and self.connection is connection:
            connection.due = monotonic() + connection.patience
            self._client.hold_body()

    def body_ended(self) -> None:
        self._uploaded = True
        connection = self.connection
        if self._gathered is not None:
            self._lease()
        elif connection is not None:
            if self._request.plan.length == CHUNKED:
                connection.write(LAST_CHUNK)
            if self._stage is SEND_BODY and self.connection is connection:
                self._stage = AWAIT_HEAD
                connection.due = monotonic() + connection.patience

    # 2 lease

    def _lease(self, *, fresh: bool = False) -> None:
        self._stage = LEASE
        member = self._choose()
        if member is None:
            self._fail(OPEN)
            return
        pool = member.pool
        while pool.idle and not fresh:
            connection = pool.idle.pop()
            if (self._repeatable and not connection.doubtful) or connection.quiet():
                self.leased(connection)
                return
            pool.drop(connection)
        pool.lease(self)

    # 3 ask

    def leased(self, connection: Connection) -> None:
        if self._uploaded:
            self._stage = AWAIT_HEAD
            data = b"".join((self._head, *self._gathered)) if self._gathered else self._head
        else:
            self._stage = SEND_BODY
            data = self._head
        self.connection = connection
        self._asked_at = now = monotonic()
        connection.ask(
            self,
            data,
            now,
            self._forwarder.config.read_timeout,
            head_only=self._request.method == b"HEAD",
        )
        if not self._uploaded and self.connection is connection:
            self._upload(connection)

    def lease_failed(self, fault: Fault) -> None:
        if fault is GONE:
            self._excuse()
            self._lease()
            return
        if fault.stage is Stage.CONNECT:
            self._blame()
            if self._may_turn_elsewhere():
                self._lease()
                return
        else:
            self._excuse()
        self._fail(fault)

    # 4 upload

    def _upload(self, connection: Connection) -> None:
        if self._request.plan.expects_continue:
            loop = self._forwarder.loop
            loop.call_later(CONTINUE_WAIT, self._encourage, connection)
        else:
            connection.due = NEVER  # it is the client's turn
        self._client.want_body()

    def _encourage(self, connection: Connection) -> None:
        if self.connection is connection and self._stage is SEND_BODY:
            if self._request.received == 0:
                self._client.send_interim(b"HTTP/1.1 100 Continue\r\n")
            connection.due = NEVER

    def upstream_ready(self) -> None:
        connection = self.connection
        if connection is not None and not self._uploaded:
            if self._stage is SEND_BODY:
                connection.due = NEVER
            self._client.want_body()

    # 5 await

    def interim(self, plan: AnswerPlan, rest: bytes) -> None:
        if plan.status == 101:
            self._switch(plan, rest)
        else:
            self._client.send_interim(plan.start)
            if self._stage is SEND_BODY and self.connection is not None:
                self.connection.due = NEVER  # the client's turn

    def _switch(self, plan: AnswerPlan, rest: bytes) -> None:
        """RFC 9110 §15.2.2: only as the answer to the Upgrade that was passed."""
        connection, request = self.connection, self._request
        if connection is None:
            return
        if not request.plan.websocket or _SWITCHED not in plan.start:
            self.upstream_failed(Cause.INVALID)
            return
        self._praise()
        request.status = 101
        request.upstream_seconds = monotonic() - self._asked_at
        self.connection = None
        connection.pool.let_go(connection)
        Tunnel(self._client, connection, self._forwarder.tunnel_patience).begin(plan.start, rest)

    def upstream_failed(self, cause: Cause) -> None:
        connection = self.connection
        if connection is None:
            return
        again = cause is Cause.CLOSED and self._may_ask_again(connection)
        self._leave(clean=False)
        if again:
            self._excuse()
            self._lease(fresh=True)
            return
        if cause in (Cause.CLOSED, Cause.LATE) and self._stage is not RECEIVE_BODY:
            self._blame()
        else:  # it answered, or so badly that one page may be to blame
            self._excuse()
        self._fail(Fault(self._stage, Side.UPSTREAM, cause))

    # 6 relay

    def answered_whole(self, plan: AnswerPlan, body: bytes) -> None:
        request = self._request
        now = monotonic()
        request.status = plan.status
        request.upstream_seconds = now - self._asked_at
        self._praise()
        self._leave(clean=True, now=now)
        start = plan.start + date_line() if plan.undated else plan.start
        self._client.send_whole(start, body)

    def answered(self, plan: AnswerPlan, length: int, piece: bytes, *, whole: bool) -> None:
        request, client = self._request, self._client
        request.status = plan.status
        request.upstream_seconds = monotonic() - self._asked_at
        self._stage = RECEIVE_BODY
        self._praise()
        if whole:
            self._leave(clean=True)
        start = plan.start + date_line() if plan.undated else plan.start
        client.send_start(start, length, piece, whole=whole)
        if not whole:
            self._slow_down()

    def answer_piece(self, piece: bytes) -> None:
        self._client.send_piece(piece)
        if self._client.waiting > AHEAD:
            self._slow_down()

    def answer_ended(self) -> None:
        self._leave(clean=True)
        self._client.send_end()

    def _slow_down(self) -> None:
        """The client does not keep up: the upstream waits, for as long as it takes."""
        connection = self.connection
        if connection is not None and self._client.waiting > AHEAD:
            connection.pause()
            connection.due = NEVER

    def client_ready(self) -> None:
        connection = self.connection
        if connection is not None and connection.paused:
            connection.due = monotonic() + connection.patience
            connection.resume()

    # 7 leave

    def _leave(self, *, clean: bool, now: float | None = None) -> None:
        connection, self.connection = self.connection, None
        if connection is None:
            return
        connection.asker = None
        connection.due = NEVER
        if clean and connection.reusable and self._uploaded and not connection.waiting:
            connection.resume()
            connection.pool.give_back(connection, now or monotonic())
        else:
            connection.pool.drop(connection)

    def give_way(self, now: float) -> None:
        """A client that sends or takes octet by octet must not keep all others waiting.

        Its pace is that since the last look; what the kernel holds for it counts as taken.
        """
        connection, request = self.connection, self._request
        if connection is None:
            return
        moved = request.received + request.sent - self._client.waiting
        seconds = now - self._looked_at
        if self._looked_at == 0.0 or seconds > GRACE:
            uploading = self._stage is SEND_BODY and not connection.waiting
            slow = moved - self._moved < seconds * PACE
            if self._looked_at and slow and (uploading or connection.paused):
                log.warning("slow_client_gives_way", client=request.address, octets=moved)
                self.client_failed("late")
            self._looked_at, self._moved = now, moved

    def client_failed(self, cause: str) -> None:
        """The upstream is let go of at once, whatever was awaited."""
        fault = Fault(self._stage, Side.CLIENT, Cause(cause))
        if self._stage is LEASE and self._member is not None:
            self._member.pool.withdraw(self)
        self._excuse()
        self._leave(clean=False)
        self._client.keep_no_longer()
        self._fail(fault)

    def _fail(self, fault: Fault) -> None:
        """Answer where an answer can still be given, else cut the client off."""
        client, request = self._client, self._request
        request.fault = fault
        status = STATUS[fault]
        if client.closed:
            client.forget()
        elif request.status or status == BEGUN:
            client.interrupt()
        elif self._fallback is not None and fault.side is not Side.CLIENT:
            self._fallback()
        else:
            request.status = status
            seconds = self._forwarder.upstreams.retry_after(monotonic())
            extra = RETRY_AFTER % seconds if status == 503 else b""
            client.send_own(*own_answer(status, extra), head_only=request.method == b"HEAD")
