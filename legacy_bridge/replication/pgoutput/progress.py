"""How far a stream has come, and what of it the server may be told. Pure: the caller has the clock.

The server forgets what is acknowledged. So nothing moves the acknowledged position but whoever
applied, and wrote down, everything before it; a keepalive never does.
"""

from dataclasses import dataclass

from legacy_bridge.replication.pgoutput.lsn import Lsn


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing for us was committed before `position` but what came before this.

    Who has applied all of that may write the position down and acknowledge it, so that the server
    need not keep its log for the sake of a database in which nothing happens.
    """

    position: Lsn


class Progress:
    """Of one stream that starts at `position`; says that it is idle every `idle_seconds` at most.

    `received`: what the server has nothing more to send of. `acknowledged`: what it may forget.
    """

    def __init__(self, position: Lsn, idle_seconds: float) -> None:
        self.received = position
        self.acknowledged = position
        self._handed_out = position
        self._heard = position
        self._idle_seconds = idle_seconds
        self._next_idle = 0.0

    def transaction(self, end: Lsn) -> bool:
        """A whole one has come. False if it ended before the stream starts: it was applied."""
        if end <= self._handed_out:
            return False
        self._handed_out = end
        if end > self.received:
            self.received = end
        return True

    def keepalive(self, position: Lsn) -> None:
        self.received = max(self.received, position)
        self._heard = position

    def idle(self, now: float) -> Idle | None:
        """To be asked between transactions only: the open one may lie before the keepalive."""
        if self._heard <= self._handed_out or now < self._next_idle:
            return None
        self._next_idle = now + self._idle_seconds
        self._handed_out = self._heard
        return Idle(self._heard)

    def acknowledge(self, position: Lsn) -> None:
        """All before it is committed on the other side. Raises `ValueError` if it never came."""
        if position > self._handed_out:
            raise ValueError(f"{position} was never handed out: {self._handed_out} was the last")
        self.acknowledged = max(self.acknowledged, position)

    @property
    def behind(self) -> bool:
        """Something that was received is not acknowledged."""
        return self.acknowledged < self.received
