"""What the bridge writes while nothing happens."""

from collections.abc import Iterator
from time import perf_counter, sleep
from typing import LiteralString

from proxy.bench.bridge import helper
from proxy.bench.bridge.figures import Figure
from proxy.bench.bridge.plan import IDLE, BridgePlan
from proxy.bench.bridge.site import NARROW, Site

SETTLING_SECONDS = 2.0


def measure(site: Site, plan: BridgePlan) -> Iterator[Figure]:
    site.clear()
    site.fill(NARROW, 1_000)
    helper.done(site, "copy", domains=[NARROW])
    unfollowed = _rates(site, plan.idle_seconds)
    with helper.following(site):
        sleep(min(SETTLING_SECONDS, plan.idle_seconds))
        followed = _rates(site, plan.idle_seconds)
    for name, unit, ours, theirs in zip(_NAMES, _UNITS, followed, unfollowed, strict=True):
        # No ratio: beside nearly nothing it says nothing.
        yield Figure(
            part=IDLE,
            name=name,
            unit=unit,
            ours=round(ours, 1),
            peer=round(theirs, 1),
            peer_name="nobody follows",
        )


_NAMES = ("idle: transactions that write", "idle: log written")
_UNITS = ("tx/s", "KiB/s")


def _rates(site: Site, seconds: float) -> tuple[float, float]:
    began, before = perf_counter(), _written(site)
    sleep(seconds)
    passed, after = perf_counter() - began, _written(site)
    # Looking takes no transaction number.
    return (after[0] - before[0]) / passed, (after[1] - before[1]) / passed / 1024


def _written(site: Site) -> tuple[int, int]:
    ((transactions, bytes_),) = site.run(site.native, _WRITTEN)
    return int(transactions), int(bytes_)


_WRITTEN: LiteralString = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
       pg_current_wal_insert_lsn() - '0/0'::pg_lsn
"""
