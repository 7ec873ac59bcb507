"""`bench crowd`: ordinary visitors alone, and the same beside a crowd of idle and slow clients.

Alone and beside the crowd take turns, in changing order, so that a noisy moment of the machine
meets both; how much of the throughput is kept is taken within a round.
"""

import resource
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from proxy.bench import peers
from proxy.bench.cases import OURS, Case
from proxy.bench.cores import OPEN_FILES, Cores, pinned
from proxy.bench.driver import Driver
from proxy.bench.faults import CannotMeasureError
from proxy.bench.figures import Ratio, Result, Round, ratio, result
from proxy.bench.machine import describe

VISITORS = Case(connections=32, body=1024, direction="down")
IDLE, SLOW = 2000, 200
WANTED = 0.9
"""Of the throughput alone: the crowd slows others by no more than a tenth."""

WARMING = 0.3
SPARE_FILES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdPlan:
    """`seconds` are measured alone, and as many beside the crowd, in each round."""

    names: Sequence[str]
    rounds: int
    seconds: float
    idle: int = IDLE
    slow: int = SLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One peer: `kept` is beside the crowd divided by alone. `slow_answers`: to slow clients."""

    name: str
    alone: Result
    crowded: Result
    kept: Ratio
    slow_answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdReport:
    """All that was measured, and on what. `skipped` says why a peer is not among it."""

    plan: CrowdPlan
    cores: Cores
    machine: dict[str, Any]
    skipped: dict[str, str]
    results: list[Beside]

    @property
    def errors(self) -> int:
        return sum(one.errors for both in self.results for one in (both.alone, both.crowded))

    @property
    def kept(self) -> float | None:
        """Of our own throughput; None where it was not measured."""
        return next((one.kept.rps for one in self.results if one.name == OURS), None)

    @property
    def met(self) -> bool | None:
        return None if self.kept is None else self.kept >= WANTED

    def as_dict(self) -> dict[str, Any]:
        """For JSON: two results a peer, as of `bench forward`, and the crowd that was there."""
        target = {"measure": "rps", "against": "alone", "wanted": WANTED}
        return {
            "results": [row for one in self.results for row in self._rows(one)],
            "ratios": [
                {"name": one.name, "against": "alone", "rps": one.kept.rps, "p50": one.kept.p50}
                for one in self.results
            ],
            "targets": [{**target, "reached": self.kept, "met": self.met}],
            "skipped": self.skipped,
            "machine": self.machine,
            "rounds": self.plan.rounds,
            "seconds": self.plan.seconds,
        }

    def _rows(self, one: Beside) -> list[dict[str, Any]]:
        crowd = {"idle": self.plan.idle, "slow": self.plan.slow, "slow_answers": one.slow_answers}
        nobody = dict.fromkeys(crowd, 0)
        return [_row(one.alone) | nobody, _row(one.crowded) | crowd]


def _row(one: Result) -> dict[str, Any]:
    fields = asdict(one)
    return {"name": fields.pop("name"), **fields.pop("case"), **fields}


def measure(
    plan: CrowdPlan, on_turn: Callable[[int, int, str], None] = lambda number, total, title: None
) -> CrowdReport:
    """Run the plan. Raises `CannotMeasureError`, or `EmbeddedError` where a peer does not start.

    `on_turn` is told before each turn how many are done, of how many, and which comes.
    """
    check_open_files(plan)
    skipped = {name: why for name in plan.names if (why := peers.absent(name))}
    names = [name for name in plan.names if name not in skipped]
    cores = Cores.of_this_machine()
    machine = describe(peers.nginx_program())
    seen: dict[tuple[str, bool], list[Round]] = {}
    with pinned(cores.driver), ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="strangler-bench-")))
        driver = stack.enter_context(Driver(cores.driver))
        up = [
            stack.enter_context(peers.running(name, driver.port, folder / name, cores))
            for name in names
        ]
        turns = [
            (peer, crowded == bool(number % 2))
            for number in range(plan.rounds)
            for peer in up
            for crowded in (False, True)
        ]
        for number, (peer, crowded) in enumerate(turns):
            title = f"{peer.name}, {'beside the crowd' if crowded else 'alone'}"
            on_turn(number, len(turns), title)
            order = peer.order(VISITORS, plan.seconds, shortest_warming=WARMING)
            if crowded:
                order = replace(order, idle=plan.idle, slow=plan.slow)
            done = driver.run(order)
            seen.setdefault((peer.name, crowded), []).append(done)
        on_turn(len(turns), len(turns), "done")
    return CrowdReport(
        plan=plan,
        cores=cores,
        machine=machine,
        skipped=skipped,
        results=[_beside(name, seen[name, False], seen[name, True]) for name in names],
    )


def check_open_files(plan: CrowdPlan) -> None:
    """Raise `CannotMeasureError` where this system grants a program too few descriptors."""
    needed = plan.idle + 2 * (plan.slow + VISITORS.connections) + SPARE_FILES
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and min(most, OPEN_FILES) < needed:
        raise CannotMeasureError(
            f"the crowd needs {needed} open files and this user may have {most}; "
            "raise the hard limit (ulimit -Hn)"
        )


def _beside(name: str, alone: Sequence[Round], crowded: Sequence[Round]) -> Beside:
    return Beside(
        name=name,
        alone=result(name, VISITORS, alone),
        crowded=result(name, VISITORS, crowded),
        kept=ratio("alone", VISITORS, crowded, alone),
        slow_answers=sum(one.slow_answers for one in crowded),
    )
