"""What all connections of a worker share, and how they end when the worker does."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from proxy.net.clock import Clock
from proxy.net.poller import Poller
from proxy.server.config import ServerConfig
from proxy.server.request import Request

if TYPE_CHECKING:
    from proxy.server.client import Client
    from proxy.server.incoming import Incoming

IDLE_GRACE = 1.0
"""Seconds of a drain in which a kept connection may still bring a request, to be told to close."""


class Records(Protocol):
    """Where finished requests are told."""

    def record(self, request: Request, now: float) -> None: ...

    def refused(self, status: int) -> None: ...


class Serving:
    """`answer` gives a request its course (the edge); it must set `client.course` or answer."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        poller: Poller,
        clock: Clock,
        config: ServerConfig,
        answer: "Callable[[Client, Request], None]",
        records: Records,
    ) -> None:
        self.loop = loop
        self.poller = poller
        self.clock = clock
        self.config = config
        self.answer = answer
        self.record = records.record
        self.refused = records.refused
        self.draining = False
        self.clients: set[Client] = set()
        self.on_gone: Callable[[], None] | None = None
        self._empty: asyncio.Event = asyncio.Event()

    @property
    def in_flight(self) -> int:
        return sum(client.course is not None for client in self.clients)

    def gone(self, client: "Incoming") -> None:
        self.clients.discard(client)
        if self.on_gone is not None:
            self.on_gone()
        if not self.clients:
            self._empty.set()

    async def drain(self, seconds: float) -> bool:
        """Let what is under way finish: every answer from now on closes its connection.

        Returns whether all ended by themselves within `seconds`; the rest is cut off.
        """
        self.draining = True
        until = monotonic() + seconds
        if not await self._emptied(min(IDLE_GRACE, seconds)):
            for client in [one for one in self.clients if one.idle]:
                client.linger(monotonic())
            await self._emptied(until - monotonic())
        left = list(self.clients)
        for client in left:
            if client.course is not None or client.waiting:
                client.abort()  # a reset says that the answer is not whole
            client.lost()
        return not left

    async def _emptied(self, seconds: float) -> bool:
        self._empty.clear()
        if self.clients:
            try:
                await asyncio.wait_for(self._empty.wait(), max(seconds, 0))
            except TimeoutError:
                return False
        return True
