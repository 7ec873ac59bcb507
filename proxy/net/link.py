"""One connected socket: what cannot be sent yet waits here, and who sends it is told to wait.

    read()   ◀─ ready ─┐
    drained()◀─────────┤ poller
    write() ─▶ socket, the rest ─▶ waiting

Subclasses give the hooks `read` (octets can be received), `drained` (nothing waits any more) and
`lost` (the other end is gone).
"""

import logging
import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from proxy.net.clock import NEVER, Clock
from proxy.net.poller import READ, WRITE, Poller

AHEAD = 64 * 1024
"""Octets that may wait for the other end before whoever makes them must pause."""

RECEIVE = 64 * 1024
"""Octets asked of the kernel at once."""

log = logging.getLogger(__name__)

_RESET = struct.pack("ii", 1, 0)
_KEEPALIVES = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))


def watch_for_silence(sock: socket.socket) -> None:
    """Let the kernel ask after an end that says nothing: it may have vanished without a word.

    A WebSocket has no time-out of its own. Sockets accepted from a listening one inherit this.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVES:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class Link:
    """States: open → (ending: what waits is sent, then our end is shut) → closed, for good."""

    __slots__ = (
        "_ending",
        "_events",
        "_out",
        "_sent",
        "clock",
        "closed",
        "due",
        "fd",
        "poller",
        "receive",
        "send",
        "sock",
        "waiting",
    )

    def __init__(self, sock: socket.socket, poller: Poller, clock: Clock) -> None:
        """`sock` is connected and does not block."""
        self.sock = sock
        self.fd = sock.fileno()
        self.send: Callable[[bytes | memoryview], int] = sock.send
        self.receive: Callable[[int], bytes] = sock.recv
        self.poller = poller
        self.clock = clock
        self.waiting = 0
        self.closed = False
        self.due = NEVER
        self._out: deque[bytes] = deque()
        self._sent = 0  # of the first piece in _out
        self._ending = False
        self._events = READ
        poller.add(self.fd, self._ready)
        clock.add(self)

    # hooks

    def read(self) -> None:
        raise NotImplementedError

    def drained(self) -> None:
        """What waited is sent."""

    def lost(self) -> None:
        """The other end cannot be written to any more."""
        self.close()

    def late(self, now: float) -> None:
        raise NotImplementedError

    # sending

    def write(self, data: bytes) -> None:
        """Send now what the kernel takes; the rest waits. `waiting` says how much does."""
        if self._out:
            self._out.append(data)
            self.waiting += len(data)
            return
        try:
            sent = self.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.lost()
            return
        if sent < len(data):
            self._out.append(data)
            self._sent = sent
            self.waiting = len(data) - sent
            self._watch(self._events | WRITE)

    def _flush(self) -> None:
        out = self._out
        while out:
            data = out[0]
            try:
                sent = self.send(memoryview(data)[self._sent :] if self._sent else data)
            except BlockingIOError:
                return
            except OSError:
                self.lost()
                return
            self.waiting -= sent
            self._sent += sent
            if self._sent < len(data):
                self.progressed()
                return
            out.popleft()
            self._sent = 0
        self._watch(self._events & ~WRITE)
        if self._ending:
            self._shut()
        else:
            self.drained()

    def progressed(self) -> None:
        """Some of what waited was taken."""

    # reading

    def pause(self) -> None:
        """Read nothing for now: the kernel's buffers fill, and the other end has to wait."""
        self._watch(self._events & ~READ)

    def resume(self) -> None:
        self._watch(self._events | READ)

    @property
    def paused(self) -> bool:
        return not self._events & READ

    # ending

    def end(self) -> None:
        """Send what waits, then shut our direction; the other may still be read."""
        if not (self._ending or self.closed):
            self._ending = True
            if not self._out:
                self._shut()

    def close(self) -> None:
        """At once; what waits is dropped."""
        if not self.closed:
            self.closed = True
            self.due = NEVER
            self._out.clear()
            self.waiting = 0
            self.poller.remove(self.fd)
            self.clock.drop(self)
            with suppress(OSError):
                self.sock.close()

    def abort(self) -> None:
        """Close so that the other end sees a reset: what came is not the whole."""
        if not self.closed:
            with suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.close()

    def _shut(self) -> None:
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.lost()

    def _watch(self, events: int) -> None:
        if events != self._events and not self.closed:
            self._events = events
            self.poller.change(self.fd, events)

    def _ready(self, events: int) -> None:
        """The poller's call: one function, as it runs twice a request."""
        try:
            if events == READ and self._events & READ:
                self.read()
                return
            if events & WRITE and self._out:
                self._flush()
            if events & ~WRITE and not self.closed:
                if self._events & READ:
                    self.read()
                elif events & ~(READ | WRITE):
                    self.lost()  # an error or a hang-up while paused
        except Exception:
            log.exception("a connection's owner failed")
            self.lost()
