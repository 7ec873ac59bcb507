"""Up to what time of the source everything is known to have been applied. Pure but for `ask`.

A source in which nothing happens says nothing; so it is asked, now and then, how far it is. Once
everything up to there has been applied, the target is what the source was when it was asked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pgoutput.lsn import Lsn


@dataclass(frozen=True, slots=True)
class Reading:
    """The end of the source's log, and the time by its clock. `horizon`: all transactions below
    it had ended, and lie before `position`."""

    position: Lsn
    at: datetime
    horizon: int


def ask(source: Connection) -> Reading:
    row = source.execute(_NOW).fetchone()
    assert row is not None  # noqa: S101  # a SELECT without FROM has one row
    return Reading(Lsn.parse(row[0]), row[1], int(row[2]))


# First the time: what is committed while this is answered is later than it. The horizon is that of
# the query's own snapshot, which was taken before.
_NOW: LiteralString = """
WITH t AS MATERIALIZED (SELECT clock_timestamp() AS at, pg_snapshot_xmin(s)::text::bigint AS horizon
                        FROM pg_current_snapshot() AS s)
SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            ELSE pg_current_wal_insert_lsn() END::text, at, horizon FROM t
"""


def nudge(source: Connection) -> None:
    """Have the log written as far as it goes.

    Where nothing is committed, as beside a transaction that has written and does not end, the
    server does not do so by itself for a while, and sends nothing of it.
    """
    source.execute("SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_xact_id() END")


@dataclass(slots=True)
class SourceClock:
    """The oldest reading that is not reached yet."""

    waiting: Reading | None = None

    def read(self, reading: Reading) -> None:
        self.waiting = self.waiting or reading

    def reached(self, position: Lsn) -> Reading | None:
        """The reading, once, if everything up to it lies before `position`."""
        if self.waiting is None or position < self.waiting.position:
            return None
        reading, self.waiting = self.waiting, None
        return reading
