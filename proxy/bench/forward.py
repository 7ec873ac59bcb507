"""`bench forward`: every case with every peer in turn, several rounds, and what came of it.

Rounds of all peers are interleaved (A B C A B C …), so that a noisy moment of the machine meets
them alike; ratios are taken within a round.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from proxy.bench import peers
from proxy.bench.cases import CASES, DIRECT, OURS, Case
from proxy.bench.cores import Cores, pinned
from proxy.bench.driver import Driver
from proxy.bench.figures import Ratio, Result, Round, Target, Verdict, ratio, result, verdicts
from proxy.bench.machine import describe
from proxy.bench.peers import Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`seconds` are measured a round. Short rounds and many of them: a machine that others use
    changes its speed from one second to the next, and peers are compared within a round."""

    names: Sequence[str]
    rounds: int
    seconds: float
    cases: Sequence[Case] = CASES


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that was measured, and on what. `skipped` says why a peer is not among it."""

    plan: Plan
    cores: Cores
    machine: dict[str, Any]
    skipped: dict[str, str]
    results: list[Result]
    ratios: list[Ratio]
    verdicts: list[Verdict]

    @property
    def errors(self) -> int:
        return sum(one.errors for one in self.results)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; `results` as contract.md has it, and more."""
        return {
            "results": [_flat(one) for one in self.results],
            "ratios": [_flat(one) for one in self.ratios],
            "targets": [
                {**_flat(one.target), "reached": one.reached, "met": one.met}
                for one in self.verdicts
            ],
            "skipped": self.skipped,
            "pinned": {"peer": sorted(self.cores.peer), "driver": sorted(self.cores.driver)}
            if self.cores.pinned
            else None,
            "machine": self.machine,
            "how": {one.name: peers.HOW[one.name] for one in self.results},
            "rounds": self.plan.rounds,
            "seconds": self.plan.seconds,
        }


def _flat(one: Result | Ratio | Target) -> dict[str, Any]:
    """The case's fields beside the others."""
    fields = asdict(one)
    case: dict[str, Any] = fields.pop("case")
    return {"name": fields.pop("name"), **case, **fields} if "name" in fields else fields | case


def measure(
    plan: Plan, on_turn: Callable[[int, int, str], None] = lambda number, total, title: None
) -> Report:
    """Run the plan. Raises `CannotMeasureError`, or `EmbeddedError` where a peer does not start.

    `on_turn` is told before each turn how many are done, of how many, and which comes.
    """
    peers.check_packages(plan.names)
    skipped = {name: why for name in plan.names if (why := peers.absent(name))}
    names = [name for name in plan.names if name not in skipped]
    cores = Cores.of_this_machine()
    machine = describe(peers.nginx_program())
    seen: dict[tuple[Case, str], list[Round]] = {}
    with pinned(cores.driver), ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="strangler-bench-")))
        driver = stack.enter_context(Driver(cores.driver))
        up = [_start(stack, name, driver.port, folder / name, cores) for name in names]
        turns = [(case, peer) for case in plan.cases for _ in range(plan.rounds) for peer in up]
        for number, (case, peer) in enumerate(turns):
            on_turn(number, len(turns), f"{case.title}: {peer.name}")
            done = driver.run(peer.order(case, plan.seconds))
            seen.setdefault((case, peer.name), []).append(done)
        on_turn(len(turns), len(turns), "done")
    ratios = [
        ratio(name, case, seen[case, OURS], rounds)
        for (case, name), rounds in seen.items()
        if OURS in names and name not in (OURS, DIRECT)
    ]
    return Report(
        plan=plan,
        cores=cores,
        machine=machine,
        skipped=skipped,
        results=[result(name, case, rounds) for (case, name), rounds in seen.items()],
        ratios=ratios,
        verdicts=verdicts(ratios),
    )


def _start(stack: ExitStack, name: str, upstream_port: int, folder: Path, cores: Cores) -> Peer:
    if name == DIRECT:
        return Peer(name, upstream_port, ())
    return stack.enter_context(peers.running(name, upstream_port, folder, cores))
