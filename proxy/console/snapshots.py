"""What was read a moment ago, shared by all who look: one reading at a time, and never on the loop.

A database that does not answer in time is told of; it is asked again with the next look.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec
import structlog

from legacy_bridge.replication.connections import NATIVE
from legacy_bridge.replication.faults import BridgeError
from ported_domains.registry import mappings
from proxy.bridge.status import Reading as BridgeReading
from proxy.console.off_loop import Crew
from proxy.console.overview import NOT_SET, REACHABLE, Overview, Routing, overview
from proxy.console.placing import Places, placed
from proxy.console.reading.changes import Recorded
from proxy.console.reading.looks import (
    DomainLook,
    Look,
    SlowLook,
    changes_look,
    domain_look,
    look,
    slow_look,
)
from proxy.console.reading.rows import Troubled, read_troubled
from proxy.console.reading.state import Tables
from proxy.console.reading.traffic import WINDOWS, Window
from proxy.routing.rules import Rule
from proxy.routing.table import RoutingTable

T = TypeVar("T")
log = structlog.get_logger("console")
FRESH_SECONDS = 1.0
SLOW_SECONDS = 10.0
DOMAIN_SECONDS = 2.0
PATIENCE_SECONDS = 4.0
LAG_POINTS = 8640
"""Ten seconds each: a day."""


class BridgeWatch(Protocol):
    """What the console needs of the worker's `StatusWatch`."""

    @property
    def reading(self) -> BridgeReading | None: ...

    async def refresh(self) -> None: ...


class Shared(Generic[T]):
    """One answer for everybody who asks within `seconds`, be it an error."""

    def __init__(self, crew: Crew, read: Callable[[], T], seconds: float) -> None:
        self._crew = crew
        self._read = read
        self._seconds = seconds
        self._asking: asyncio.Task[T] | None = None
        self._until = 0.0

    async def get(self) -> T:
        """Raises what the reading raised, or `BridgeError` if it takes too long."""
        if self._asking is None or (self._asking.done() and time.monotonic() >= self._until):
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_noticed)
        asking = self._asking  # somebody else may ask anew before we go on
        done, _ = await asyncio.wait([asking], timeout=PATIENCE_SECONDS)
        if not done:
            raise BridgeError(
                f"{NATIVE} does not answer within {PATIENCE_SECONDS:g} s — it is asked again"
            )
        return asking.result()

    async def _ask(self) -> T:
        try:
            return await self._crew.do(self._read)
        finally:
            self._until = time.monotonic() + self._seconds


def _noticed(task: "asyncio.Task[T]") -> None:
    """An error that nobody waited for long enough to see is no fault of the loop's."""
    if not task.cancelled():
        task.exception()


class Snapshots:
    """`native_url` None: only the file is known. `routing` gives what is in force now."""

    def __init__(
        self,
        crew: Crew,
        legacy_url: str | None,
        native_url: str | None,
        routing: Callable[[], Routing],
        tables: Mapping[str, Tables],
        manifest: Path | None,
        bridge: BridgeWatch | None,
    ) -> None:
        self.crew = crew
        self._legacy_url = legacy_url
        self.native_url = native_url
        self.routing = routing
        self.tables = tables
        self._manifest = manifest
        self._bridge = bridge
        self._looks: dict[str, Shared[Look]] = {}
        self._slow: Shared[SlowLook] | None = None
        self._domains: dict[tuple[str, str], Shared[DomainLook]] = {}
        self._troubled: dict[str, Shared[Troubled]] = {}
        self._changes = Shared(crew, lambda: changes_look(native_url or "", None), FRESH_SECONDS)
        self._lag: deque[tuple[float, float]] = deque(maxlen=LAG_POINTS)
        self._places: tuple[tuple[Rule, ...], Sequence[Places]] | None = None
        self._placing_of: tuple[Rule, ...] | None = None
        self._placing: asyncio.Task[None] | None = None
        self._last: dict[str, tuple[object, Overview]] = {}

    async def overview(self, window: Window) -> Overview:
        """Never raises for a database that is away: that is a part of what is shown."""
        look, slow, database = await self._read(window)
        if self._bridge is not None and database == REACHABLE:
            await self._bridge.refresh()
            self._note_lag(self._bridge.reading)
        routing = self.routing()
        self._place(routing)
        key = (look, slow, database, routing, self._bridge.reading if self._bridge else None)
        last = self._last.get(window.name)
        if (
            look is not None
            and last is not None
            and all(
                one is other
                for one, other in zip(last[0], key, strict=True)  # type: ignore[call-overload]
            )
        ):
            return last[1]
        found = overview(
            at=datetime.now(UTC),
            routing=routing,
            tables=self.tables,
            database=database,
            look=look,
            slow=slow,
            window=window,
            bridge=self._bridge.reading if self._bridge else None,
            lag_line=self._lag_line(window),
            patterns=self._placed(routing.table),
        )
        self._last[window.name] = (key, found)
        return found

    async def domain(self, name: str, window: Window) -> DomainLook:
        """Of a known domain. Raises `BridgeError`."""
        url = self._url()
        key = name, window.name
        shared = self._domains.get(key)
        if shared is None:
            known = self.tables.get(name, Tables())
            tables = known.native if known.movable else ()
            urls = self._legacy_url, url
            shared = Shared(
                self.crew,
                lambda: domain_look(urls, name, self.routing().config, tables, window),
                DOMAIN_SECONDS,
            )
            self._domains[key] = shared
        return await shared.get()

    async def changes(self, before: int | None) -> list[Recorded]:
        """Raises `BridgeError`."""
        url = self._url()
        if before is None:
            return await self._changes.get()
        return await self.crew.do(lambda: changes_look(url, before))

    @property
    def has_both(self) -> bool:
        return self._legacy_url is not None and self.native_url is not None

    async def troubled(self, name: str) -> Troubled:
        """Of a domain with rows on both sides. Raises `BridgeError`."""
        shared = self._troubled.get(name)
        if shared is None:
            legacy_url, native_url = self._legacy_url or "", self._url()
            tables = self.tables[name]
            shared = Shared(
                self.crew,
                lambda: read_troubled(legacy_url, native_url, mappings(), name, tables),
                DOMAIN_SECONDS,
            )
            self._troubled[name] = shared
        return await shared.get()

    def forget_rows(self, name: str) -> None:
        """They are read anew, as somebody is about to decide on them."""
        self._troubled.pop(name, None)

    def forget(self, name: str) -> None:
        """Somebody has changed something just now."""
        self.forget_rows(name)
        self._looks.clear()
        for key in [key for key in self._domains if key[0] == name]:
            del self._domains[key]

    def _url(self) -> str:
        if self.native_url is None:
            raise BridgeError("STRANGLER_DATABASE_URL is not set: nothing is written down")
        return self.native_url

    async def _read(self, window: Window) -> tuple[Look | None, SlowLook | None, str]:
        url = self.native_url
        if url is None:
            return None, None, NOT_SET
        if window.name not in self._looks:
            self._looks[window.name] = Shared(self.crew, lambda: look(url, window), FRESH_SECONDS)
        if self._slow is None:
            self._slow = Shared(self.crew, lambda: slow_look(url), SLOW_SECONDS)
        try:
            return await self._looks[window.name].get(), await self._slow.get(), REACHABLE
        except BridgeError as error:
            return None, None, str(error)

    def _note_lag(self, reading: BridgeReading | None) -> None:
        if reading is None or not reading.streams or (self._lag and self._lag[-1][0] == reading.at):
            return
        self._lag.append((reading.at, max(one.lag_seconds for one in reading.streams)))

    def _lag_line(self, window: Window) -> list[tuple[float, float]]:
        begin = time.time() - window.seconds
        return [(at, lag) for at, lag in self._lag if at >= begin]

    def _placed(self, table: RoutingTable) -> Sequence[Places] | None:
        """None as long as that is not known."""
        if self._places is None or self._places[0] != table.rules:
            return None
        return self._places[1]

    def _place(self, routing: Routing) -> None:
        """Once for each set of rules. What fails is told once, and the figure is left out."""
        if self._manifest is None or self._placing_of == routing.table.rules:
            return
        self._placing_of = routing.table.rules
        self._placing = asyncio.create_task(self._work_out(routing, self._manifest))

    async def _work_out(self, routing: Routing, manifest: Path) -> None:
        try:
            found = await placed(routing.config, manifest)
        except (BridgeError, OSError, msgspec.DecodeError) as error:
            log.warning("legacy_urls_not_placed", reason=str(error))
            return
        self._places = (routing.table.rules, found)

    async def watch_lag(self) -> None:
        """Until cancelled: so that the line is there when somebody comes to look."""
        while self._bridge is not None:
            self._note_lag(self._bridge.reading)
            await asyncio.sleep(LAG_SECONDS)


LAG_SECONDS = 10.0
DEFAULT_WINDOW = WINDOWS["5m"]
