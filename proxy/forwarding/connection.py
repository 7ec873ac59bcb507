"""One connection to the upstream: one exchange at a time, and it knows whether it is clean."""

import asyncio
import select
from typing import Protocol, cast

from proxy.forwarding.faults import Cause
from proxy.forwarding.response import Answer, UnreadableError

READ_AHEAD = 64 * 1024
"""Bytes of body held for a slow client before the upstream is no longer read."""

WRITE_AHEAD = 64 * 1024
"""Bytes on their way to a slow upstream before the client is no longer read."""


class Listener(Protocol):
    """Who wants to know what happens on a connection."""

    def wake(self) -> None:
        """Something can be read from the answer."""

    def upstream_failed(self, cause: Cause) -> None:
        """Nothing more will come, and the answer is not complete."""


class Connection(asyncio.Protocol):
    """States: idle (no listener) → asked (listener, answer) → idle, or closed for good."""

    __slots__ = (
        "_drained",
        "_listener",
        "_paused",
        "_readable",
        "_stuck",
        "answer",
        "closed",
        "exchanges",
        "idle_since",
        "transport",
    )

    def __init__(self) -> None:
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)
        self.answer: Answer = cast("Answer", None)
        self.exchanges = 0
        self.idle_since = 0.0
        self.closed = False
        self._listener: Listener | None = None
        self._paused = False
        self._stuck = False
        self._drained: asyncio.Future[None] | None = None
        self._readable = select.poll()

    # what an exchange does with it, in order

    def ask(self, listener: Listener, method: str, data: bytes) -> Answer:
        """Begin an exchange with the first bytes of the request."""
        self.answer = Answer(method)
        self._listener = listener
        self.exchanges += 1
        self.transport.write(data)
        return self.answer

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    @property
    def stuck(self) -> bool:
        """The upstream does not take what was written; `await drained()` before writing more."""
        return self._stuck

    async def drained(self) -> None:
        if self._stuck and not self.closed:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained

    def take(self) -> bytes:
        """The body as far as it came; makes room for more."""
        data = self.answer.body()
        if self._paused:
            self._paused = False
            if not self.closed:
                self.transport.resume_reading()
        return data

    def leave(self) -> bool:
        """End the exchange. True where another may follow on this connection."""
        self._listener = None
        return (
            self.answer.complete
            and self.answer.reusable
            and not (self._stuck or self._paused or self.closed)
        )

    def quiet(self) -> bool:
        """Open, and the kernel has neither bytes nor an end to tell, which nobody asked for.

        The loop may not have seen yet that the upstream closed; asking costs half a microsecond
        and saves a request that could not be repeated.
        """
        return not (self.closed or self.transport.is_closing() or self._readable.poll(0))

    def abort(self) -> None:
        """Close at once, also what was not yet sent."""
        self._listener = None
        self.closed = True
        self.transport.abort()
        self._release_writer()

    # what the loop tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=WRITE_AHEAD)
        self._readable.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        listener, answer = self._listener, self.answer
        if listener is None:  # an answer to no question
            self.abort()
            return
        try:
            answer.feed(data)
        except UnreadableError as error:
            listener.upstream_failed(error.cause)
            return
        if answer.buffered > READ_AHEAD and not self._paused and not answer.complete:
            self._paused = True
            self.transport.pause_reading()
        if answer.started or answer.continued:
            listener.wake()

    def eof_received(self) -> None:
        self._ended(clean=True)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended(clean=exc is None)
        self._release_writer()

    def pause_writing(self) -> None:
        self._stuck = True

    def resume_writing(self) -> None:
        self._stuck = False
        self._release_writer()

    def _ended(self, *, clean: bool) -> None:
        if self.closed:
            return
        self.closed = True
        listener = self._listener
        if listener is None:
            return
        if self.answer.complete or (clean and self.answer.end()):
            listener.wake()
        else:
            listener.upstream_failed(Cause.CLOSED)

    def _release_writer(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
