"""Newcomers: accepted from this worker's socket, and now and then from those of the others.

Each worker has a listening socket of its own (SO_REUSEPORT), among which the kernel divides
newcomers; one shared socket would give nearly all to whichever worker wakes first. What waits at
the socket of a worker that is busy or dead is taken in by those that look after it.
"""

import logging
import socket
from collections.abc import Callable, Sequence
from time import monotonic

from proxy.net.clock import NEVER, Clock
from proxy.net.link import watch_for_silence
from proxy.net.poller import Poller
from proxy.server.client import Client
from proxy.server.serving import Serving

log = logging.getLogger(__name__)

AT_ONCE = 64
"""Newcomers taken before others have their turn."""

LOOK_ROUND = 0.2
"""Seconds between two looks at the other workers' sockets."""

RETRY = 0.5
"""Seconds without accepting after the system had no descriptor left."""


class Listener:
    """Accepts while there is room. `trusts` says of a peer's address whether it is our own."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        serving: Serving,
        poller: Poller,
        clock: Clock,
        trusts: Callable[[str], bool],
    ) -> None:
        """The first socket is this worker's own. All must not block."""
        self._own, *self._others = sockets
        self._serving = serving
        self._poller = poller
        self._clock = clock
        self._trusts = trusts
        self._open = False
        self._stopping = False
        self.due = NEVER
        for door in sockets:
            watch_for_silence(door)
        serving.on_gone = self._made_room
        self.start()

    def start(self) -> None:
        if not self._open:
            self._open = True
            self._poller.add(self._own.fileno(), self._accept_own)
            self._clock.add(self)
            self.due = monotonic() + LOOK_ROUND

    def stop(self) -> None:
        """Take in those who already wait, at the others' doors too; then close ours."""
        self._pause()
        self._stopping = True
        self._serving.on_gone = None
        for door in (self._own, *self._others):
            for _ in range(AT_ONCE):
                if not self._accept(door):
                    break
            door.close()
        self.due = NEVER
        self._clock.drop(self)

    def late(self, now: float) -> None:
        if self._open:
            for other in self._others:
                self._accept(other)
            self.due = now + LOOK_ROUND
        elif self._has_room():
            self.start()

    def _pause(self) -> None:
        if self._open:
            self._open = False
            self.due = NEVER
            self._poller.remove(self._own.fileno())

    def _made_room(self) -> None:
        if not self._open and not self._serving.draining and self._has_room():
            self.start()

    def _has_room(self) -> bool:
        return len(self._serving.clients) < self._serving.config.max_connections

    def _accept_own(self, _: int) -> None:
        self._accept(self._own)

    def _accept(self, door: socket.socket) -> bool:
        """Take in who waits there; whether there may be more."""
        for _ in range(AT_ONCE):
            if not (self._has_room() or self._stopping):
                self._pause()
                return False
            try:
                sock, address = door.accept()
            except BlockingIOError:
                return False
            except ConnectionError:
                continue  # gone before we took it in
            except OSError:
                log.exception("no newcomer can be accepted")
                self._pause()
                self.due = monotonic() + RETRY
                return False
            self._welcome(sock, address)
        return True

    def _welcome(self, sock: socket.socket, address: tuple[str, int]) -> None:
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            sock.close()
            return
        peer = address[0].removeprefix("::ffff:")
        client = Client(sock, peer, address[1], trusted=self._trusts(peer), serving=self._serving)
        self._serving.clients.add(client)
