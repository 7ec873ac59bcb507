"""Requests by side as the workers write them down, as time-lines without gaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from legacy_bridge.replication.connections import Connection
from proxy.ownership.phases import Side
from proxy.traffic.load import Load
from proxy.traffic.reading import Point, series

NOW_SECONDS = 60
"""What the figures of "now" are of."""
SETTLE_SECONDS = 3
"""Workers write a piece of time down after it is over: what is younger may still be missing."""
DAY_SECONDS = 86400.0


@dataclass(frozen=True, slots=True)
class Window:
    """How far a time-line reaches back, and how long each of its points is, in seconds."""

    name: str
    label: str
    seconds: int
    step: int


WINDOWS: Mapping[str, Window] = {
    one.name: one
    for one in (
        Window("5m", "5 minutes", 300, 4),
        Window("1h", "1 hour", 3600, 60),
        Window("1d", "1 day", 86400, 1200),
    )
}


@dataclass(frozen=True, slots=True)
class Series:
    """`begins`: of each point, in seconds since 1970; a side may have no point for some of them."""

    window: Window
    begins: tuple[int, ...]
    points: Mapping[Side, Mapping[int, Point]]

    def rates(self, side: Side) -> list[float]:
        """Requests a second."""
        found = self.points.get(side, {})
        return [found[at].rate if at in found else 0.0 for at in self.begins]

    def errors(self, side: Side) -> list[float]:
        """Errors a minute."""
        found, step = self.points.get(side, {}), self.window.step
        return [60 * found[at].errors / step if at in found else 0.0 for at in self.begins]

    def p95(self, side: Side) -> list[float | None]:
        """Seconds; None where nothing was answered."""
        found = self.points.get(side, {})
        return [found[at].p95 if at in found else None for at in self.begins]


def read_series(
    native: Connection, window: Window, now: datetime, domain: str | None = None
) -> Series:
    """Of one domain, or of all together. The last point is the last one that is over."""
    step = window.step
    end = (int(now.timestamp()) - SETTLE_SECONDS) // step * step
    begins = tuple(range(end - window.seconds, end, step))
    since, until = (datetime.fromtimestamp(at, UTC) for at in (begins[0], end))
    points: dict[Side, dict[int, Point]] = {}
    for point in series(native, since, until, domain, float(step)):
        points.setdefault(Side(point.side), {})[int(point.at.timestamp())] = point
    return Series(window, begins, points)


def summed(loads: Mapping[tuple[str, str], Load], side: Side) -> Load:
    """Of all domains."""
    return sum((load for (_, one), load in loads.items() if one == side), Load())
