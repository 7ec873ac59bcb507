"""What there is to judge a domain by: read from the native database, judged in gates.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import psycopg

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError
from legacy_bridge.replication.lag import StreamStatus
from legacy_bridge.replication.pairs import Direction
from proxy.parity.tally import Parity
from proxy.shadow.store import read
from proxy.traffic import reading
from proxy.traffic.load import NOTHING, Load

LATEST_SECONDS = 10.0
"""What goes wrong now is seen here even where a longer window has seen good times."""
FEWEST = 20
"""Answers of a side from which anything is said of it."""
ENOUGH = 200
"""Earlier answers of the legacy side, where it gives fewer than that now."""
WATCHED_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Sides:
    """What each side answered in the same seconds."""

    native: Load = NOTHING
    legacy: Load = NOTHING


@dataclass(frozen=True, slots=True)
class Stream:
    """The one that brings the legacy rows. `stopped` says why it does not go on; `lag` in seconds,
    None where it is not known."""

    lag: float | None = None
    stopped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """`parity` since the time that was asked for, `recent` in the window only. `stream`: None for a
    domain without tables. `drift`: rows that differ, by the last comparison; None where not every
    table was compared. `set_apart`: rows in quarantine. `whole` is the window, `latest` the end of
    it; `before`: what the legacy side answered earlier, where it gives too few answers now."""

    domain: str
    parity: Parity = field(default_factory=Parity)
    recent: Parity = field(default_factory=Parity)
    stream: Stream | None = None
    drift: int | None = 0
    set_apart: int = 0
    whole: Sides = field(default_factory=Sides)
    latest: Sides = field(default_factory=Sides)
    before: Load = NOTHING


def measure(
    native: Connection,
    streams: Sequence[StreamStatus],
    domain: str,
    tables: Sequence[str],
    since: datetime,
    window: float,
) -> Measures:
    """`streams` as `legacy_bridge.replication.lag.stream_statuses` tells them, `tables` are the
    native ones of the domain, `window` in seconds. Nothing counts that was before `since`.

    Raises `BridgeError` where the native database is not up to date.
    """
    try:
        return replace(
            _seen(native, domain, since, since, window),
            stream=_stream(streams) if tables else None,
            drift=_drift(native, tables),
            set_apart=_set_apart(streams, tables),
        )
    except psycopg.errors.UndefinedTable:
        raise BridgeError(NOT_UP_TO_DATE) from None


def watch(native: Connection, domain: str, since: datetime, window: float) -> Measures:
    """What a canary's end depends on, and no more: it is asked for twice a second.

    Parity counts from `since` on, but no more than the last hour of it.
    """
    return _seen(native, domain, since, max(since, _ago(since, WATCHED_SECONDS)), window)


def _seen(
    native: Connection, domain: str, since: datetime, compared_since: datetime, window: float
) -> Measures:
    latest = _sides(native, domain, since, LATEST_SECONDS)
    whole = _sides(native, domain, since, window)
    enough = min(latest.legacy.requests, whole.legacy.requests) >= FEWEST
    return Measures(
        domain=domain,
        parity=read(native, domain, compared_since),
        recent=read(native, domain, max(compared_since, _ago(since, window))),
        whole=whole,
        latest=latest,
        before=NOTHING if enough else reading.before(native, domain, "legacy", window, ENOUGH),
    )


def _ago(since: datetime, seconds: float) -> datetime:
    return datetime.now(since.tzinfo) - timedelta(seconds=seconds)


def _sides(native: Connection, domain: str, since: datetime, seconds: float) -> Sides:
    loads = reading.loads(native, domain, since, seconds)
    return Sides(loads.get("native", NOTHING), loads.get("legacy", NOTHING))


def _stream(streams: Sequence[StreamStatus]) -> Stream:
    status = next((one for one in streams if one.name == Direction.FORWARD), None)
    if status is None or status.copied_at is None:
        return Stream(None, "it has not begun — run `strangler sync init`")
    if status.slot_fault:
        return Stream(None, f"it cannot go on ({status.slot_fault}) — run `strangler sync init`")
    if status.fault:
        return Stream(status.lag_seconds, status.fault)
    if status.applier is None:
        reason = "nobody applies it — `strangler serve` does, or `strangler sync run`"
        return Stream(status.lag_seconds, reason)
    # A first copy that is not whole yet has no time that it is the state of.
    return Stream(status.lag_seconds if status.whole else None)


def _drift(native: Connection, tables: Sequence[str]) -> int | None:
    row = native.execute(
        "SELECT count(*), coalesce(sum(differing), 0) FROM bridge_verifies"
        " WHERE table_name = ANY (%s)",
        [list(tables)],
    ).fetchone()
    verified, differing = row or (0, 0)
    return int(differing) if verified == len(tables) else None


def _set_apart(streams: Sequence[StreamStatus], tables: Sequence[str]) -> int:
    return sum(
        number
        for status in streams
        if status.name == Direction.FORWARD
        for table, number in status.quarantined.items()
        if table in tables
    )
