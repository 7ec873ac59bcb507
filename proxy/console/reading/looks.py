"""Everything that the pages want to know at once, by how fast it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from legacy_bridge.replication.connections import Connection
from proxy.console.reading.changes import Recorded, read_changes
from proxy.console.reading.connection import looking
from proxy.console.reading.gates import Gates, read_gates
from proxy.console.reading.parity import (
    Compared,
    Write,
    read_compared,
    read_tallies,
    read_write_counts,
    read_writes,
)
from proxy.console.reading.state import State, read_state
from proxy.console.reading.traffic import DAY_SECONDS, NOW_SECONDS, Series, Window, read_series
from proxy.console.standing import stand
from proxy.parity.tally import RouteTally
from proxy.routing.config import RoutingConfig
from proxy.traffic.load import Load
from proxy.traffic.reading import Hit, hits, summary

FEW_CHANGES = 10


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at once a second while somebody watches. `now`: by domain and side, over the
    last minute; domain '' is what no rule took."""

    state: State
    now: Mapping[tuple[str, str], Load]
    series: Series


@dataclass(frozen=True, slots=True)
class SlowLook:
    """What changes slowly, or takes longer to read. `day`: as `now`, of the last 24 h."""

    compared: Mapping[str, Compared]
    hits: list[Hit]
    day: Mapping[tuple[str, str], Load]


@dataclass(frozen=True, slots=True)
class DomainLook:
    """What only the page of one domain shows. `writes_compared`: how many, and how many alike."""

    tallies: list[RouteTally]
    unread: int
    writes: list[Write]
    writes_compared: tuple[int, int]
    changes: list[Recorded]
    series: Series
    gates: Gates | None


def look(native_url: str, window: Window) -> Look:
    """Raises `BridgeError`, as the others."""
    with looking(native_url) as native:
        return Look(
            read_state(native),
            _loads(native, NOW_SECONDS),
            read_series(native, window, datetime.now(UTC)),
        )


def slow_look(native_url: str) -> SlowLook:
    with looking(native_url) as native:
        return SlowLook(read_compared(native), hits(native), _loads(native, DAY_SECONDS))


def domain_look(
    urls: tuple[str | None, str],
    domain: str,
    config: RoutingConfig,
    tables: Sequence[str],
    window: Window,
) -> DomainLook:
    """`urls` of the legacy and the native database, `tables` native ones whose rows move."""
    with looking(urls[1]) as native:
        tallies, unread = read_tallies(native, domain)
        standing = stand(domain, config.domains.get(domain), read_state(native))
        gates = None
        if domain in config.domains:
            of_domain = config.gates_of(domain)
            gates = read_gates(native, urls, domain, tables, standing, of_domain)
        return DomainLook(
            tallies,
            unread,
            read_writes(native, domain),
            read_write_counts(native, domain),
            read_changes(native, domain=domain, limit=FEW_CHANGES),
            read_series(native, window, datetime.now(UTC), domain),
            gates,
        )


def changes_look(native_url: str, before: int | None) -> list[Recorded]:
    with looking(native_url) as native:
        return read_changes(native, before=before)


def _loads(native: Connection, seconds: float) -> dict[tuple[str, str], Load]:
    return {key: current.load for key, current in summary(native, seconds).items()}
