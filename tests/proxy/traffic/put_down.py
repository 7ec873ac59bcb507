"""Rows of traffic as a worker writes them down."""

from datetime import datetime

from legacy_bridge.replication.connections import Connection
from proxy.telemetry.tally import BUCKETS


def buckets(*within: float) -> list[int]:
    """One answer in each of the buckets that end there."""
    return [within.count(bound) for bound in (*BUCKETS, None)]


def put(
    native: Connection,
    at: datetime,
    side: str,
    *within: float,
    domain: str = "downloads",
    errors: int = 0,
    worker: str = "a",
) -> None:
    native.execute(
        "INSERT INTO traffic VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [at, worker, domain, side, len(within), errors, sum(within), buckets(*within)],
    )
