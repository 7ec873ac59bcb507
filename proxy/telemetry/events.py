"""What happens besides requests: events on standard error, by structlog."""

import logging
import sys
from time import monotonic
from typing import TextIO, cast

import structlog

from proxy.telemetry.outlet import Outlet

PATIENCE = 0.05
"""Seconds that an event may wait for room in the pipe; a worker that waits answers nobody."""

log = structlog.get_logger("telemetry")


def configure_logging(log_format: str) -> None:
    """Events as JSON lines, or coloured for a terminal; the standard library's loggers too."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if log_format == "console"
        else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    stream = cast(TextIO, EventStream(sys.stderr.fileno()))  # of a stream it has what they call
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    plain = logging.StreamHandler(stream)
    plain.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[plain], level=logging.WARNING, force=True)


class EventStream:
    """Lets an event go rather than break or hold up what it speaks of."""

    def __init__(self, fd: int) -> None:
        self._outlet = Outlet(fd)
        self._patience = PATIENCE

    def write(self, text: str) -> int:
        lines = bytearray(b"\n" if self._outlet.torn else b"")
        lines += text.encode("utf-8", "backslashreplace")
        try:
            self._outlet.write_within(lines, self._patience)
            self._patience = PATIENCE
        except OSError:
            self._patience = 0.0
        return len(text)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        self._outlet.close()


class Seldom:
    """An error that may come a thousand times a second, said once in `every` seconds at most.

    The event tells how many there were since the last, and the latest reason.
    """

    def __init__(self, event: str, every: float = 60.0) -> None:
        self._event = event
        self._every = every
        self._number = 0
        self._error = ""
        self._next = 0.0

    def add(self, number: int, error: str) -> None:
        self._number += number
        self._error = error
        self.settle()

    def settle(self) -> None:
        """Say what has gathered, if it is time."""
        if self._number and monotonic() >= self._next:
            self.close()

    def close(self) -> None:
        """Say what has gathered."""
        if self._number:
            log.error(self._event, number=self._number, error=self._error)
            self._number = 0
            self._next = monotonic() + self._every
