"""What has come by the source's log is waited for until its readers see it, and who asks how the
stream is doing is told."""

from collections.abc import Callable, Iterable
from threading import Event

from legacy_bridge.replication import standbys
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.turns import go_on, hold_up
from legacy_bridge.replication.visible import Arrived

VISIBLE_SECONDS = 1.0
"""So long the source may take to show what it has sent, and so long passes until it is asked again:
rows in quarantine have time, the stream has not."""


class Visible:
    """Begins with the stream. `once`: who applies is to end by itself."""

    def __init__(
        self,
        source: Connection,
        target: Connection,
        direction: Direction,
        stop: Event,
        *,
        once: bool,
    ) -> None:
        self._arrived = Arrived(source, stop)
        self.add: Callable[[Iterable[int]], None] = self._arrived.add
        self.ended: Callable[[int], None] = self._arrived.ended
        self._source = source
        self._target = target
        self._direction = direction
        self._stop = stop
        self._once = once
        self._held_up = False

    def in_time(self) -> bool:
        """Whether all is visible within `VISIBLE_SECONDS`."""
        shown = self._arrived.await_visible(VISIBLE_SECONDS)
        self._tell(held_up=not shown)
        return shown

    def at_last(self) -> bool:
        """Until all is visible; False if told to stop before. Raises `BridgeError` where that takes
        too long for a run that is to end by itself."""
        if self.in_time():
            return True
        shown = self._arrived.await_visible(standbys.ONCE_SECONDS if self._once else None)
        self._tell(held_up=False)
        if not shown and not self._stop.is_set():
            raise BridgeError(
                f"rows of the {self._direction.origin} database are to be sent again, and for "
                f"{standbys.ONCE_SECONDS:g} s it has not shown what its log has brought: "
                f"{standbys.told(self._source)}"
            )
        return shown

    def _tell(self, *, held_up: bool) -> None:
        if held_up != self._held_up:
            (hold_up if held_up else go_on)(self._target, self._direction)
            self._held_up = held_up
