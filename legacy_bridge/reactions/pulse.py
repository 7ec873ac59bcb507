"""Whether all that was committed a moment ago has been dealt with."""

from dataclasses import dataclass
from typing import LiteralString

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pgoutput.lsn import Lsn

PULSE_SECONDS = 0.5
OLD_SECONDS = 1.0


@dataclass(slots=True)
class Pulse:
    """Every `PULSE_SECONDS` the end of the log is looked up; once everything before it has been
    taken, all is known up to the time of that look. One that is not reached for `OLD_SECONDS`
    proves nothing that matters any more, and another one is taken."""

    _due: float = 0.0
    _position: Lsn | None = None
    _looked_at: float = 0.0

    def beats(self, native: Connection, reached: Lsn, now: float) -> bool:
        """Whether to say that everything up to `OLD_SECONDS` ago is known. `now` in seconds."""
        if self._position is not None and now - self._looked_at > OLD_SECONDS:
            self._position = None
        if self._position is None and now >= self._due:
            self._due = now + PULSE_SECONDS
            self._position, self._looked_at = _end_of_log(native), now
        if self._position is None or reached < self._position:
            return False
        self._position = None
        return True


def _end_of_log(native: Connection) -> Lsn:
    """Also what is not on the disk yet: where commits are asynchronous it can be seen already.

    A stream reaches only what is on the disk, and a log in which nothing is committed need not go
    there at all; a commit behind the position sees to it, within the walwriter's 200 ms.
    """
    (text, _) = native.execute(_END).fetchone() or ("0/0", None)
    return Lsn.parse(text)


_END: LiteralString = "SELECT pg_current_wal_insert_lsn()::text, pg_current_xact_id()"
