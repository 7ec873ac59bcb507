"""One epoll loop over raw sockets, as few system calls a message as there can be."""

import select
import socket
from collections.abc import Callable
from time import perf_counter

IN, OUT = select.EPOLLIN, select.EPOLLOUT
LONGEST_WAIT = 0.25
SEND_BUFFER = 256 * 1024
"""A body of 100 KB goes out in one call."""


class Loop:
    """Calls `ready[fd]()` for each socket that can be read, or written where that was asked for."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self.ready: dict[int, Callable[[], None]] = {}
        self._stopped = False

    def add(self, fd: int, ready: Callable[[], None]) -> None:
        self.ready[fd] = ready
        self._epoll.register(fd, IN)

    def remove(self, fd: int) -> None:
        del self.ready[fd]
        self._epoll.unregister(fd)

    def change(self, fd: int, events: int, ready: Callable[[], None]) -> None:
        self.ready[fd] = ready
        self._epoll.modify(fd, events)

    def run(self, *, until: float, wait: float = LONGEST_WAIT) -> None:
        """Until this moment of `perf_counter`, or at most `wait` seconds later, or until `stop`."""
        poll, ready, now = self._epoll.poll, self.ready, perf_counter
        self._stopped = False
        while not self._stopped and now() < until:
            for fd, _ in poll(wait):
                ready[fd]()

    def stop(self) -> None:
        """End `run` after what is ready now."""
        self._stopped = True


class Link:
    """One non-blocking connection on the loop. `read` is called when something has come."""

    def __init__(self, loop: Loop, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._loop = loop
        self._sock = sock
        self._fd = sock.fileno()
        self._send = sock.send
        self._receive_into = sock.recv_into
        self._unsent = memoryview(b"")
        loop.add(self._fd, self.read)

    def read(self) -> None:
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """Send all of it, the rest when the peer takes more.

        A connection that broke is told by what reading it gives.
        """
        try:
            sent = self._send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return
        if sent < len(data):
            self._unsent = memoryview(data)[sent:]
            self._loop.change(self._fd, OUT, self._write_rest)

    def _write_rest(self) -> None:
        try:
            self._unsent = self._unsent[self._send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self._unsent = memoryview(b"")
        if not self._unsent:
            self._loop.change(self._fd, IN, self.read)

    def close(self) -> None:
        self._loop.remove(self._fd)
        self._sock.close()
