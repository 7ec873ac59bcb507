"""One JSON line a request, written in batches so that a log costs no system call each.

A log that cannot be written costs lines, never requests: they are counted, and an event says so.
"""

import asyncio

import msgspec

from proxy.telemetry.events import Seldom
from proxy.telemetry.line import LONGEST, Line, shortened
from proxy.telemetry.outlet import Outlet

CLOSING_SECONDS = 1.0
"""How long a worker that ends waits for the reader of a full pipe."""


class AccessLog:
    """Lines wait at most `delay` seconds, or until `limit` octets have gathered.

    Where `fd` is a pipe or a socket whose reader is slow, up to `backlog` octets wait for it; the
    lines after those are lost. `lost` counts the lines that were.
    """

    __slots__ = (
        "_backlog",
        "_delay",
        "_encode_into",
        "_full_at",
        "_limit",
        "_losses",
        "_outlet",
        "_timer",
        "_waiting",
        "_watching",
        "lost",
    )

    def __init__(
        self,
        fd: int,
        *,
        delay: float = 0.2,
        limit: int = 64 * 1024,
        backlog: int = 8 * 1024 * 1024,
    ) -> None:
        self._outlet = Outlet(fd)
        self._delay = delay
        self._limit = self._full_at = limit
        self._backlog = backlog
        self._waiting = bytearray()
        self._watching: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._encode_into = msgspec.json.Encoder().encode_into
        self._losses = Seldom("access_log_lost")
        self.lost = 0

    def write(self, line: Line) -> None:
        waiting = self._waiting
        start = len(waiting)
        self._encode_into(line, waiting, start)
        if len(waiting) - start >= LONGEST:
            self._encode_into(shortened(line), waiting, start)
        waiting += b"\n"
        if len(waiting) >= self._full_at:
            self._full()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._delay, self.flush)

    def flush(self) -> None:
        """Write what waits, as far as there is room."""
        self._stop_timer()
        if self._watching is None:
            self._drain()

    def settle(self) -> None:
        """Say what was lost and not yet said, if it is time."""
        self._losses.settle()

    def close(self) -> None:
        """Write what waits; lines for which the reader leaves no room in a second are lost."""
        self._stop_timer()
        self._unblock()
        try:
            self._outlet.write_within(self._waiting, CLOSING_SECONDS)
        except OSError as error:
            self._lose_waiting(error)
        self._outlet.close()
        self._losses.close()

    def _drain(self) -> None:
        try:
            self._outlet.write(self._waiting)
        except BlockingIOError:
            self._block()
            return
        except OSError as error:
            self._lose_waiting(error)
        self._unblock()

    def _full(self) -> None:
        if self._watching is None:
            self.flush()
            return
        del self._waiting[self._waiting.rfind(b"\n", 0, -1) + 1 :]
        self._lose(1, "nobody reads it")

    def _block(self) -> None:
        """From now on the loop says when there is room."""
        if self._watching is None:
            self._watching = asyncio.get_running_loop()
            self._watching.add_writer(self._outlet.fd, self._drain)
            self._full_at = self._backlog

    def _unblock(self) -> None:
        if self._watching is not None:
            self._watching.remove_writer(self._outlet.fd)
            self._watching = None
            self._full_at = self._limit

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _lose_waiting(self, error: OSError) -> None:
        """The rest of a line that was begun is kept: it must end before another can start."""
        kept = self._waiting.find(b"\n") + 1 if self._outlet.torn else 0
        lines = self._waiting.count(b"\n", kept)
        del self._waiting[kept:]
        self._lose(lines, error.strerror or str(error))

    def _lose(self, lines: int, error: str) -> None:
        self.lost += lines
        self._losses.add(lines, error)
