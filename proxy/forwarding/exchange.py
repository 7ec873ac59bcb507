"""One HTTP request and its answer.

    client ─ receive ─▶ ┌──────────┐ ─ head, body ─▶ upstream
                        │ Exchange │
    client ◀── send ─── └──────────┘ ◀─ head, body ─ upstream

    1 gather    a small body of known length, so that a slow client
                holds no upstream connection                          SEND_BODY
    2 lease     a connection: idle, new, or in line for one           LEASE, CONNECT
    3 ask       head and gathered body in one write                   SEND_HEAD
    4 upload    any other body as it comes, beside what follows       SEND_BODY
    5 await     the head of the answer; met a kept connection that
                was just closed → 2, where asking twice is allowed    AWAIT_HEAD
    6 relay     whole? one start, one body; else piece by piece       RECEIVE_BODY
    7 leave     the connection to the pool when clean, else closed
    8 record    the outcome

There is no task for it, except the client's side (`Upload`): it begins with a body, or after
`PATIENCE` seconds without the whole answer, to notice a client that leaves.
"""

import asyncio

from proxy.forwarding.asgi import Message, Receive, Send
from proxy.forwarding.clock import Clock
from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import (
    BEGUN,
    STATUS,
    AnswerBrokenError,
    Cause,
    Fault,
    ForwardingError,
    Outcome,
    Side,
    Stage,
    send_plain,
)
from proxy.forwarding.pool import Pool
from proxy.forwarding.request import IDEMPOTENT, RequestHead
from proxy.forwarding.response import Answer
from proxy.forwarding.upload import Upload

GATHERED = 64 * 1024
"""Bytes of a request body that are waited for before the upstream is asked."""

PATIENCE = 0.05
"""Seconds until somebody looks whether the client is still there."""

CONTINUE_WAIT = 1.0
"""Seconds to wait for the upstream's 100 before the body is sent all the same (§10.1.1)."""

NEVER = float("inf")


class Exchange:
    """`run` alone decides; everything else that happens sets state and wakes it."""

    __slots__ = (
        "_began",
        "_bytes_out",
        "_clock",
        "_config",
        "_due",
        "_due_from",
        "_fault",
        "_first",
        "_loop",
        "_pool",
        "_receive",
        "_request",
        "_seconds",
        "_send",
        "_stage",
        "_status",
        "_upload",
        "_waiter",
        "connection",
    )

    def __init__(
        self,
        request: RequestHead,
        receive: Receive,
        send: Send,
        pool: Pool,
        clock: Clock,
        config: ForwardingConfig,
        first: Message | None = None,
    ) -> None:
        """`first` is a message of the body that was already received."""
        self._loop = asyncio.get_running_loop()
        self._request = request
        self._receive = receive
        self._send = send
        self._pool = pool
        self._clock = clock
        self._config = config
        self._first = first
        self._stage = Stage.LEASE
        self.connection: Connection | None = None
        self._upload: Upload | None = None
        self._fault: Fault | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._status: int | None = None
        self._bytes_out = 0
        self._seconds: float | None = None
        self._began = self._loop.time()
        self._due = NEVER
        self._due_from = Side.UPSTREAM

    async def run(self) -> Outcome:
        """Raises `AnswerBrokenError` where the client must be cut off."""
        self._clock.add(self)
        try:
            if self._request.length:
                await self._gather()
            answer = await self._answer()
            await self._relay(answer)
        except ForwardingError as failed:
            self._close()
            return await self._tell_client(failed.fault)
        except OSError:  # ASGI 2.4: how `send` says that the client left
            return self._outcome(Fault(Stage.RECEIVE_BODY, Side.CLIENT, Cause.CLOSED))
        finally:
            self._close()
        return self._outcome(None)

    # 1 gather

    async def _gather(self) -> None:
        request, limit = self._request, self._config.max_body
        if limit is not None and request.length > limit:
            raise ForwardingError(Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.LIMIT))
        if request.expects_continue or not 0 < request.length <= GATHERED:
            return
        self._stage = Stage.SEND_BODY
        self.expect(Side.CLIENT)
        upload = self._begin_upload(gather=True)
        while not upload.done:
            await self._news()

    # 2 to 5 lease, ask, upload, await

    async def _answer(self) -> Answer:
        retries = self._config.retries
        connection = self._pool.lease_idle()
        while True:
            if connection is None:
                self._stage, self._due = Stage.LEASE, NEVER
                connection = await self._pool.lease_new(self._config.connect_timeout)
            self.connection = connection
            if self._fault:  # the client left meanwhile
                raise ForwardingError(self._fault)
            try:
                return await self._ask(connection)
            except ForwardingError as failed:
                if retries == 0 or not self._may_ask_again(connection, failed.fault):
                    raise
            retries -= 1
            self._fault = None
            self._leave(reusable=False)
            connection = None

    async def _ask(self, connection: Connection) -> Answer:
        request, upload = self._request, self._upload
        asked_at = self._loop.time()
        self._stage = Stage.SEND_HEAD
        if upload is not None and upload.gathered:
            data = b"".join((request.data, *upload.gathered))
        else:
            data = request.data
        answer = connection.ask(self, request.method, data)
        if self._body_taken():
            self._stage = Stage.AWAIT_HEAD
            self._due = asked_at + self._config.read_timeout
            self._due_from = Side.UPSTREAM
        else:
            if request.expects_continue:
                await self._await_continue(answer, asked_at + CONTINUE_WAIT)
            if not answer.started:
                self._stage = Stage.SEND_BODY
                self.expect(Side.CLIENT)
                self._begin_upload()
        while not answer.started:
            await self._news()
        self._seconds = self._loop.time() - asked_at
        return answer

    async def _await_continue(self, answer: Answer, until: float) -> None:
        """RFC 9110 §10.1.1: the client's body is asked for when the upstream asks for it."""
        self.expect(Side.UPSTREAM)
        timer = self._loop.call_at(until, self.wake)
        try:
            while not (answer.continued or answer.started or self._loop.time() >= until):
                await self._news()
        finally:
            timer.cancel()

    def _may_ask_again(self, connection: Connection, fault: Fault) -> bool:
        """RFC 9110 §9.2.2, RFC 9112 §9.3.1: the upstream closed a kept connection before a byte of
        answer, the method is idempotent, and the request is still at hand."""
        return (
            fault.side is Side.UPSTREAM
            and fault.cause is Cause.CLOSED
            and connection.exchanges > 1
            and connection.answer.silent
            and self._request.method in IDEMPOTENT
            and self._body_taken()
            and (self._request.length == 0 or (self._upload and self._upload.gathered) is not None)
        )

    # 6 relay

    async def _relay(self, answer: Answer) -> None:
        self._stage = Stage.RECEIVE_BODY
        self._status = answer.status
        start = {
            "type": "http.response.start",
            "status": answer.status,
            "headers": answer.fields,
        }
        if answer.complete:
            body = self._last_piece()
            await self._send(start)
            await self._send({"type": "http.response.body", "body": body})
        else:
            self.expect(Side.CLIENT)
            await self._send(start)
            await self._stream(answer)

    async def _stream(self, answer: Answer) -> None:
        """The first piece may be empty: it makes the server send the head at once."""
        send = self._send
        while not answer.complete:
            self.expect(Side.CLIENT)
            await send({"type": "http.response.body", "body": self._piece(), "more_body": True})
            self.expect(Side.UPSTREAM)
            while not (answer.buffered or answer.complete):
                await self._news()
        await send({"type": "http.response.body", "body": self._last_piece()})

    def _piece(self) -> bytes:
        if self.connection is None:
            return b""
        body = self.connection.take()
        self._bytes_out += len(body)
        return body

    def _last_piece(self) -> bytes:
        """With it the exchange is over; the client that leaves after it is no news."""
        body = self._piece()
        self._due = NEVER
        self._leave(reusable=self._body_taken())
        if self._upload is not None:
            self._upload.stop()
        return body

    async def _tell_client(self, fault: Fault) -> Outcome:
        """Answer where an answer can still be given, else let the server cut the client off."""
        if self._status is not None:
            if fault.side is Side.CLIENT and fault.cause is Cause.CLOSED:
                return self._outcome(fault)  # nobody there to be misled
            raise AnswerBrokenError(self._outcome(fault))
        status = STATUS[fault]
        if status != BEGUN:
            self._status = status
            self._bytes_out = await send_plain(self._send, status)
        return self._outcome(fault)

    # 7 leave, 8 record

    def _leave(self, *, reusable: bool) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            self._pool.give_back(connection, reusable=reusable and connection.leave())

    def _close(self) -> None:
        self._clock.drop(self)
        self._leave(reusable=False)
        if self._upload is not None:
            self._upload.stop()

    def _outcome(self, fault: Fault | None) -> Outcome:
        received = self._upload.bytes_in if self._upload is not None else 0
        return Outcome(self._status, fault, self._seconds, received, self._bytes_out)

    # what happens meanwhile

    def _begin_upload(self, *, gather: bool = False) -> Upload:
        if self._upload is None:
            self._upload = Upload(
                self,
                self._receive,
                self._request.length,
                self._config.max_body,
                gather=gather,
                first=self._first,
            )
        return self._upload

    def _body_taken(self) -> bool:
        return self._request.length == 0 or (self._upload is not None and self._upload.done)

    def uploaded(self) -> None:
        if self._stage is Stage.SEND_BODY and self.connection is not None:
            self._stage = Stage.AWAIT_HEAD
        self.expect(Side.UPSTREAM)
        self.wake()

    def expect(self, side: Side) -> None:
        """From now on it is up to that side to move on, in its time."""
        config = self._config
        patience = config.client_timeout if side is Side.CLIENT else config.read_timeout
        self._due = self._loop.time() + patience
        self._due_from = side

    def tick(self, now: float) -> None:
        if now >= self._due:
            self.fail(self._due_from, Cause.LATE)
        elif self._upload is None and self._request.length == 0 and now - self._began > PATIENCE:
            self._begin_upload()

    def upstream_failed(self, cause: Cause) -> None:
        self.fail(Side.UPSTREAM, cause)

    def fail(self, side: Side, cause: Cause) -> None:
        """The first fault counts. The upstream is let go of at once, whatever `run` waits for."""
        if self._fault is None:
            self._fault = Fault(self._stage, side, cause)
            self._due = NEVER
            if self.connection is not None:
                self.connection.abort()
            self.wake()

    def wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def _news(self) -> None:
        """Wait until something happened. Raises `ForwardingError` where it was a fault."""
        if self._fault is None:
            self._waiter = self._loop.create_future()
            await self._waiter
            self._waiter = None
        if self._fault is not None:
            raise ForwardingError(self._fault)
