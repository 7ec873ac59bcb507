"""Follow the legacy database as long as there is a stream, and wait for one where there is none."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Event

import structlog

from legacy_bridge.reactions.announcing import announced
from legacy_bridge.replication.apply.applied import Applied
from legacy_bridge.replication.connections import UnreachableError
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.run import follow, streaming
from legacy_bridge.replication.standbys import GOES_ON, limited_when
from legacy_bridge.replication.streams import SupersededError
from proxy.supervisor.handover import READY, Handover
from proxy.telemetry.events import Seldom

LOOK_SECONDS = 2.0
"""Between two looks whether there is a stream by now."""
PAUSE_SECONDS = (0.1, 5.0)
"""Between attempts to reach a database: from, to."""

log = structlog.get_logger("bridge")


def keep(legacy_url: str, native_url: str, handover: Handover, stop: Event) -> None:
    """Until `stop`. Raises `BridgeError` for what somebody has to repair."""
    ready = Once(lambda: handover.say(READY))
    there, back = LoggedWatch(Direction.FORWARD, ready), LoggedWatch(Direction.REVERSE, ready)
    pause = PAUSE_SECONDS[0]
    while not stop.is_set():
        try:
            if streaming(native_url):
                domains = _domains()
                ends = map(Ends(legacy_url, native_url).source, Direction)
                with (
                    limited_when(stop, ends, left=GOES_ON),
                    announced(native_url, domains),
                ):
                    follow(legacy_url, native_url, domains, there, stop, back=back)
            else:
                there.waiting()
                pause = PAUSE_SECONDS[0]
                stop.wait(LOOK_SECONDS)
        except (UnreachableError, SupersededError) as error:
            there.lost(str(error), pause)
            stop.wait(pause)
            pause = min(2 * pause, PAUSE_SECONDS[1])
    there.close()
    back.close()


def _domains() -> Mapping[str, Sequence[TableMapping]]:
    """Where there is no stream, as in most installations at first, their code is not needed."""
    from ported_domains.registry import mappings

    return mappings()


class Once:
    """Does something the first time that it is called, in whichever thread that is."""

    def __init__(self, do: Callable[[], None]) -> None:
        self._left = [do]

    def __call__(self) -> None:
        with suppress(IndexError):
            self._left.pop()()


class LoggedWatch:
    """What one direction says: it logs what changes.

    `ready` is called when it is in order for the first time. A process that is renewed is asked to
    end only then, so that the next one stands by before.
    """

    def __init__(self, stream: str, ready: Callable[[], None]) -> None:
        self._log = log.bind(stream=str(stream))
        self._ready = ready
        self._last: str | None = None
        self._refused = Seldom("bridge_rows_refused")

    def waiting(self) -> None:
        """There is no stream."""
        if self._changed("waiting"):
            self._log.info("bridge_without_stream", remedy="`strangler sync init` begins one")

    def following(self, position: Lsn) -> None:
        if self._changed("following"):
            self._log.info("bridge_following", position=str(position))

    def standing_by(self, holder: str | None) -> None:
        if self._changed("standing by"):
            self._log.info("bridge_stands_by", applier=holder)

    def applied(self, done: Applied, position: Lsn) -> None:
        if done.refused:
            remedy = "`strangler sync status`; their reasons are in the table bridge_quarantine"
            self._refused.add(done.refused, remedy)

    def lost(self, fault: str, pause: float) -> None:
        if self._changed("lost"):
            self._log.warning("bridge_lost", reason=fault)

    def close(self) -> None:
        self._refused.close()

    def _changed(self, state: str) -> bool:
        self._ready()
        changed, self._last = self._last != state, state
        return changed
