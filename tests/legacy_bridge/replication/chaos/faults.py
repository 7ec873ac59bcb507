"""What happens to the bridge and to its servers meanwhile, by the seed."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from threading import Event, Thread
from typing import LiteralString

import psycopg

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.chaos.appliers import POINTS, Appliers
from tests.legacy_bridge.replication.chaos.servers import Server

WAIT_SECONDS = (0.3, 3.0)
STOP_SECONDS = (1.0, 8.0)


class Faults(Thread):
    """One after the other while `going` is set, until `over`; `quiet` between two of them, when
    everything runs. `counts` by kind. Every kind happens once before any happens again."""

    def __init__(
        self, seed: str, servers: dict[Owner, Server], appliers: Appliers, *, hurry: float = 1.0
    ) -> None:
        super().__init__(name="faults", daemon=True)
        self.going, self.over, self.quiet = Event(), Event(), Event()
        self.counts: Counter[str] = Counter()
        self.fault: BaseException | None = None
        self._random = Random(seed)
        self._servers = servers
        self._appliers = appliers
        self._hurry = hurry
        self._next: list[str] = []

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self._appliers.tend()
                self.quiet.set()
                if self.over.wait(self._some(WAIT_SECONDS)) or not self.going.is_set():
                    continue
                self.quiet.clear()
                kind = self._kind()
                _KINDS[kind](self)
                self.counts[kind] += 1
            self._appliers.tend()
        except BaseException as error:  # told by whoever joins us
            self.fault = error
        finally:
            self.quiet.set()

    def _kind(self) -> str:
        if not self._next:
            self._next = list(_KINDS)
            self._random.shuffle(self._next)
        return self._next.pop()

    def _some(self, seconds: tuple[float, float]) -> float:
        return self._random.uniform(*seconds) * self._hurry

    def _side(self) -> Owner:
        return self._random.choice(list(Owner))

    def kill(self) -> None:
        if pid := self._appliers.pid(self._random.randint(0, 1)):
            self._appliers.kill(pid)
            self.over.wait(self._some((0.0, 1.0)))

    def kill_at_a_failpoint(self) -> None:
        """The one that runs is killed, and so is the next one, at a certain point."""
        for place in (0, 1):
            if pid := self._appliers.pid(place):
                self._appliers.kill(pid)
        self._appliers.tend(0)
        self._appliers.start(f"{self._random.choice(POINTS)}=kill")
        self.over.wait(self._some((2.0, 4.0)))

    def stop(self) -> None:
        if pid := self._appliers.pid(self._random.randint(0, 1)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                self.over.wait(self._some(STOP_SECONDS))
                os.kill(pid, signal.SIGCONT)

    def stop_and_cut(self) -> None:
        """It wakes up when another one has taken over."""
        if pid := self._appliers.pid(self._random.randint(0, 1)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                for side in Owner:
                    self._terminate(side, BRIDGE)
                self.over.wait(self._some(STOP_SECONDS))
                os.kill(pid, signal.SIGCONT)

    def cut_the_bridge(self) -> None:
        self._terminate(self._side(), BRIDGE)

    def cut_the_streams(self) -> None:
        self._terminate(self._side(), SENDERS)

    def cut_the_writers(self) -> None:
        self._terminate(self._side(), WRITERS)

    def crash(self) -> None:
        self._servers[self._side()].crash()

    def crash_both(self) -> None:
        for side in Owner:
            self._servers[side].crash()

    def _terminate(self, side: Owner, query: LiteralString) -> None:
        with psycopg.connect(self._servers[side].url(side), autocommit=True) as connection:
            connection.execute(query)


BRIDGE: LiteralString = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name LIKE 'strangler %' AND random() < 0.7
"""
SENDERS: LiteralString = """
SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active_pid IS NOT NULL
"""
WRITERS: LiteralString = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name NOT LIKE 'strangler %' AND backend_type = 'client backend'
      AND pid <> pg_backend_pid() AND random() < 0.7
"""
_KINDS: dict[str, Callable[[Faults], None]] = {
    "kill -9": Faults.kill,
    "kill -9 at a failpoint": Faults.kill_at_a_failpoint,
    "SIGSTOP": Faults.stop,
    "SIGSTOP, connections cut": Faults.stop_and_cut,
    "connections of the bridge cut": Faults.cut_the_bridge,
    "replication connections cut": Faults.cut_the_streams,
    "connections of the writers cut": Faults.cut_the_writers,
    "server crashed": Faults.crash,
    "both servers crashed": Faults.crash_both,
}
