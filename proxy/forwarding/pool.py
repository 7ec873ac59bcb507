"""The connections to one upstream: bounded, the last used first, none reused dirty."""

import asyncio
from collections import deque
from time import monotonic
from typing import Protocol

from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.connection import Connection
from proxy.forwarding.dial import Addresses, Dial, Dialled
from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.forwarding.upstream import Upstream
from proxy.net.clock import NEVER, Clock
from proxy.net.poller import Poller

LATE = Fault(Stage.LEASE, Side.PROXY, Cause.LATE)
GONE = Fault(Stage.CONNECT, Side.UPSTREAM, Cause.CLOSED)
FULL = Fault(Stage.LEASE, Side.PROXY, Cause.LIMIT)


class Leasing(Protocol):
    """Who waits for a connection. Is told exactly one of the two, unless it withdrew."""

    def leased(self, connection: Connection) -> None: ...

    def lease_failed(self, fault: Fault) -> None: ...


class Pool:
    """Counts idle, leased and opening connections as one. `idle` is a stack, for the fast path."""

    def __init__(
        self,
        upstream: Upstream,
        config: ForwardingConfig,
        poller: Poller,
        clock: Clock,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.upstream = upstream
        self.config = config
        self.poller = poller
        self.clock = clock
        self.idle: list[Connection] = []
        self.open = 0
        self.opened = 0
        self.due = NEVER
        self._loop = loop
        self._addresses = Addresses(upstream, loop)
        self._connections: set[Connection] = set()
        self._line: deque[tuple[float, Leasing]] = deque()
        self._dials: dict[Leasing, Dial] = {}
        self._closed = False

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def busy(self) -> int:
        return self.open - len(self.idle)

    # leasing

    def lease(self, asker: Leasing) -> None:
        """A connection that was never used, or, in line, the next that is given back.

        Who wants a used one looks at `idle` first.
        """
        if self.open < self.config.pool_size:
            self.open += 1
            self._dial(asker)
        elif self.idle:  # a stale one was met: the one idle longest makes room
            stale = self.idle.pop(0)
            stale.pool_counts = False
            self._connections.discard(stale)
            stale.close()
            self._dial(asker)
        elif len(self._line) >= self.config.pool_waiting:
            asker.lease_failed(FULL)
        else:
            self._line.append((monotonic() + self.config.connect_timeout, asker))
            if self.due == NEVER:
                self.due = 0.0  # at the clock's next look, and at each while somebody waits
                self.clock.add(self)

    def withdraw(self, asker: Leasing) -> None:
        """It no longer wants one."""
        dial = self._dials.pop(asker, None)
        if dial is not None:
            dial.cancel()
            self._give_up_place()
        else:
            self._line = deque(entry for entry in self._line if entry[1] is not asker)

    # giving back

    def give_back(self, connection: Connection, now: float) -> None:
        """After an exchange that ended as it should: the next in line has it, or it is idle."""
        if self._closed or connection.closed:
            self.drop(connection)
        elif self._line:
            if connection.quiet():
                self._next_in_line().leased(connection)
            else:
                self.drop(connection)
        else:
            connection.due = now + self.config.keepalive
            self.idle.append(connection)

    def drop(self, connection: Connection) -> None:
        """Close it; its place goes to the next in line."""
        if connection in self.idle:
            self.idle.remove(connection)
        connection.close()
        self.let_go(connection)

    def let_go(self, connection: Connection) -> None:
        """It no longer counts, though it may stay open: a WebSocket lasts, others must not wait."""
        if connection.pool_counts:
            connection.pool_counts = False
            self._connections.discard(connection)
            self._give_up_place()

    def close(self) -> None:
        """Idle connections now, leased ones when they come back; who waits is turned away."""
        self._closed = True
        for connection in tuple(self.idle):
            self.drop(connection)
        line, self._line = self._line, deque()
        for _, asker in line:
            asker.lease_failed(GONE)

    def late(self, now: float) -> None:
        """Turn away those who waited in line too long; take back what slow clients hold."""
        while self._line and self._line[0][0] <= now:
            self._next_in_line().lease_failed(LATE)
        for connection in tuple(self._connections):
            if not self._line:
                break
            if connection.asker is not None:
                connection.asker.give_way(now)
        if self._line:
            self.due = 0.0
        else:
            self.clock.drop(self)

    def _next_in_line(self) -> Leasing:
        return self._line.popleft()[1]

    def _give_up_place(self) -> None:
        if self._line:
            self._dial(self._next_in_line())
        else:
            self.open -= 1

    def _dial(self, asker: Leasing) -> None:
        def done(dialled: Dialled | None, cause: Cause | None) -> None:
            self._dials.pop(asker, None)
            if dialled is not None:
                self.opened += 1
                connection = Connection(dialled, self)
                self._connections.add(connection)
                asker.leased(connection)
            else:
                self._give_up_place()
                fault = Fault(Stage.CONNECT, Side.UPSTREAM, cause or Cause.CLOSED)
                asker.lease_failed(fault)

        seconds = self.config.connect_timeout
        dial = self._dials[asker] = Dial(self.upstream, self.poller, self.clock, seconds, done)
        # Not at once: one that fails at once would call for the next in line from within itself.
        self._loop.call_soon(self._addresses.find, dial.start)
