"""The shadow process, put together: its door, the native side, what it finds.

It begins with nothing but an open door: in most installations no domain is in shadow, and then the
native side need not be there a second time.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

import psycopg
import structlog

from legacy_bridge.replication.connections import NATIVE, UnreachableError, connected
from proxy.databases import open_engine
from proxy.parity.tally import Parity
from proxy.server.asgi import Application
from proxy.settings import Settings
from proxy.shadow import store
from proxy.shadow.capture import Answered, Arrived, Capture
from proxy.shadow.control import Control
from proxy.shadow.door import Door
from proxy.shadow.observing import Observing
from proxy.shadow.rehearsal import Split, Stage
from proxy.shadow.tide import Tide
from proxy.shadow.writing import Writing
from proxy.starting import uncollected
from proxy.telemetry.events import Seldom
from proxy.telemetry.families import SHADOW
from proxy.telemetry.sheets import Sheet, Sheets
from proxy.telemetry.tally import Tally

WRITE_SECONDS = 1.0
TRIM_SECONDS = 60.0

Wrap = Callable[[Application], Application]
log = structlog.get_logger("shadow")


def lowest_priority() -> None:
    """Nothing that anybody waits for comes after this, or is interrupted by it. Sessions share the
    processor among them before their processes do, where the kernel groups them, so that ours has
    to stand back, too."""
    os.nice(19)
    if hasattr(os, "SCHED_BATCH"):  # not everywhere
        with suppress(OSError):  # where everything of ours is idle, it cannot be made any less so
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("19", encoding="ascii")


class ShadowProcess:
    """`worker` names this process among all; `wrap` is put around the native application."""

    def __init__(
        self, settings: Settings, folder: Path, worker: str, wrap: Wrap = lambda app: app
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._worker = worker
        self._wrap = wrap
        self._native: asyncio.Task[tuple[Observing, Writing]] | None = None
        self._tally = Tally()
        self._sheets = Sheets(folder)
        self._unwritten = Seldom("shadow_unwritten")

    async def run(self, ready: Callable[[], None]) -> None:
        """Until cancelled. Raises `SettingsError` where the native side cannot be made."""
        async with AsyncExitStack() as stack:
            self._stack = stack
            door = asyncio.create_task(Door(self._take, self._rehearse).run(self._folder, ready))
            writing = asyncio.create_task(self._keep_writing())
            try:
                await asyncio.wait([door, writing], return_when=asyncio.FIRST_COMPLETED)
                for task in (door, writing):
                    if task.done():
                        task.result()
            finally:
                door.cancel()
                writing.cancel()
                await asyncio.gather(door, writing, return_exceptions=True)

    async def _take(self, capture: Capture) -> None:
        observing, _ = await self._begun()
        await observing.observe(capture)

    async def _rehearse(self, arrived: Arrived, answered: "asyncio.Future[Answered]") -> None:
        _, writing = await self._begun()
        await writing.rehearse(arrived, answered)

    async def _begun(self) -> tuple[Observing, Writing]:
        if self._native is None:
            self._native = asyncio.create_task(self._begin())
        return await asyncio.shield(self._native)

    async def _begin(self) -> tuple[Observing, Writing]:
        """The native side, from the first capture on."""
        # Imported where it is needed: all the domains come along.
        with uncollected():
            from ported_domains.registry import DOMAINS
            from proxy.abilities import movable
            from proxy.shadow.harmless import harmless

        settings, stack = self._settings, self._stack
        stage = Stage(settings.require("database_url", "writes are rehearsed there"))
        stack.push_async_callback(stage.engine.dispose)
        writes = partial(Split, stage.engine)
        app = self._wrap(await stack.enter_async_context(harmless(settings, writes)))
        engines = [
            open_engine(settings.require(name, "both are compared"), pool_size=2, name="shadow")
            for name in ("legacy_database_url", "database_url")
        ]
        for engine in engines:
            stack.push_async_callback(engine.dispose)
        tide, control = Tide(*engines), Control()
        stack.push_async_callback(tide.close)
        stack.push_async_callback(control.close)
        apart = [name for name, domain in DOMAINS.items() if domain.shares_rows]
        log.info("shadow_compares")
        writing = Writing(app, stage, engines[1], tide, movable())
        return Observing(app, tide, control, apart), writing

    async def _keep_writing(self) -> None:
        trim_at = 0.0
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                trim = time.monotonic() >= trim_at
                if trim:
                    trim_at = time.monotonic() + TRIM_SECONDS
                await self._write(trim=trim)
        finally:
            await self._write(trim=False)

    async def _write(self, *, trim: bool) -> None:
        if self._native is None or not self._native.done():
            return
        observing, writing = self._native.result()
        found, writes = observing.taken(), writing.taken()
        if found.routes or writes or trim:
            try:
                await asyncio.to_thread(self._store, found, writes, trim)
            except (psycopg.DataError, UnicodeError) as error:  # it will never be taken
                self._unwritten.add(1, " ".join(str(error).split()))
            except (psycopg.Error, UnreachableError) as error:
                observing.parity.merge(found)
                self._unwritten.add(1, " ".join(str(error).split()))
        counts = observing.counts + writing.counts
        self._tally.counts[SHADOW.name] = {(what,): number for what, number in counts.items()}
        with suppress(OSError):
            self._sheets.publish(Sheet(self._tally))

    def _store(self, found: Parity, writes: Iterable[store.WriteFound], trim: bool) -> None:
        url = self._settings.require("database_url", "what is found is kept there")
        with connected(url, NATIVE) as native:
            with native.transaction():
                store.add(native, self._worker, found, time.time())
                for write in writes:
                    store.add_write(native, write)
            if trim:
                with suppress(psycopg.Error):  # what is old can wait
                    store.trim(native)
