"""The connections to one upstream: bounded, the last used first, none reused dirty."""

import asyncio
from collections import deque

from proxy.forwarding.clock import Clock
from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import Cause, Fault, ForwardingError, Side, Stage
from proxy.forwarding.upstream import Upstream


class Pool:
    """`lease` → one exchange → `give_back`. Counts idle, leased and opening connections as one."""

    def __init__(self, upstream: Upstream, config: ForwardingConfig, clock: Clock) -> None:
        self._upstream = upstream
        self.config = config
        self._clock = clock
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._open = 0
        self._closed = False

    @property
    def open(self) -> int:
        """Connections that count against the bound."""
        return self._open

    @property
    def idle(self) -> int:
        return len(self._idle)

    def lease_idle(self) -> Connection | None:
        """A clean connection that is at hand, the one used last."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.quiet():
                return connection
            self._discard(connection)
        return None

    async def lease_new(self, seconds: float) -> Connection:
        """Open a connection, or wait in line for one; `seconds` for each of the two.

        Raises `ForwardingError` at stage LEASE or CONNECT.
        """
        if self._open < self.config.pool_size:
            self._open += 1
        elif self._idle:  # a stale one was met: the next idle one makes room for a fresh one
            self._idle.pop(0).abort()
        elif (connection := await self._wait(seconds)) is not None:
            if connection.quiet():
                return connection
            connection.abort()
        try:
            return await self._connect(seconds)
        except BaseException:
            self._give_up_place()
            raise

    def give_back(self, connection: Connection, *, reusable: bool) -> None:
        """`reusable`: the exchange ended as it should. Else the connection is closed at once."""
        if not reusable or self._closed:
            self._discard(connection)
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)
        self._clock.add(self)

    def tick(self, now: float) -> None:
        """Close what was idle too long."""
        while self._idle and now - self._idle[0].idle_since >= self.config.keepalive:
            self._discard(self._idle.pop(0))
        if not self._idle:
            self._clock.drop(self)

    def close(self) -> None:
        """Close idle connections now, leased ones when they come back."""
        self._closed = True
        while self._idle:
            self._discard(self._idle.pop())

    async def _wait(self, seconds: float) -> Connection | None:
        """In line, first come first served. None means: the place is yours, connect."""
        if len(self._waiting) >= self.config.pool_waiting:
            raise ForwardingError(Fault(Stage.LEASE, Side.PROXY, Cause.LIMIT))
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Connection | None] = loop.create_future()
        self._waiting.append(waiter)
        timer = loop.call_later(seconds, _expire, waiter)
        try:
            return await waiter
        except BaseException:
            self._return_gift(waiter)
            raise
        finally:
            timer.cancel()

    def _return_gift(self, waiter: "asyncio.Future[Connection | None]") -> None:
        """Somebody served a waiter that no longer wants it: pass it on."""
        if waiter in self._waiting:
            self._waiting.remove(waiter)
        elif waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            if (connection := waiter.result()) is None:
                self._give_up_place()
            else:
                self.give_back(connection, reusable=True)

    async def _connect(self, seconds: float) -> Connection:
        """`asyncio.wait`, because the server's tasks need not be asyncio's, and so no
        `asyncio.timeout` works in them."""
        upstream = self._upstream
        loop = asyncio.get_running_loop()
        opening = loop.create_task(
            loop.create_connection(
                Connection,
                upstream.host,
                upstream.port,
                ssl=upstream.tls,
                server_hostname=upstream.host if upstream.tls else None,
            )
        )
        try:
            await asyncio.wait((opening,), timeout=seconds)
        finally:
            if not opening.done():
                opening.cancel()
        if not opening.done():
            raise ForwardingError(Fault(Stage.CONNECT, Side.UPSTREAM, Cause.LATE))
        try:
            _, connection = opening.result()
        except OSError:
            raise ForwardingError(Fault(Stage.CONNECT, Side.UPSTREAM, Cause.CLOSED)) from None
        return connection

    def _discard(self, connection: Connection) -> None:
        connection.abort()
        self._give_up_place()

    def _give_up_place(self) -> None:
        """The next in line may connect in its place."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._open -= 1


def _expire(waiter: "asyncio.Future[Connection | None]") -> None:
    if not waiter.done():
        waiter.set_exception(ForwardingError(Fault(Stage.LEASE, Side.PROXY, Cause.LATE)))
