"""Both sides are asked the same, some questions at a time, and their answers compared."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from proxy.cli.parity.questions import Ask
from proxy.cli.parity.sides import Given, Side, SideError, UnreachableError
from proxy.parity.answer import Question
from proxy.parity.compare import compare
from proxy.parity.config import ParityConfig
from proxy.parity.tally import Parity
from proxy.routing.table import RoutingTable

Progress = Callable[[int, int], None]
"""Questions answered so far, and those of them that showed a difference."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A question, and whose it is: a domain, and the rule of routing.yaml that takes it."""

    ask: Ask
    domain: str
    route: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be asked: questions of these domains, other methods only if `unsafe`."""

    table: RoutingTable
    domains: frozenset[str]
    unsafe: bool = False

    def place(self, ask: Ask) -> Placed | str:
        """Or why it is not asked."""
        match = self.table.match(ask.method, ask.path)
        if match.domain is None or match.rule is None:
            return "no rule of routing.yaml takes it"
        if match.domain not in self.domains:
            return f"of the domain {match.domain}, which is not asked about"
        if match.pinned:
            return "pinned to the legacy side"
        if match.legacy_page is not None and match.legacy_page.unnamed:
            return f"of {match.legacy_page.shown}, which routing.yaml does not name"
        if match.legacy_page is not None:
            return "the legacy site alone has a page there"
        if not ask.safe and not self.unsafe:
            return "not a safe method: see --unsafe"
        return Placed(ask, match.domain, match.rule.path)

    def wants(self, ask: Ask) -> bool:
        return isinstance(self.place(ask), Placed)

    def placed(self, asks: Iterable[Ask], left_out: Counter[str]) -> Iterator[Placed]:
        for ask in asks:
            found = self.place(ask)
            if isinstance(found, Placed):
                yield found
            else:
                left_out[found] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How it is asked. `host` is named to both sides; `repeat` is the share of questions that the
    legacy side is asked twice; `configs` by domain, else `config`."""

    host: str
    concurrency: int = 4
    repeat: float = 0.0
    config: ParityConfig = field(default_factory=ParityConfig)
    configs: Mapping[str, ParityConfig] = field(default_factory=dict)


class Asking:
    """One run. `parity` grows while it goes on."""

    def __init__(self, legacy: Side, native: Side, manner: Manner, progress: Progress) -> None:
        self.parity = Parity()
        self._legacy = legacy
        self._native = native
        self._manner = manner
        self._progress = progress
        self._begun = self._done = self._different = 0

    async def run(self, questions: Iterable[Placed]) -> Parity:
        """Raises `UnreachableError` where a side cannot be reached before it has answered once."""
        waiting = iter(questions)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._manner.concurrency):
                    group.create_task(self._ask_in_turn(waiting))
        except* UnreachableError as errors:
            raise errors.exceptions[0] from None
        return self.parity

    async def _ask_in_turn(self, waiting: Iterator[Placed]) -> None:
        for placed in waiting:
            try:
                await self._ask(placed)
            except SideError as error:
                if isinstance(error, UnreachableError) and self._done == 0:
                    raise
                self.parity.fail(placed.domain, placed.route, str(error))
            self._done += 1
            self._progress(self._done, self._different)

    async def _ask(self, placed: Placed) -> None:
        self._begun += 1
        twice = self._repeats(self._begun)
        question = Question(placed.ask.method, placed.ask.target, self._manner.host, at=time.time())
        control, candidate = await self._ask_both(placed.ask)
        self._compare(placed, question, control, candidate)
        if twice:
            again = await self._legacy.ask(placed.ask)
            outcome = compare(question, control.answer, again.answer, self._config(placed))
            self.parity.repeat(placed.domain, placed.route, outcome)

    async def _ask_both(self, ask: Ask) -> tuple[Given, Given]:
        """At the same time, so that "now" is the same; one after the other if they may change
        something."""
        if not ask.safe:
            return await self._legacy.ask(ask), await self._native.ask(ask)
        sides = (self._legacy.ask(ask), self._native.ask(ask))
        control, candidate = await asyncio.gather(*sides, return_exceptions=True)
        if isinstance(control, BaseException):
            raise control
        if isinstance(candidate, BaseException):
            raise candidate
        return control, candidate

    def _compare(
        self, placed: Placed, question: Question, control: Given, candidate: Given
    ) -> None:
        """What is left to the legacy side is compared only where both found nothing: its answer is
        what visitors get, but while it is down they get the native one."""
        same_status = control.answer.status == candidate.answer.status
        if candidate.left and not (candidate.own and same_status):
            self.parity.leave(placed.domain, placed.route)
            return
        outcome = compare(question, control.answer, candidate.answer, self._config(placed))
        self._different += not outcome.equal
        self.parity.record(placed.domain, placed.route, question, outcome)

    def _repeats(self, number: int) -> bool:
        share = self._manner.repeat
        return int(number * share) > int((number - 1) * share)

    def _config(self, placed: Placed) -> ParityConfig:
        return self._manner.configs.get(placed.domain, self._manner.config)
