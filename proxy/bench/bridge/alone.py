"""One thing of the bridge's, done in a process of its own (`helper`)."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from threading import Event
from time import perf_counter, process_time
from typing import Any

from legacy_bridge.replication import beginning
from legacy_bridge.replication.apply.applied import Applied
from legacy_bridge.replication.copy import Unwatched
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.one_way import OneWay
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.run import follow
from legacy_bridge.replication.verify.compare import verify_domains
from proxy.bench.bridge.site import mappings
from proxy.bench.resident import forget_peak, peak_kib, resident_kib

Told = dict[str, Any]


class Watching:
    """A watch that counts, and stops its direction when so many transactions are applied."""

    def __init__(self, stop: Event, expected: int | None = None) -> None:
        self.began = Event()
        self.rows = self.transactions = 0
        self.ended_at = self.ended_cpu = 0.0
        self.faults: list[str] = []
        self._stop = stop
        self._expected = expected

    def following(self, position: Lsn) -> None:
        self.began.set()

    def standing_by(self, holder: str | None) -> None:
        self.faults.append(f"another one applies: {holder}")

    def applied(self, done: Applied, position: Lsn) -> None:
        self.rows += done.rows
        self.transactions += done.transactions
        if done.refused or done.lost:
            self.faults.append(f"{done.refused} rows refused, {done.lost} lost")
        if self.transactions == self._expected:
            self.ended_at, self.ended_cpu = perf_counter(), process_time()
            self._stop.set()

    def lost(self, fault: str, pause: float) -> None:
        self.faults.append(fault)


def copy(ends: Ends, domains: list[str]) -> Told:
    """The first copy, with all that belongs to the beginning of both streams."""
    begun = beginning.begin(
        ends.legacy_url, ends.native_url, mappings(domains), Unwatched(), again=True
    )
    report = begun.forward.report
    rows = sum(table.rows for table in report.tables) if report else 0
    return {"rows": rows, "faults": list(begun.no_way_back)}


def verify(ends: Ends, domains: list[str]) -> Told:
    report = verify_domains(ends.legacy_url, ends.native_url, mappings(domains), Unwatched())
    faults = [] if report.equal else ["the sides differ"]
    return {"rows": sum(table.rows for table in report.tables), "faults": faults}


def forward(ends: Ends, expected: int) -> Told:
    """So many transactions from the legacy side, with nobody on the way back."""
    stop = Event()
    watch = Watching(stop, expected)
    began, cpu = perf_counter(), process_time()
    OneWay(ends, Direction.FORWARD, mappings(), watch, stop, once=False).run()
    seconds, cpu = watch.ended_at - began, watch.ended_cpu - cpu
    catch_up(ends)
    return _told(watch, seconds=seconds, cpu_seconds=cpu)


def both(ends: Ends, expected: int) -> Told:
    """The same beside the way back, which reads all that is applied."""
    stop = Event()
    watch, back = Watching(stop, expected), Watching(stop)
    began, cpu = perf_counter(), process_time()
    follow(ends.legacy_url, ends.native_url, mappings(), watch, stop, back=back)
    seconds, cpu = watch.ended_at - began, watch.ended_cpu - cpu
    catch_up(ends)
    return _told(watch, back, seconds=seconds, cpu_seconds=cpu)


def keep(ends: Ends, pipe: "Connection[Any, Any]") -> Told:
    """Both directions until `pipe` brings something. Says there when both have begun."""
    stop = Event()
    watch, back = Watching(stop), Watching(stop)
    arguments = (ends.legacy_url, ends.native_url, mappings(), watch, stop)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(follow, *arguments, back=back)
        while not (watch.began.is_set() and back.began.is_set()) and not running.done():
            watch.began.wait(0.01)
        pipe.send({})
        pipe.recv()
        stop.set()
        running.result()
    return _told(watch, back)


def catch_up(ends: Ends) -> Told:
    """All that was committed, and what follows from it: the way back reads what was applied."""
    watch = Watching(Event())
    for _ in range(2):
        follow(ends.legacy_url, ends.native_url, mappings(), watch, Event(), once=True)
    return _told(watch)


def _told(*watches: Watching, **more: object) -> Told:
    faults = [fault for watch in watches for fault in watch.faults]
    rows = sum(watch.rows for watch in watches)
    return {"rows": rows, "faults": faults, **more}


WORK: dict[str, Callable[..., Told]] = {
    "copy": copy,
    "verify": verify,
    "forward": forward,
    "both": both,
    "catch_up": catch_up,
}


def work(
    pipe: "Connection[Any, Any]", what: str, legacy: str, native: str, options: dict[str, Any]
) -> None:
    """Sends the seconds that it took, the memory before and at most, and what it has to tell."""
    do = partial(keep, pipe=pipe) if what == "follow" else WORK[what]
    pid = os.getpid()
    forget_peak(pid)
    before, began = resident_kib(pid), perf_counter()
    told = do(Ends(legacy, native), **options)
    seconds = {"seconds": perf_counter() - began}
    memory = {"before_mib": before / 1024, "peak_mib": peak_kib(pid) / 1024}
    pipe.send(seconds | memory | told)
