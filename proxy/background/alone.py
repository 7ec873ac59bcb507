"""One job of a name at a time for a native database, whatever a queue believes.

A queue gives the job of a worker that gave no sign of life to another one; it may only have been
slow. The lock goes with the connection, so that of a worker that is gone nothing is left.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from legacy_bridge.replication.connections import NATIVE, connected

SPACE = 0x4A_4F_42_53  # "JOBS"


@contextmanager
def alone(native_url: str, job: str) -> Iterator[bool]:
    """Whether nobody else is inside. Raises `BridgeError` for a database that is not reachable."""
    with connected(native_url, NATIVE) as native:
        row = native.execute(
            "SELECT pg_try_advisory_lock(%s, hashtext(%s))", [SPACE, job]
        ).fetchone()
        yield bool(row and row[0])
