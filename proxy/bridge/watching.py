"""The bridge's state in the workers: read off the loop, shared in a file, shown and warned about.

A reading takes a few connections, so whoever is asked for metrics first takes what another worker
has read a moment ago. One worker of a proxy, by a lock, reads now and then without being asked, so
that warnings come where nobody collects metrics.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Thread

import msgspec
import psycopg
import structlog
from prometheus_client.core import Metric

from legacy_bridge.replication.faults import BridgeError
from proxy.bridge.alarms import AlarmLimits, Alarms
from proxy.bridge.metrics import families
from proxy.bridge.status import Reading, read
from proxy.settings import Settings
from proxy.telemetry.locked import sole

FRESH_SECONDS = 5.0
"""A reading that is no older is good enough for metrics."""
PATIENCE_SECONDS = 1.0
"""How long whoever asks for metrics waits for a database."""
LOOK_SECONDS = 10.0
"""Between two readings for warnings."""

log = structlog.get_logger("bridge")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Reading).decode


def status_watch(settings: Settings, folder: Path | None) -> "StatusWatch":
    """`folder` is where the workers of this proxy meet. Both databases have to be set."""
    legacy_url = settings.require("legacy_database_url", "the bridge's state is read there")
    native_url = settings.require("database_url", "the bridge's state is read there")
    limits = AlarmLimits(
        lag_seconds=settings.lag_warning, retained_bytes=settings.retained_wal_warning
    )
    return StatusWatch(lambda: read(legacy_url, native_url), folder, limits)


class StatusWatch:
    """`reader` asks the databases, and may take its time. Belongs inside the event loop."""

    def __init__(
        self, reader: Callable[[], Reading], folder: Path | None, limits: AlarmLimits
    ) -> None:
        self._reader = reader
        self._folder = folder
        self._limits = limits
        self._reading: Reading | None = None
        self._asking: asyncio.Future[Reading | None] | None = None
        self._unreadable: str | None = None

    def metrics(self) -> Iterable[Metric]:
        """Of the last reading; none before the first."""
        return () if self._reading is None else families(self._reading, time.time())

    @property
    def reading(self) -> Reading | None:
        """The last one, whichever worker has made it."""
        self._take_shared()
        return self._reading

    async def refresh(self) -> None:
        """Before metrics are shown: a new reading, where the last one is too old."""
        self._take_shared()
        if not self._fresh(FRESH_SECONDS):
            await asyncio.wait([self._ask()], timeout=PATIENCE_SECONDS)

    async def watch(self) -> None:
        """Log what is worth it, as the one worker that does, or once that one is gone."""
        if self._folder is None:
            await self._warn()
            return
        while True:
            with suppress(OSError), sole(self._folder / "bridge-watch") as alone:
                if alone:
                    await self._warn()
            await asyncio.sleep(LOOK_SECONDS)

    async def _warn(self) -> None:
        alarms = Alarms(self._limits)
        last = 0.0
        while True:
            self._take_shared()
            if not self._fresh(LOOK_SECONDS):
                await asyncio.wait([self._ask()])
            if self._reading is not None and self._reading.at > last:
                last = self._reading.at
                for note in alarms.take(self._reading):
                    getattr(log, note.level)(note.event, **note.details)
            await asyncio.sleep(LOOK_SECONDS)

    def _fresh(self, seconds: float) -> bool:
        return self._reading is not None and 0 <= time.time() - self._reading.at <= seconds

    # Reading, one at a time

    def _ask(self) -> "asyncio.Future[Reading | None]":
        """A thread that does not keep the worker from ending: a database may never answer."""
        if self._asking is None:
            loop = asyncio.get_running_loop()
            self._asking = loop.create_future()
            self._asking.add_done_callback(self._read)
            Thread(target=self._work, args=[loop, self._asking], daemon=True).start()
        return self._asking

    def _work(
        self, loop: asyncio.AbstractEventLoop, asking: "asyncio.Future[Reading | None]"
    ) -> None:
        reading, unreadable = None, None
        try:
            reading = self._reader()
        except (BridgeError, psycopg.Error, OSError) as error:
            unreadable = " ".join(str(error).split())
        except Exception as error:  # else those who wait would do so for ever
            unreadable = repr(error)
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(self._heard, asking, reading, unreadable)

    def _heard(
        self,
        asking: "asyncio.Future[Reading | None]",
        reading: Reading | None,
        unreadable: str | None,
    ) -> None:
        if unreadable and self._unreadable is None:
            log.warning("bridge_status_unreadable", reason=unreadable)
        elif self._unreadable and unreadable is None:
            log.info("bridge_status_readable")
        self._unreadable = unreadable
        if not asking.done():
            asking.set_result(reading)

    def _read(self, asking: "asyncio.Future[Reading | None]") -> None:
        self._asking = None
        reading = None if asking.cancelled() else asking.result()
        if reading is not None:
            self._reading = reading
            self._share(reading)

    # Sharing

    def _take_shared(self) -> None:
        """What another worker has read since."""
        if self._folder is None:
            return
        with suppress(OSError, msgspec.DecodeError):
            shared = _decode((self._folder / "bridge-status").read_bytes())
            if self._reading is None or shared.at > self._reading.at:
                self._reading = shared

    def _share(self, reading: Reading) -> None:
        if self._folder is None:
            return
        draft = self._folder / f"bridge-status-{os.getpid()}"
        with suppress(OSError):  # then each worker reads for itself
            draft.write_bytes(_encode(reading))
            draft.replace(self._folder / "bridge-status")
