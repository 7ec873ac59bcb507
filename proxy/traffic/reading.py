"""What the workers wrote down, for gates, plots and people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg.sql import SQL

from legacy_bridge.replication.connections import Connection
from proxy.telemetry.tally import BUCKETS
from proxy.traffic.counting import BUCKET_SECONDS
from proxy.traffic.load import Load

MOST_POINTS = 300
MERGED_AFTER = timedelta(minutes=15)
MERGED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Point:
    """Of a plot: what a side answered in the `width` seconds from `at` on. Percentiles in seconds,
    None without answers."""

    at: datetime
    side: str
    width: float
    requests: int
    errors: int
    p50: float | None
    p95: float | None

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.width


@dataclass(frozen=True, slots=True)
class Current:
    """Of one domain and side: requests a second, the share of them that failed (None where there
    are none), seconds within which half and 95 % were answered."""

    rate: float
    error_share: float | None
    p50: float | None
    p95: float | None
    load: Load


@dataclass(frozen=True, slots=True)
class Hit:
    """When a rule was last answered by a side, and how often in all."""

    domain: str
    route: str
    side: str
    last_at: datetime
    requests: int


def series(
    connection: Connection,
    since: datetime,
    until: datetime,
    domain: str | None = None,
    step: float | None = None,
) -> list[Point]:
    """By time and side; without a `domain`, of all together ('' is what no rule takes).

    `step` is the width of a point in seconds: as it fits without it, 2 at least, and 60 where older
    figures are asked for, which have no more detail. The last two seconds are not complete yet.
    """
    width = step or fitting(since, until, datetime.now(since.tzinfo))
    found = connection.execute(
        _SERIES, {"since": since, "until": until, "domain": domain, "width": width}
    )
    points = []
    for at, side, *figures in found:
        load = _load(figures)
        points.append(Point(at, side, width, load.requests, load.errors, load.p50, load.p95))
    return points


def fitting(since: datetime, until: datetime, now: datetime) -> float:
    """The width of a point: whole buckets, and no more points than a plot can show."""
    least = MERGED_SECONDS if since < now - MERGED_AFTER else BUCKET_SECONDS
    span = (until - since).total_seconds()
    return least * max(1, -(-span // (MOST_POINTS * least)))


def summary(connection: Connection, seconds: float) -> Mapping[tuple[str, str], Current]:
    """By domain and side, over so many of the latest seconds that every worker has written down."""
    rows = connection.execute(_SUMMARY, {"seconds": seconds})
    current = {}
    for domain, side, *figures in rows:
        load = _load(figures)
        current[domain, side] = Current(
            load.requests / seconds, load.error_share, load.p50, load.p95, load
        )
    return current


def loads(
    connection: Connection, domain: str, since: datetime, seconds: float
) -> Mapping[str, Load]:
    """By side, in the latest seconds up to now, as far as they are after `since`."""
    rows = connection.execute(_LOADS, {"domain": domain, "since": since, "seconds": seconds})
    return {side: _load(figures) for side, *figures in rows}


def before(connection: Connection, domain: str, side: str, seconds: float, enough: int) -> Load:
    """The last answers of a side that are older than so many seconds, but of the last day: `enough`
    of them if there are."""
    rows = connection.execute(_BEFORE, {"domain": domain, "side": side, "seconds": seconds})
    load = Load()
    for figures in rows:
        load += _load(figures)
        if load.requests >= enough:
            break
    return load


def hits(connection: Connection) -> list[Hit]:
    """By domain, route and side."""
    rows = connection.execute(
        "SELECT domain, route, side, last_at, requests FROM route_hits ORDER BY 1, 2, 3"
    )
    return [Hit(*row) for row in rows]


def _load(figures: Any) -> Load:
    requests, errors, seconds, buckets = figures
    return Load(int(requests), int(errors), float(seconds), tuple(map(int, buckets)))


_PLACES = range(1, len(BUCKETS) + 2)
_FIGURES = SQL("sum(requests), sum(errors), sum(seconds), ARRAY[{}]").format(
    SQL(", ").join(SQL("sum(buckets[{}])").format(place) for place in _PLACES)
)


def _query(text: LiteralString) -> Any:
    return SQL(text).format(figures=_FIGURES)


_SERIES = _query("""
SELECT date_bin(make_interval(secs => %(width)s), at, 'epoch'), side, {figures}
FROM traffic
WHERE at >= %(since)s AND at < %(until)s
      AND (%(domain)s::text IS NULL OR domain = %(domain)s)
GROUP BY 1, 2 ORDER BY 1, 2
""")
# A bucket that has just ended is written down within a second.
_SUMMARY = _query("""
SELECT domain, side, {figures}
FROM traffic,
     LATERAL (SELECT date_bin('2 seconds', now() - interval '1.5 seconds', 'epoch') AS until) AS w
WHERE at < w.until AND at >= w.until - make_interval(secs => %(seconds)s)
GROUP BY 1, 2 ORDER BY 1, 2
""")
_LOADS = _query("""
SELECT side, {figures}
FROM traffic
WHERE domain = %(domain)s AND at > now() - make_interval(secs => %(seconds)s)
      AND at >= %(since)s
GROUP BY 1
""")
_BEFORE = """
SELECT requests, errors, seconds, buckets
FROM traffic
WHERE domain = %(domain)s AND side = %(side)s AND at <= now() - make_interval(secs => %(seconds)s)
      AND at > now() - interval '1 day'
ORDER BY at DESC LIMIT 2000
"""
