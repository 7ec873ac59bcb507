"""Everything that one side has committed is on the other: by a marker in the log, which the stream
passes."""

from time import monotonic, sleep

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.streams import read_stream

MARKER = "strangler.marker"
POLL_SECONDS = 0.002


class NotNowError(Exception):
    """It was given up, and all is as before. The text says why, and what to do."""


def mark(source: Connection, domain: str) -> Lsn:
    """A place in its log behind everything that it has committed."""
    row = source.execute(
        "SELECT pg_logical_emit_message(true, %s, %s)::text", [MARKER, domain]
    ).fetchone()
    assert row is not None  # noqa: S101  # a SELECT without FROM has one row
    return Lsn.parse(row[0])


def wait_until_applied(
    marker: Lsn, direction: Direction, target: Connection, deadline: float
) -> None:
    """`deadline` in the terms of `time.monotonic`. Raises `NotNowError`."""
    while _applied(target, direction) < marker:
        pause(deadline, f"the stream from the {direction.origin} side does not get to the end")


def pause(deadline: float, otherwise: str) -> None:
    """Until the next look. Raises `NotNowError` with what was waited for in vain."""
    if monotonic() > deadline:
        raise NotNowError(f"{otherwise}, and everything went on as before")
    sleep(POLL_SECONDS)


def _applied(target: Connection, direction: Direction) -> Lsn:
    record = read_stream(target, direction)
    if record is None:
        raise NotNowError(f"there is no {direction} stream — run `strangler sync init`")
    if record.fault:
        raise NotNowError(f"the {direction} stream has stopped: {record.fault}")
    return record.applied
