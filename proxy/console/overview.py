"""What the console shows of the whole system at one moment, put together from what was read. Pure.

The file says what is wanted, the native database what is; without it only the first is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from proxy.bridge.status import Reading as BridgeReading
from proxy.bridge.status import StreamReading
from proxy.console.placing import Places
from proxy.console.progress import Progress, progress
from proxy.console.reading.looks import Look, SlowLook
from proxy.console.reading.parity import Compared
from proxy.console.reading.state import Flipped, Tables
from proxy.console.reading.traffic import NOW_SECONDS, Series, Window, summed
from proxy.console.standing import Standing, stand
from proxy.ownership.phases import Phase, Side
from proxy.routing.config import DomainConfig, RoutingConfig
from proxy.routing.faults import Fault
from proxy.routing.table import RoutingTable
from proxy.traffic.load import Load


@dataclass(frozen=True, slots=True)
class Routing:
    """routing.yaml as this worker has it in force; `faults` are those of the file as it is now."""

    file: str
    digest: str
    faults: tuple[Fault, ...]
    config: RoutingConfig
    table: RoutingTable

    @property
    def domains(self) -> Mapping[str, DomainConfig]:
        return self.config.domains


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """`now`: over the last minute. `lag_seconds` of the stream that carries its rows, `differing`
    rows as of the last comparison: None where nobody knows, or it has none."""

    name: str
    standing: Standing
    native: Load
    legacy: Load
    compared: Compared
    lag_seconds: float | None = None
    differing: int | None = None
    quarantined: int = 0
    conflicts: int = 0
    flipped: Flipped | None = None
    tables: Tables

    @property
    def share(self) -> float | None:
        """Of its requests, how many the native side answered."""
        return share(self.native, self.legacy)

    @property
    def requests(self) -> int:
        return self.native.requests + self.legacy.requests

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / NOW_SECONDS

    @property
    def errors(self) -> int:
        return self.native.errors + self.legacy.errors


def share(native: Load, legacy: Load) -> float | None:
    total = native.requests + legacy.requests
    return native.requests / total if total else None


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`database`: reachable, not set, or why it cannot be read. `behind`: workers of any replica
    that have another routing.yaml in force than this one."""

    at: datetime
    routing: Routing
    database: str
    domains: tuple[Domain, ...]
    now: Mapping[tuple[str, str], Load]
    series: Series | None
    window: Window
    streams: Sequence[StreamReading]
    lag_line: Sequence[tuple[float, float]]
    workers: int
    behind: tuple[str, ...]
    progress: Progress | None

    @property
    def known(self) -> bool:
        """Whether more than the file is known."""
        return self.database == REACHABLE

    def domain(self, name: str) -> Domain | None:
        return next((one for one in self.domains if one.name == name), None)

    @cached_property
    def native(self) -> Load:
        """Of all that the native side answered in the last minute."""
        return summed(self.now, Side.NATIVE)

    @cached_property
    def legacy(self) -> Load:
        return summed(self.now, Side.LEGACY)

    @property
    def share(self) -> float | None:
        return share(self.native, self.legacy)

    @property
    def rate(self) -> float:
        return (self.native.requests + self.legacy.requests) / NOW_SECONDS

    @property
    def lag_seconds(self) -> float | None:
        return max((stream.lag_seconds for stream in self.streams), default=None)

    @property
    def differing(self) -> int | None:
        known = [one.differing for one in self.domains if one.differing is not None]
        return sum(known) if known else None


REACHABLE = "reachable"
NOT_SET = "not set"


def overview(
    *,
    at: datetime,
    routing: Routing,
    tables: Mapping[str, Tables],
    database: str,
    look: Look | None,
    slow: SlowLook | None,
    window: Window,
    bridge: BridgeReading | None,
    lag_line: Sequence[tuple[float, float]],
    patterns: Sequence[Places] | None,
) -> Overview:
    """`tables` names every ported domain. `patterns`: the legacy site's URLs, where known."""
    names = [*routing.domains, *(name for name in tables if name not in routing.domains)]
    domains = tuple(
        _domain(name, routing, tables.get(name, Tables()), look, slow, bridge) for name in names
    )
    return Overview(
        at=at,
        routing=routing,
        database=database,
        domains=domains,
        now=look.now if look else {},
        series=look.series if look else None,
        window=window,
        streams=bridge.streams if bridge else (),
        lag_line=lag_line,
        workers=len(look.state.workers) if look else 0,
        behind=_behind(look, routing.digest),
        progress=progress(
            {one.name: one.standing for one in domains},
            {one.name: one.tables.native for one in domains},
            routing.table,
            slow.hits if slow else None,
            slow.day if slow else None,
            patterns,
            at,
        ),
    )


def _domain(
    name: str,
    routing: Routing,
    tables: Tables,
    look: Look | None,
    slow: SlowLook | None,
    bridge: BridgeReading | None,
) -> Domain:
    state = look.state if look else None
    standing = stand(name, routing.domains.get(name), state)
    now = look.now if look else {}
    rows = [state.rows[table] for table in tables.native if table in state.rows] if state else []
    verified = [row.differing for row in rows if row.differing is not None]
    every = {*tables.native, *tables.legacy}
    return Domain(
        name=name,
        standing=standing,
        native=now.get((name, Side.NATIVE), Load()),
        legacy=now.get((name, Side.LEGACY), Load()),
        compared=slow.compared.get(name, Compared()) if slow else Compared(),
        lag_seconds=_lag(standing, tables, bridge),
        differing=sum(verified) if verified and len(verified) == len(tables.native) else None,
        quarantined=_counted(bridge.quarantined, every) if bridge else 0,
        conflicts=_counted(bridge.conflicts, every) if bridge else 0,
        flipped=state.flipped.get(name) if state else None,
        tables=tables,
    )


def _lag(standing: Standing, tables: Tables, bridge: BridgeReading | None) -> float | None:
    if bridge is None or not tables.movable or standing.has.phase is Phase.RETIRED:
        return None
    direction = str(standing.owner.direction)
    return next((one.lag_seconds for one in bridge.streams if one.name == direction), None)


def _counted(counts: Mapping[str, int], tables: set[str]) -> int:
    return sum(number for table, number in counts.items() if table in tables)


def _behind(look: Look | None, digest: str) -> tuple[str, ...]:
    if look is None:
        return ()
    return tuple(worker for worker, theirs in look.state.workers if theirs != digest)
