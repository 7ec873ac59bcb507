"""One HTTP request and its answer.

    client ─ receive ─▶ ┌──────────┐ ─ head, body ─▶ upstream
                        │ Exchange │
    client ◀── send ─── └──────────┘ ◀─ head, body ─ upstream

    0 refuse    what must not be forwarded                          READ_REQUEST
    1 gather    a small body of known length, so that a slow client
                holds no upstream connection                        SEND_BODY
    2 lease     a connection: idle, new, or in line for one         LEASE, CONNECT
    3 ask       head and gathered body in one write                 SEND_HEAD
    4 upload    any other body as it comes, beside what follows     SEND_BODY
    5 await     the head of the answer; met a connection that was
                just closed → 2, once, where asking twice is allowed AWAIT_HEAD
    6 relay     whole? one start, one body; else chunk by chunk     RECEIVE_BODY
    7 leave     the connection to the pool when clean, else closed
    8 record    the outcome

Nothing here is a task except the client's side (steps 1 and 4, and the watch for a client that
leaves), which begins with a body, or after `PATIENCE` seconds without an answer.
"""

import asyncio
import logging
from typing import NamedTuple

from proxy.forwarding.asgi import Message, Receive, Send
from proxy.forwarding.clock import Clock
from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import (
    BEGUN,
    STATUS,
    Cause,
    Failed,
    Fault,
    Side,
    Stage,
    send_plain,
)
from proxy.forwarding.pool import Pool
from proxy.forwarding.request import CHUNKED, IDEMPOTENT, RequestHead
from proxy.forwarding.response import Answer

GATHERED = 64 * 1024
"""Bytes of a request body that are waited for before the upstream is asked."""

PATIENCE = 0.05
"""Seconds until somebody looks whether the client is still there."""

CONTINUE_WAIT = 1.0
"""Seconds to wait for the upstream's 100 before the body is sent all the same (§10.1.1)."""

NEVER = float("inf")

log = logging.getLogger(__name__)


class Limits(NamedTuple):
    """Seconds and bytes; `max_body` None is no limit. `retries` after a stale connection."""

    connect_timeout: float
    read_timeout: float
    client_timeout: float
    max_body: int | None
    retries: int


class Outcome(NamedTuple):
    """`status` sent to the client, None where none could be; seconds from asking to the answer's
    head; body bytes from (`bytes_in`) and to (`bytes_out`) the client."""

    status: int | None
    fault: Fault | None = None
    upstream_seconds: float | None = None
    bytes_in: int = 0
    bytes_out: int = 0


class AnswerBroken(Exception):
    """The answer broke off after its start. The server must abort the client's connection: only so
    can the client know (RFC 9112 §8). Carries the `Outcome`."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(" ".join(outcome.fault or ()))
        self.outcome = outcome


class Exchange:
    """Everything that happens wakes `run`, which alone decides."""

    __slots__ = (
        "_answer",
        "_asked_at",
        "_began",
        "_bytes_in",
        "_bytes_out",
        "_client",
        "_clock",
        "_connection",
        "_due",
        "_due_from",
        "_fault",
        "_first",
        "_gathered",
        "_limits",
        "_loop",
        "_pool",
        "_receive",
        "_request",
        "_seconds",
        "_send",
        "_sent_status",
        "_stage",
        "_uploaded",
        "_waiter",
    )

    def __init__(
        self,
        request: RequestHead,
        receive: Receive,
        send: Send,
        pool: Pool,
        clock: Clock,
        limits: Limits,
        first: Message | None = None,
    ) -> None:
        """`first` is a message that was already received."""
        self._loop = asyncio.get_running_loop()
        self._request = request
        self._receive = receive
        self._send = send
        self._pool = pool
        self._clock = clock
        self._limits = limits
        self._first = first
        self._stage = Stage.LEASE
        self._connection: Connection | None = None
        self._answer: Answer | None = None
        self._fault: Fault | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._client: asyncio.Task[None] | None = None
        self._uploaded = request.length == 0
        self._gathered: list[bytes] | None = None
        self._bytes_in = 0
        self._bytes_out = 0
        self._sent_status: int | None = None
        self._seconds: float | None = None
        self._began = self._asked_at = self._loop.time()
        self._due = NEVER
        self._due_from = Side.UPSTREAM

    async def run(self) -> Outcome:
        """Raises `AnswerBroken` where the client must be cut off."""
        self._clock.add(self)
        try:
            if not self._uploaded:
                await self._gather()
            answer = await self._ask_until_answered()
            await self._relay(answer)
        except Failed as failed:
            self._close()
            return await self._fail_towards_client(failed.fault)
        finally:
            self._close()
        return self._outcome()

    # 1 gather

    async def _gather(self) -> None:
        request = self._request
        if self._over(request.length):
            raise Failed(Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.LIMIT))
        if request.expects_continue or not 0 < request.length <= GATHERED:
            return
        self._stage = Stage.SEND_BODY
        self._gathered = []
        self._expect(Side.CLIENT)
        self._begin_client()
        while not self._uploaded:
            await self._news()

    # 2–5 lease, ask, upload, await

    async def _ask_until_answered(self) -> Answer:
        retries = self._limits.retries
        connection = self._pool.lease_idle()
        while True:
            self._stage, self._due = Stage.LEASE, NEVER
            if connection is None:
                connection = await self._pool.lease_new(self._limits.connect_timeout)
            self._connection = connection
            if self._fault:  # the client left meanwhile
                raise Failed(self._fault)
            try:
                return await self._ask(connection)
            except Failed:
                if retries == 0 or not self._may_ask_again(connection):
                    raise
            retries -= 1
            self._fault = None
            self._leave(reusable=False)
            connection = None

    async def _ask(self, connection: Connection) -> Answer:
        request = self._request
        data = request.data
        if self._gathered:
            data = b"".join((data, *self._gathered))
        self._stage = Stage.SEND_HEAD
        self._asked_at = self._loop.time()
        answer = self._answer = connection.ask(self, request.method, data)
        if not self._uploaded:
            if request.expects_continue:
                await self._await_continue(answer)
            self._stage = Stage.SEND_BODY
            self._expect(Side.CLIENT)
            self._begin_client()
        else:
            self._stage = Stage.AWAIT_HEAD
            self._due = self._asked_at + self._limits.read_timeout
            self._due_from = Side.UPSTREAM
        while not answer.started:
            await self._news()
        self._seconds = self._loop.time() - self._asked_at
        return answer

    async def _await_continue(self, answer: Answer) -> None:
        """RFC 9110 §10.1.1: the client's body is asked for when the upstream asks for it."""
        self._expect(Side.UPSTREAM)
        until = self._asked_at + CONTINUE_WAIT
        timer = self._loop.call_at(until, self.wake)
        try:
            while not (answer.continued or answer.started or self._loop.time() >= until):
                await self._news()
        finally:
            timer.cancel()

    def _may_ask_again(self, connection: Connection) -> bool:
        """RFC 9110 §9.2.2, RFC 9112 §9.3.1: the upstream closed a kept connection before a byte of
        answer, the method is idempotent, and the request is still at hand."""
        fault = self._fault
        return (
            fault is not None
            and fault.side is Side.UPSTREAM
            and fault.cause is Cause.CLOSED
            and connection.exchanges > 1
            and connection.answer.silent
            and self._request.method in IDEMPOTENT
            and self._uploaded
            and (self._gathered is not None or self._request.length == 0)
        )

    # 6 relay

    async def _relay(self, answer: Answer) -> None:
        self._stage = Stage.RECEIVE_BODY
        start = {
            "type": "http.response.start",
            "status": answer.status,
            "headers": answer.fields,
        }
        if answer.complete:
            body = self._take()
            self._leave(reusable=True)
            self._due = NEVER
            self._sent_status = answer.status
            await self._send(start)
            await self._send({"type": "http.response.body", "body": body})
            return
        self._sent_status = answer.status
        await self._send(start)
        await self._stream(answer)

    async def _stream(self, answer: Answer) -> None:
        """The first body message may be empty: it makes the server send the head at once."""
        while True:
            complete = answer.complete
            body = self._take()
            if complete:
                self._leave(reusable=True)
            self._expect(Side.CLIENT)
            await self._send({"type": "http.response.body", "body": body, "more_body": not complete})
            if complete:
                return
            self._expect(Side.UPSTREAM)
            while not (answer.buffered or answer.complete):
                await self._news()

    def _take(self) -> bytes:
        assert self._connection is not None
        body = self._connection.take()
        self._bytes_out += len(body)
        return body

    async def _fail_towards_client(self, fault: Fault) -> Outcome:
        """Answer where an answer can still be given, else let the server cut the client off."""
        self._fault = fault
        if self._sent_status is not None:
            if fault.side is Side.CLIENT and fault.cause is Cause.CLOSED:
                return self._outcome()  # nobody there to be misled
            raise AnswerBroken(self._outcome())
        status = STATUS[fault]
        if status != BEGUN:
            self._sent_status = status
            self._bytes_out = await send_plain(self._send, status, head=self._request.method)
        return self._outcome()

    # 7 leave, 8 record

    def _leave(self, *, reusable: bool) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            clean = connection.leave()
            self._pool.give_back(connection, reusable=reusable and clean and self._uploaded)

    def _close(self) -> None:
        self._clock.drop(self)
        self._leave(reusable=False)
        if self._client is not None and not self._client.done():
            self._client.cancel()

    def _outcome(self) -> Outcome:
        return Outcome(
            self._sent_status, self._fault, self._seconds, self._bytes_in, self._bytes_out
        )

    # the client's side, a task of its own

    def _begin_client(self) -> None:
        if self._client is None:
            self._client = self._loop.create_task(self._hear_client())
            self._client.add_done_callback(self._client_ended)

    async def _hear_client(self) -> None:
        """Its body, then the news that it left."""
        message, self._first = self._first, None
        while True:
            if message is None:
                message = await self._receive()
            if message["type"] == "http.disconnect":
                self._fail(Side.CLIENT, Cause.CLOSED)
                return
            if not self._uploaded and not await self._upload(message):
                return
            message = None

    async def _upload(self, message: Message) -> bool:
        """One piece of the body. False where nothing more is to be read."""
        chunk: bytes = message.get("body", b"")
        last = not message.get("more_body", False)
        length = self._request.length
        self._bytes_in += len(chunk)
        if self._over(self._bytes_in):
            return self._fail(Side.CLIENT, Cause.LIMIT)
        if length != CHUNKED:
            left = length - self._bytes_in
            if left < 0 or (last and left > 0):
                return self._fail(Side.CLIENT, Cause.INVALID)
            last = left == 0
        elif chunk:
            chunk = b"%x\r\n%b\r\n" % (len(chunk), chunk)
        if last and length == CHUNKED:
            chunk += b"0\r\n\r\n"
        if chunk and not await self._pass_on(chunk):
            return False
        self._uploaded = last
        if last and self._stage is Stage.SEND_BODY:
            if self._gathered is None:
                self._stage = Stage.AWAIT_HEAD
            self._expect(Side.UPSTREAM)
            self.wake()
        else:
            self._expect(Side.CLIENT)
        return True

    async def _pass_on(self, chunk: bytes) -> bool:
        connection = self._connection
        if self._gathered is not None:
            self._gathered.append(chunk)
            return True
        if connection is None or connection.closed:
            return False
        connection.write(chunk)
        if connection.stuck:
            self._expect(Side.UPSTREAM)
            await connection.drained()
        return not connection.closed

    def _over(self, size: int) -> bool:
        limit = self._limits.max_body
        return limit is not None and size > limit

    def _client_ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the client's side ended with an error", exc_info=error)
            self._fail(Side.CLIENT, Cause.CLOSED)

    # what happens, and what is due

    def wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def upstream_failed(self, cause: Cause) -> None:
        self._fail(Side.UPSTREAM, cause)

    def tick(self, now: float) -> None:
        if now >= self._due:
            self._fail(self._due_from, Cause.LATE)
        elif self._client is None and now - self._began > PATIENCE:
            self._begin_client()

    def _expect(self, side: Side) -> None:
        """From now on it is up to that side to move on, in its time."""
        limits = self._limits
        patience = limits.client_timeout if side is Side.CLIENT else limits.read_timeout
        self._due = self._loop.time() + patience
        self._due_from = side

    def _fail(self, side: Side, cause: Cause) -> bool:
        """The first fault counts. The upstream is let go of at once, whatever `run` waits for."""
        if self._fault is None:
            self._fault = Fault(self._stage, side, cause)
            self._due = NEVER
            if self._connection is not None:
                self._connection.abort()
            self.wake()
        return False

    async def _news(self) -> None:
        """Wait until something happened. Raises `Failed` where it was a fault."""
        if self._fault is None:
            self._waiter = self._loop.create_future()
            await self._waiter
            self._waiter = None
        if self._fault is not None:
            raise Failed(self._fault)
