"""One run: load and faults for so long, then everything comes to rest and is looked at."""

from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic, sleep
from typing import LiteralString

import psycopg

from legacy_bridge.replication.beginning import begin
from legacy_bridge.replication.copy import Unwatched, table_pairs
from legacy_bridge.replication.handing_over import hand_over
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.run import follow
from tests.legacy_bridge.replication.apply.live import Seen
from tests.legacy_bridge.replication.chaos import outcome
from tests.legacy_bridge.replication.chaos.appliers import Appliers
from tests.legacy_bridge.replication.chaos.faults import Faults
from tests.legacy_bridge.replication.chaos.journal import Journal
from tests.legacy_bridge.replication.chaos.report import Report
from tests.legacy_bridge.replication.chaos.rows import BY_NATIVE, DOMAINS, WANTED
from tests.legacy_bridge.replication.chaos.servers import Server, databases, two_servers
from tests.legacy_bridge.replication.chaos.watching import Watching, caught_up, opposite, url_of
from tests.legacy_bridge.replication.chaos.writer import Load, Manner, Writer
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask

WRITERS = 2
"""On each side."""
CATCH_UP_SECONDS = 120.0
FOLLOWS = 4
"""What is applied may be answered with rows that are sent back, and these with others."""
REST_SECONDS = 60.0
FEWEST_FAULTS = 2
IDLE_SECONDS = 2.0
IDLE_WINDOWS = 3
"""The quietest counts: autovacuum has transactions too."""
IDLE_TRANSACTIONS = 8.0
"""A second, on each server: what the bridge may write when nothing happens."""


@dataclass(frozen=True, slots=True)
class Short:
    """For every day: always the same, over in about half a minute."""

    seed: int = 3
    seconds: float = 10.0
    hurry: float = 0.3


SHORT = Short()


def play(
    seed: int,
    seconds: float,
    *,
    hurry: float = 1.0,
    manner: Manner = Manner(),  # noqa: B008  # it is frozen
    keep: Path | None = None,
) -> Report:
    """`hurry`: less than 1 makes faults shorter and follow each other faster. `manner`: of those
    who write. `keep`: where both servers, with all of their logs, and the journal are left if
    something is not right."""
    with two_servers(keep) as servers:
        sides = databases(servers.by_side)
        begin(sides.legacy, sides.native, WANTED, Unwatched())
        run = _Run(seed, seconds, hurry, manner, servers.by_side, sides)
        report = run.play()
        if keep and report.problems:
            servers.kept = True
            report.kept = str(servers.folder)
            run.journal.write(servers.folder / "journal.jsonl")
        return report


class _Run:
    def __init__(
        self,
        seed: int,
        seconds: float,
        hurry: float,
        manner: Manner,
        servers: dict[Owner, Server],
        sides: Sides,
    ) -> None:
        self._seconds = seconds
        self._random = Random(seed)
        self._servers = servers
        self._sides = sides
        self._owners = {domain: self._random.choice(list(Owner)) for domain in DOMAINS}
        self._report = Report(seed, seconds, dict(self._owners))
        self.journal = Journal()
        self._load = Load(self._owners, self.journal, manner)
        self._appliers = Appliers(sides)
        self._faults = Faults(f"faults {seed}", servers, self._appliers, hurry=hurry)
        self._watching = Watching(sides)
        self._writers = [
            Writer(f"{side[0]}{n}", side, url_of(sides, side), f"{side} {n} {seed}", self._load)
            for side in Owner
            for n in range(WRITERS)
        ]

    def play(self) -> Report:
        """
        1. the domains get their owners
        2. load and faults; in the middle, perhaps, everything rests and a domain changes hands
        3. the streams catch up, rows in quarantine are read again
        4. both sides are compared, with each other and with what was acknowledged
        """
        for domain, owner in self._owners.items():
            if owner is Owner.NATIVE:
                self._hand_over(domain, owner)
        for thread in (*self._writers, self._faults, self._watching):
            thread.start()
        try:
            self._load_for(self._seconds / 2)
            if self._random.random() < 0.6 and all(self._catch_up() for _ in range(FOLLOWS)):
                self._change_hands()
            self._load_for(self._seconds / 2)
            if self._catch_up():
                self._come_to_rest()
        finally:
            self._end()
        self._look()
        return self._report

    def _load_for(self, seconds: float) -> None:
        """Longer where the machine is so slow that hardly any fault was over by then."""
        wanted = self._faults.counts.total() + FEWEST_FAULTS
        self._load.open.set()
        self._faults.going.set()
        sleep(seconds)
        while self._faults.counts.total() < wanted and self._faults.is_alive():
            sleep(0.05)
        self._load.open.clear()
        self._faults.going.clear()
        for thread in self._writers:
            thread.idle.wait()
        self._faults.quiet.clear()
        self._faults.quiet.wait()

    def _catch_up(self) -> bool:
        took = caught_up(self._sides, CATCH_UP_SECONDS)
        self._report.caught_up = took
        if took is None:
            self._report.problems.append(f"not caught up within {CATCH_UP_SECONDS:.0f} s")
        return took is not None

    def _change_hands(self) -> None:
        """Of a domain of which no row is in quarantine: the new owner would not have it."""
        apart = {BY_NATIVE[table].domain for table, _ in outcome.quarantined(self._sides)}
        if clean := sorted(set(DOMAINS) - apart):
            domain = self._random.choice(clean)
            self._hand_over(domain, opposite(self._owners[domain]))
            self._report.handed_over = [f"{domain} to {self._owners[domain]}"]

    def _hand_over(self, domain: str, to: Owner) -> None:
        with (
            psycopg.connect(self._sides.legacy, autocommit=True) as legacy,
            psycopg.connect(self._sides.native, autocommit=True) as native,
        ):
            pairs, _ = table_pairs(legacy, native, {domain: MAPPINGS[domain]})
            hand_over(legacy, native, pairs, to)
        self._owners[domain] = to

    def _come_to_rest(self) -> None:
        """Nothing is left to do but what can never be done; then nothing is done any more."""
        began = monotonic()
        while self._differing() and monotonic() - began < REST_SECONDS:
            sleep(0.5)
        self._report.at_rest = round(monotonic() - began, 1)
        for side in Owner:
            rate = min(self._rate(side) for _ in range(IDLE_WINDOWS))
            self._report.idle_transactions = {**self._report.idle_transactions, side: rate}
            if rate > IDLE_TRANSACTIONS:
                self._report.problems.append(f"{rate:.0f} transactions a second, idle: {side}")

    def _rate(self, side: Owner) -> float:
        before = _counted(self._sides, side)
        sleep(IDLE_SECONDS)
        return (_counted(self._sides, side) - before) / IDLE_SECONDS

    def _differing(self) -> list[str]:
        apart = outcome.quarantined(self._sides)
        return [
            *outcome.unequal(self._sides, apart),
            *outcome.unreasonable(self._sides, apart, self._owners),
        ]

    def _end(self) -> None:
        threads = (*self._writers, self._faults, self._watching)
        for event in (self._load.over, self._faults.over, self._watching.over):
            event.set()
        for thread in threads:
            thread.join()
        self._appliers.close()
        for fault in (self._faults.fault, *(writer.fault for writer in self._writers)):
            if fault:
                raise fault

    def _look(self) -> None:
        report, sides = self._report, self._sides
        differing = self._differing()
        if differing:
            for _ in range(2):
                follow(sides.legacy, sides.native, MAPPINGS, Seen(), Event(), once=True)
            left = self._differing()
            report.problems.append(f"{len(differing)} rows differ, {len(left)} after `--once`")
        apart = outcome.quarantined(sides)
        report.problems += differing
        report.problems += outcome.lost(sides, self._owners, self.journal)
        report.problems += outcome.doubled(sides)
        report.problems += outcome.miscounted(sides, self.journal)
        report.problems += outcome.unverified(sides)
        report.problems += self._watching.backwards
        report.conflicts = len(outcome.conflicts(sides))
        report.quarantined = len(apart)
        report.transactions = {side: asdict(c) for side, c in self.journal.counts.items()}
        report.versions = len(self.journal.versions)
        report.faults = dict(sorted(self._faults.counts.items()))
        report.appliers_started = self._appliers.started
        report.appliers_ended = self._appliers.ended
        report.server_restarts = sum(server.crashes for server in self._servers.values())
        report.longest_lag = round(self._watching.lag.longest, 1)


def _counted(sides: Sides, side: Owner) -> int:
    """Transactions that wrote something so far; this one is none."""
    ((number,),) = ask(url_of(sides, side), NUMBER)
    return int(number)


NUMBER: LiteralString = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
