"""What would keep a domain's rows from getting another owner and ending well. Changes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from legacy_bridge.replication import home
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.handing_over import no_way_back
from legacy_bridge.replication.lag import StreamStatus, stream_statuses
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pairs import Direction, TablePair

MOST_LAG_SECONDS = 5.0


def objections(
    ends: Ends, pairs: Sequence[TablePair], to: Owner, *, forced: bool
) -> tuple[str, ...]:
    """Each with what to do; none if nothing speaks against it. `forced`: rows may differ."""
    found = list(standing_still(ends))
    if to is Owner.NATIVE:
        found += no_way_back(pairs)
    if found:
        return tuple(found)
    with ExitStack() as opened:
        legacy = opened.enter_context(connected(ends.legacy_url, LEGACY))
        native = opened.enter_context(connected(ends.native_url, NATIVE))
        home.look_there(legacy)
        replica = native if to is Owner.NATIVE else legacy
        return (
            *_set_apart(replica, [pair.towards(to.direction.opposite) for pair in pairs]),
            *(() if forced else drifted(native, pairs)),
        )


def standing_still(ends: Ends) -> Iterator[str]:
    """What keeps rows from travelling both ways."""
    statuses = {status.name: status for status in stream_statuses(ends.legacy_url, ends.native_url)}
    for direction in Direction:
        yield from _of_stream(statuses.get(direction), direction)


def _of_stream(status: StreamStatus | None, direction: Direction) -> Iterator[str]:
    name = f"the stream from the {direction.origin} side"
    if status is None or status.copied_at is None:
        yield f"{name} has not begun — run `strangler sync init`"
        return
    if status.slot_fault:
        yield f"{name} cannot go on ({status.slot_fault}) — run `strangler sync init`"
    elif status.fault:
        yield f"{name} has stopped: {status.fault}"
    elif status.applier is None:
        yield f"nobody applies {name} — `strangler serve` does, or `strangler sync run`"
    elif not status.whole:
        yield f"{name} is still catching up after the first copy — it is tried again"
    elif status.lag_seconds > MOST_LAG_SECONDS:
        yield f"{name} is {status.lag_seconds:.0f} s behind — it is tried again"


def _set_apart(replica: Connection, pairs: Sequence[TablePair]) -> Iterator[str]:
    names = [pair.target.name for pair in pairs]
    found = replica.execute(
        "SELECT table_name, count(*) FROM bridge_quarantine WHERE table_name = ANY (%s)"
        " GROUP BY 1 ORDER BY 1",
        [names],
    )
    for table, count in found:
        yield (
            f"{count} rows of {table} are in quarantine: the new owner does not have them as they "
            "are — see bridge_quarantine for the reasons"
        )


def drifted(native: Connection, pairs: Sequence[TablePair]) -> Iterator[str]:
    """As of the last time that the tables were compared; the streams have no gaps since."""
    found = native.execute(
        "SELECT table_name, differing FROM bridge_verifies"
        " WHERE table_name = ANY (%s) AND differing > 0 ORDER BY 1",
        [[pair.native.name for pair in pairs]],
    )
    for table, count in found:
        yield f"{count} rows of {table} differ — run `strangler sync repair`"
