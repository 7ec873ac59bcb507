"""A stream between the two databases of a test: begun, caught up, followed in a thread, or in a
process of its own that can be killed and stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, LiteralString

import psycopg

from legacy_bridge.replication.apply.applied import Applied
from legacy_bridge.replication.init import Begun, init
from legacy_bridge.replication.one_way import Followed
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.run import follow
from tests.legacy_bridge.replication.sides import FEW, MAPPINGS, Sides, ask

PROJECT = Path(__file__).resolve().parents[4]
SECONDS = 60.0


@dataclass(slots=True)
class Seen:
    """What a run told its watch."""

    began: Event = field(default_factory=Event)
    waits: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)
    applied_: list[Applied] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    def following(self, position: Lsn) -> None:
        self.began.set()

    def standing_by(self, holder: str | None) -> None:
        self.waits.set()

    def applied(self, done: Applied, position: Lsn) -> None:
        self.applied_.append(done)

    def lost(self, fault: str, pause: float) -> None:
        self.faults.append(fault)


def begin(sides: Sides, *domains: str, again: bool = False) -> Begun:
    wanted = {name: MAPPINGS[name] for name in domains or FEW}
    return init(sides.legacy, sides.native, wanted, again=again)


def catch_up(sides: Sides, seen: Seen | None = None) -> Followed:
    done = follow(sides.legacy, sides.native, MAPPINGS, seen or Seen(), Event(), once=True)
    return done.forward


@contextmanager
def following(sides: Sides) -> Iterator[Seen]:
    """A run in a thread, from its first position to the end of the block."""
    stop, seen = Event(), Seen()

    def run() -> None:
        try:
            follow(sides.legacy, sides.native, MAPPINGS, seen, stop)
        except BaseException as error:
            seen.errors.append(error)
            seen.began.set()
        seen.ended.set()

    thread = Thread(target=run)
    thread.start()
    try:
        assert seen.began.wait(SECONDS)
        yield seen
    finally:
        stop.set()
        thread.join(SECONDS)
    assert not thread.is_alive()
    if seen.errors:
        raise seen.errors[0]


@contextmanager
def process(sides: Sides, *arguments: str, failpoint: str = "") -> Iterator[subprocess.Popen[str]]:
    """`follow`, or what the arguments say, in a process of its own."""
    started = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.legacy_bridge.replication.apply.alone"),
            *(sides.legacy, sides.native, *arguments),
        ],
        cwd=PROJECT,
        # To count its lines makes it half as fast, and who is killed does not tell.
        env=os.environ | {"STRANGLER_FAILPOINT": failpoint, "COVERAGE_PROCESS_CONFIG": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    with started:
        try:
            yield started
        finally:
            started.kill()


def killed(sides: Sides, *arguments: str, failpoint: str) -> None:
    """Run it until it is killed there."""
    with process(sides, *arguments, failpoint=f"{failpoint}=kill") as started:
        assert started.wait(SECONDS) == -signal.SIGKILL


def wait_for(url: str, query: LiteralString, expected: list[Any]) -> None:
    deadline = monotonic() + SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while (found := connection.execute(query).fetchall()) != expected:
            assert monotonic() < deadline, f"{found} is not {expected}"
            sleep(0.01)


def slots(sides: Sides) -> list[Any]:
    return ask(
        sides.legacy,
        "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()",
    )
