"""Which sockets are ready: an epoll of our own, itself watched by the event loop.

A transport of asyncio costs several calls, a copy and a task switch for each piece. Here a ready
socket is one entry of `epoll.poll` and one call. The loop wakes when the epoll is ready (it can be
watched as any descriptor, epoll(7)), we take a batch, and the loop goes on with its tasks.
"""

import asyncio
import logging
import select
import sys
from collections.abc import Callable

log = logging.getLogger(__name__)

READ = 1  # EPOLLIN
WRITE = 4  # EPOLLOUT
BATCH = 128
"""Sockets looked at before the loop's own tasks have their turn."""

Ready = Callable[[int], None]
"""Called with the events (`READ`, `WRITE`, or others for errors); may be called needlessly."""


class Poller:
    """Level-triggered. Who is called must not raise; if it does all the same, only it suffers."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready: dict[int, Ready] = {}
        self._epoll = select.epoll()
        self._poll = self._epoll.poll
        loop.add_reader(self._epoll.fileno(), self._pump)

    def add(self, fd: int, ready: Ready, events: int = READ) -> None:
        self._ready[fd] = ready
        self._epoll.register(fd, events)

    def change(self, fd: int, events: int) -> None:
        self._epoll.modify(fd, events)

    def remove(self, fd: int) -> None:
        """Before the descriptor is closed."""
        del self._ready[fd]
        self._epoll.unregister(fd)

    def close(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _pump(self) -> None:
        get = self._ready.get
        for fd, events in self._poll(0, BATCH):
            ready = get(fd)
            if ready is not None:  # else closed earlier in this batch
                try:
                    ready(events)
                except Exception:
                    log.exception("a ready socket's owner failed")


class LoopPoller(Poller):
    """The same where there is no epoll, with the loop's own means."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready = {}

    def add(self, fd: int, ready: Ready, events: int = READ) -> None:
        self._ready[fd] = ready
        self.change(fd, events)

    def change(self, fd: int, events: int) -> None:
        self._loop.remove_reader(fd)
        self._loop.remove_writer(fd)
        if events & READ:
            self._loop.add_reader(fd, self._ready[fd], READ)
        if events & WRITE:
            self._loop.add_writer(fd, self._ready[fd], WRITE)

    def remove(self, fd: int) -> None:
        del self._ready[fd]
        self._loop.remove_reader(fd)
        self._loop.remove_writer(fd)

    def close(self) -> None:
        for fd in tuple(self._ready):
            self.remove(fd)


def open_poller(loop: asyncio.AbstractEventLoop) -> Poller:
    """The best that this platform has."""
    return Poller(loop) if sys.platform == "linux" else LoopPoller(loop)
