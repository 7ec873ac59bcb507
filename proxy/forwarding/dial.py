"""Opening one connection to an upstream, without blocking: resolve, connect, shake hands."""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from time import monotonic

import structlog

from proxy.forwarding.faults import Cause
from proxy.forwarding.upstream import Upstream
from proxy.net.clock import NEVER, Clock
from proxy.net.link import watch_for_silence
from proxy.net.poller import WRITE, Poller
from proxy.net.tls import Secured

log = logging.getLogger(__name__)
events = structlog.get_logger("forwarding")

FRESH = 30.0
"""Seconds for which resolved addresses are taken without asking again."""

Address = tuple[int, tuple[str, int]]
"""Family, and what `connect` takes."""

Dialled = socket.socket | Secured

Done = Callable[[Dialled | None, Cause | None], None]


class Addresses:
    """Where a name leads. Literal addresses need no asking; names are asked again when stale."""

    def __init__(self, upstream: Upstream, loop: asyncio.AbstractEventLoop) -> None:
        self._upstream = upstream
        self._loop = loop
        self._known: list[Address] = []
        self._until = 0.0
        self._asking: asyncio.Task[None] | None = None
        with suppress(ValueError):
            literal = ip_address(upstream.host)
            family = socket.AF_INET if literal.version == 4 else socket.AF_INET6
            self._known = [(family, (upstream.host, upstream.port))]
            self._until = NEVER

    def find(self, found: Callable[[Sequence[Address]], None]) -> None:
        """Call `found` with all addresses, at once where they are known; empty if there are none.

        Stale ones are used while fresh ones are asked for: a resolver that is down costs nothing.
        """
        if monotonic() >= self._until and self._asking is None:
            self._asking = self._loop.create_task(self._ask())
        if self._known or self._asking is None:
            found(self._known)
        else:
            self._asking.add_done_callback(lambda _: found(self._known))

    async def _ask(self) -> None:
        try:
            answers = await self._loop.getaddrinfo(
                self._upstream.host, self._upstream.port, type=socket.SOCK_STREAM
            )
            self._known = [(family, (at[0], at[1])) for family, _, _, _, at in answers]  # type: ignore[misc]
            self._until = monotonic() + FRESH
        except (OSError, UnicodeError):  # UnicodeError: no name that any resolver takes
            self._until = monotonic() + 1.0
        finally:
            self._asking = None


class Dial:
    """One attempt, over all addresses in turn. Calls `done` exactly once, unless cancelled."""

    __slots__ = ("_clock", "_done", "_left", "_poller", "_secured", "_sock", "_upstream", "due")

    def __init__(
        self, upstream: Upstream, poller: Poller, clock: Clock, seconds: float, done: Done
    ) -> None:
        self._upstream = upstream
        self._poller = poller
        self._clock = clock
        self._done: Done | None = done
        self._left: list[Address] = []
        self._sock: socket.socket | None = None
        self._secured: Secured | None = None
        self.due = monotonic() + seconds
        clock.add(self)

    def start(self, addresses: Sequence[Address]) -> None:
        """Begin with the first address; `Addresses.find` calls it."""
        if self._done is not None:
            self._left = list(addresses)
            self._try_next()

    def cancel(self) -> None:
        self._done = None
        self._drop()

    def late(self, now: float) -> None:
        self._end(None, Cause.LATE)

    def _try_next(self) -> None:
        while self._left:
            family, address = self._left.pop(0)
            try:
                sock = self._sock = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    continue  # such as a family that this machine has not
                log.exception("no connection can be opened")
                break
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            watch_for_silence(sock)
            if sock.connect_ex(address) in (0, errno.EINPROGRESS):
                self._poller.add(sock.fileno(), self._connected, WRITE)
                return
            sock.close()
            self._sock = None
        self._end(None, Cause.CLOSED)

    def _connected(self, _: int) -> None:
        sock = self._sock
        if sock is None:
            return
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._drop_socket()
            self._try_next()
        elif not _is_connected(sock):
            return  # the event was meant for an earlier owner of the descriptor's number
        elif self._upstream.tls is None:
            self._poller.remove(sock.fileno())
            self._end(sock, None)
        else:
            self._secure(sock, self._upstream.tls)

    def _secure(self, sock: socket.socket, tls: ssl.SSLContext) -> None:
        try:
            self._secured = Secured(sock, tls, self._upstream.host)
        except ValueError as error:
            self._refuse(error)
            return
        self._poller.remove(sock.fileno())
        self._poller.add(sock.fileno(), self._shake_hands)
        self._shake_hands(WRITE)

    def _shake_hands(self, _: int) -> None:
        secured = self._secured
        if secured is None:
            return
        try:
            awaited = secured.shake_hands()
        except (OSError, ValueError) as error:
            self._refuse(error)
            return
        if awaited:
            self._poller.change(secured.sock.fileno(), awaited)
        elif secured.pending():
            self._refuse("it spoke or ended before it was asked")
        else:
            self._poller.remove(secured.sock.fileno())
            self._end(secured, None)

    def _refuse(self, reason: Exception | str) -> None:
        name = f"{self._upstream.host}:{self._upstream.port}"
        events.warning("upstream_handshake_failed", upstream=name, reason=str(reason))
        self._end(None, Cause.CLOSED)

    def _end(self, dialled: Dialled | None, cause: Cause | None) -> None:
        done, self._done = self._done, None
        if dialled is not None:
            self._sock = None
        self._drop()
        if done is not None:
            done(dialled, cause)

    def _drop(self) -> None:
        self.due = NEVER
        self._clock.drop(self)
        if self._sock is not None:
            self._drop_socket()

    def _drop_socket(self) -> None:
        if self._sock is not None:
            with suppress(KeyError, OSError, ValueError):
                self._poller.remove(self._sock.fileno())
            self._sock.close()
            self._sock = None


def _is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True
