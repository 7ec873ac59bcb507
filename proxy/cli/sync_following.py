"""What a run of the stream says while it goes on: one line that changes on a terminal, else a line
now and then, for logs. On stderr."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from types import FrameType

import click

from legacy_bridge.replication.apply.applied import Applied
from legacy_bridge.replication.pgoutput.lsn import Lsn

LOG_SECONDS = 10.0
TERMINAL_SECONDS = 0.2


class FollowingLines:
    """A `one_way.Watch` of what comes from the database `origin`."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._terminal = sys.stderr.isatty()
        self._every = TERMINAL_SECONDS if self._terminal else LOG_SECONDS
        self._since = monotonic()
        self._transactions = self._rows = self._refused = 0

    def following(self, position: Lsn) -> None:
        self._line(f"following the {self._origin} database from {position}")

    def standing_by(self, holder: str | None) -> None:
        self._line(f"standing by: {holder or 'another one'} applies")

    def applied(self, done: Applied, position: Lsn) -> None:
        self._transactions += done.transactions
        self._rows += done.rows
        if done.refused:
            self._line(f"{done.refused} rows refused: see bridge_quarantine")
        if done.lost:
            self._line(f"{done.lost} changes lost against the owner's: see bridge_conflicts")
        passed = monotonic() - self._since
        if passed >= self._every:
            rate = self._rows / passed
            much = f"{self._transactions} transactions ({rate:,.0f} rows/s)"
            said = f"{self._origin} applied up to {position}: {much}"
            if self._terminal:
                click.echo(f"\r\x1b[K{said}", err=True, nl=False)
            else:
                click.echo(said, err=True)
            self._since, self._transactions, self._rows = monotonic(), 0, 0

    def lost(self, fault: str, pause: float) -> None:
        self._line(f"{fault} — trying again in {pause:g} s")

    def _line(self, text: str) -> None:
        click.echo(f"\r\x1b[K{text}" if self._terminal else text, err=True)


@contextmanager
def stopped_by_signals() -> Iterator[Event]:
    """Set by SIGTERM or SIGINT; what is being applied is finished before the end."""
    stop = Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
