"""After 101: octets pass both ways as they come, until both ends are done."""

from time import monotonic

from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.net.clock import NEVER
from proxy.net.link import AHEAD, Link
from proxy.server.client import Client

CLOSE_WAIT = 5.0
"""Seconds for one end to follow when the other has ended, or to go on with what it says."""


class Tunnel:
    """Knows nothing of WebSocket: subprotocols, extensions, pings and closes pass untouched."""

    __slots__ = ("_client", "_connection", "_ended", "_moved", "_patience")

    def __init__(self, client: Client, connection: Connection, patience: float) -> None:
        """`patience` in seconds, for either end to take what waits for it."""
        self._client = client
        self._connection = connection
        self._patience = patience
        self._ended: Side | None = None
        self._moved = 0  # octets, both ways, by then or by the last look

    def begin(self, start: bytes, rest: bytes) -> None:
        """`start` of the 101; `rest` are octets that the upstream sent behind it."""
        client, connection = self._client, self._connection
        connection.switch(self)
        early = client.switch(start, self)
        if rest:
            self.from_upstream(rest)
        if early and not connection.closed:
            self.from_client(early)

    # the client's side

    def from_client(self, data: bytes) -> None:
        self._client.request.received += len(data)
        self._pass(data, self._connection, self._client)

    def client_ended(self) -> None:
        self._end(Side.CLIENT)

    def client_ready(self) -> None:
        self._connection.resume()

    def client_failed(self, cause: str) -> None:
        if cause == Cause.LATE and self._goes_on(self._client):
            return
        if self._ended is None:
            self._client.request.fault = Fault(Stage.UPGRADED, Side.CLIENT, Cause(cause))
        self._finish()

    # the upstream's side

    def from_upstream(self, data: bytes) -> None:
        self._client.request.sent += len(data)
        self._pass(data, self._client, self._connection)

    def upstream_ended(self) -> None:
        self._end(Side.UPSTREAM)

    def upstream_ready(self) -> None:
        self._client.resume()
        self._connection.due = NEVER

    def upstream_failed(self, cause: Cause) -> None:
        if cause is Cause.LATE and self._goes_on(self._connection):
            return
        if self._ended is None:
            self._client.request.fault = Fault(Stage.UPGRADED, Side.UPSTREAM, cause)
        self._finish()

    # both

    def _pass(self, data: bytes, to: Link, source: Link) -> None:
        to.write(data)
        if to.waiting > AHEAD:
            source.pause()
            if to.due == NEVER:
                to.due = monotonic() + self._patience

    def _end(self, side: Side) -> None:
        """One direction is done: tell the other end, and give it a moment to do the same."""
        if self._ended is not None:
            self._finish()
            return
        self._ended = side
        self._moved = self._client.request.received + self._client.request.sent
        one, other = self._client, self._connection
        ended, left = (one, other) if side is Side.CLIENT else (other, one)
        ended.pause()
        left.due = monotonic() + (self._patience if left.waiting else CLOSE_WAIT)
        left.end()

    def _goes_on(self, left: Link) -> bool:
        """It has not ended in time, but it may have much to say, or must wait to be heard."""
        if self._ended is None or left.closed or left.waiting:
            return False
        request = self._client.request
        before, self._moved = self._moved, request.received + request.sent
        if self._moved == before and not left.paused:
            return False
        left.due = monotonic() + CLOSE_WAIT
        return True

    def _finish(self) -> None:
        self._connection.pool.drop(self._connection)
        if self._client.closed:
            self._client.forget()
        else:
            self._client.end_switched()
