"""The client's side of an exchange: its body, then the news that it left."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from proxy.forwarding.asgi import Message, Receive
from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import Cause, Side
from proxy.forwarding.request import CHUNKED

log = logging.getLogger(__name__)


class Course(Protocol):
    """What the client's side needs of the exchange."""

    @property
    def connection(self) -> Connection | None:
        """Where the body goes; None once there is nothing more to send it to."""

    def expect(self, side: Side) -> None:
        """From now on it is up to that side to move on."""

    def fail(self, side: Side, cause: Cause) -> None: ...

    def uploaded(self) -> None:
        """The whole body was taken."""


class Upload:
    """A task that reads what the client sends.

    With `gather`, the body is kept in `gathered` until it is whole; else each piece goes to the
    upstream as it comes, and the next is read when the upstream has taken it.
    """

    __slots__ = (
        "_course",
        "_first",
        "_length",
        "_limit",
        "_receive",
        "_task",
        "bytes_in",
        "done",
        "gathered",
    )

    def __init__(
        self,
        course: Course,
        receive: Receive,
        length: int,
        limit: int | None,
        *,
        gather: bool = False,
        first: Message | None = None,
    ) -> None:
        """`length` and `limit` in bytes; `first` is a message that was already received."""
        self._course = course
        self._receive = receive
        self._length = length
        self._limit = limit
        self._first = first
        self.done = length == 0
        self.gathered: list[bytes] | None = [] if gather else None
        self.bytes_in = 0
        self._task = asyncio.get_running_loop().create_task(self._hear())
        self._task.add_done_callback(_raise_to(self._broke))

    def stop(self) -> None:
        self._task.cancel()

    async def _hear(self) -> None:
        message = self._first
        while True:
            if message is None:
                message = await self._receive()
            if message["type"] == "http.disconnect":
                self._course.fail(Side.CLIENT, Cause.CLOSED)
                return
            if not self.done and not await self._take(message):
                return
            message = None

    async def _take(self, message: Message) -> bool:
        """One piece of the body. False where nothing more is to be read."""
        chunk: bytes = message.get("body", b"")
        last = not message.get("more_body", False)
        self.bytes_in += len(chunk)
        if self._limit is not None and self.bytes_in > self._limit:
            self._course.fail(Side.CLIENT, Cause.LIMIT)
            return False
        if self._length == CHUNKED:
            chunk = _framed(chunk, last=last)
        else:
            left = self._length - self.bytes_in
            if left < 0 or (last and left > 0):  # RFC 9112 §6.3: incomplete, or never was ours
                self._course.fail(Side.CLIENT, Cause.INVALID)
                return False
            last = left == 0
        if chunk and not await self._pass_on(chunk):
            return False
        self.done = last
        if last:
            self._course.uploaded()
        else:
            self._course.expect(Side.CLIENT)
        return True

    async def _pass_on(self, chunk: bytes) -> bool:
        if self.gathered is not None:
            self.gathered.append(chunk)
            return True
        connection = self._course.connection
        if connection is None or connection.closed:
            return False
        connection.write(chunk)
        if connection.stuck:
            self._course.expect(Side.UPSTREAM)
            await connection.drained()
        return not connection.closed

    def _broke(self, error: BaseException) -> None:
        log.error("the client's side ended with an error", exc_info=error)
        self._course.fail(Side.CLIENT, Cause.CLOSED)


def _framed(chunk: bytes, *, last: bool) -> bytes:
    """RFC 9112 §7.1. An empty chunk would end the body, so an empty piece is none."""
    framed = b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunk else b""
    return framed + b"0\r\n\r\n" if last else framed


def _raise_to(broke: Callable[[BaseException], None]) -> Callable[["asyncio.Task[None]"], None]:
    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            broke(error)

    return ended
