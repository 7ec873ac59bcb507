"""Look for octets that break what must be true, for as long as there is time."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic, thread_time
from traceback import format_exception
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from loadtests.fuzz import answers, grammar, requests
from loadtests.fuzz.choices import Choices
from loadtests.fuzz.minimal import shortened
from loadtests.fuzz.requests import Finding
from loadtests.fuzz.served import Served

BATCH = 200
DECISIONS = 160
"""Octets from which one case is made."""

SINGLY = 32
"""Of 256 cases, so many are also fed octet by octet, which costs as much as all the rest."""

SHORTEN_SECONDS = 10.0

SLOW = 0.3
"""Seconds of computing for one case, a hundred times the usual: some pattern runs astray."""

TRIES = 3
"""A case is slow if it is so every time: the machine may have been busy with something else."""

AGAIN = 3
"""Of so many more tries a finding has to come back in one: what goes through a running proxy takes
time, and on a busy machine also too much of it."""

Pieces = Sequence[bytes]


RUN = re.compile(r"(.)\1{40,}")


def brief(text: str) -> str:
    """In place of a long run of one character: how long it is."""
    return RUN.sub(lambda run: f"<{run[1]} {len(run[0])} times>", text)


class Target(NamedTuple):
    """`check` is given pieces, and whether to feed them octet by octet too (or apart in time)."""

    name: str
    make: Callable[[Choices], list[bytes]]
    check: Callable[[Pieces, bool], Finding | None]


@dataclass(slots=True)
class Found:
    """One broken property: its shortest case, and how often it was met."""

    target: str
    finding: Finding
    pieces: Pieces
    times: int = 1

    def __str__(self) -> str:
        text = f"{self.target}: {self.finding.kind} ({self.times} times): {list(self.pieces)}"
        return brief(f"{text}\n  {self.finding.detail}")


@dataclass(slots=True)
class Report:
    seed: int
    cases: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    once: list[Found] = field(default_factory=list)
    """What did not come back."""

    def rate(self, target: str) -> float:
        """Cases a second."""
        return self.cases[target] / self.seconds[target]


def _requests(pieces: Pieces, singly: bool) -> Finding | None:
    return requests.check(pieces, singly=singly)


def _answers(pieces: Pieces, singly: bool) -> Finding | None:
    return answers.check(pieces, singly=singly)


REQUESTS = Target("requests", grammar.requests, _requests)
ANSWERS = Target("answers", grammar.answers, _answers)


def served_targets(served: Served) -> tuple[Target, Target]:
    """The two that go through a running proxy."""
    return (
        Target("served requests", grammar.requests, served.requests),
        Target("served answers", grammar.answers, served.answers),
    )


def checked(target: Target, pieces: Pieces, *, singly: bool = True) -> Finding | None:
    """What the target says; that it fails, or takes too long, is a finding too."""
    for _ in range(TRIES):
        began = thread_time()
        try:
            finding = target.check(pieces, singly)
        except Exception as error:
            return Finding(f"raised {type(error).__name__}", "".join(format_exception(error)))
        if finding or (seconds := thread_time() - began) <= SLOW:
            return finding
    return Finding("slow", f"{seconds:.2f} s")


class Campaign:
    """Targets in turn, a batch each. `seed` makes the same cases again, as far as time goes."""

    def __init__(self, targets: Sequence[Target], seed: int) -> None:
        self._targets = targets
        self._rounds = 0
        self.report = Report(seed)

    def run(
        self, seconds: float, on_round: Callable[[Report, float], None] = lambda *_: None
    ) -> Report:
        """`on_round` is told, before each round, how many of the seconds have gone."""
        began = monotonic()
        while (gone := monotonic() - began) < seconds:
            on_round(self.report, gone)
            self.round()
        on_round(self.report, seconds)
        return self.report

    def round(self) -> None:
        """`BATCH` cases of each target."""
        for target in self._targets:
            self._batch(target, self.report.seed + self._rounds)
        self._rounds += 1

    def _batch(self, target: Target, number: int) -> None:
        began, cases = monotonic(), 0
        met: list[tuple[Pieces, Finding]] = []

        @seed(number)
        @settings(
            max_examples=BATCH,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(st.binary(min_size=DECISIONS, max_size=DECISIONS))
        def one(octets: bytes) -> None:
            nonlocal cases
            cases += 1
            pieces = target.make(Choices(octets))
            finding = checked(target, pieces, singly=octets[-1] < SINGLY)
            if finding is not None:
                met.append((pieces, finding))

        one()
        name = target.name
        self.report.cases[name] = self.report.cases.get(name, 0) + cases
        self.report.seconds[name] = self.report.seconds.get(name, 0) + monotonic() - began
        for pieces, finding in met:
            self._note(target, pieces, finding)

    def _note(self, target: Target, pieces: Pieces, finding: Finding) -> None:
        for found in self.report.found:
            if (found.target, found.finding.kind) == (target.name, finding.kind):
                found.times += 1
                return

        def shows(shorter: Pieces) -> bool:
            other = checked(target, shorter)
            return other is not None and other.kind == finding.kind

        if not any(shows(pieces) for _ in range(AGAIN)):
            self.report.once.append(Found(target.name, finding, pieces))
            return
        short = shortened(pieces, shows, SHORTEN_SECONDS)
        self.report.found.append(Found(target.name, checked(target, short) or finding, short))
