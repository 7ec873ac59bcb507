"""`bench memory`: long bodies through one worker, and how much more memory it took than before.

The body is made where it is sent and hashed where it arrives. A slow receiver stops now and then
until whoever sends stands still: then the proxy holds what it holds at most.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from proxy.bench import peers
from proxy.bench.cases import OURS
from proxy.bench.cores import Cores, pinned
from proxy.bench.ends import Ends
from proxy.bench.faults import CannotMeasureError
from proxy.bench.loop import Loop
from proxy.bench.machine import describe
from proxy.bench.passage import PASSAGES, Passage, Passed
from proxy.bench.resident import command_of, forget_peak, peak_kib, resident_kib

MIB = 1024 * 1024
WANTED_KIB = 64 * 1024
"""Added by any passage: less than this."""

STOPPED = 0.75
"""Share of a body over which the pauses are spread."""

WORKER = "proxy.worker"
WARMING = Passage(direction="down", framing="sized", pace="fast")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPlan:
    """`size` of each body in bytes; `pauses` of a slow receiver."""

    size: int
    pauses: int
    passages: Sequence[Passage] = PASSAGES

    @property
    def stops(self) -> list[int]:
        """After how many octets: at 1 MiB, then while more is to come than buffers can hold."""
        spread = int(self.size * STOPPED)
        return [MIB + spread * number // self.pauses for number in range(self.pauses)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """One passage, and the most memory that the worker had meanwhile beyond what it began with."""

    passage: Passage
    passed: Passed
    kib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryReport:
    """`before_kib` is what the worker had resident after its first answers, before all passages."""

    plan: MemoryPlan
    machine: dict[str, Any]
    before_kib: int
    results: list[Added]

    @property
    def errors(self) -> int:
        return sum(len(one.passed.errors) for one in self.results)

    @property
    def most_kib(self) -> int | None:
        return max((one.kib for one in self.results), default=None)

    @property
    def met(self) -> bool | None:
        return None if self.most_kib is None else self.most_kib < WANTED_KIB

    def as_dict(self) -> dict[str, Any]:
        target = {"measure": "added_kib", "wanted": WANTED_KIB}
        return {
            "results": [self._row(one) for one in self.results],
            "targets": [{**target, "reached": self.most_kib, "met": self.met}],
            "before_kib": self.before_kib,
            "size": self.plan.size,
            "machine": self.machine,
        }

    def _row(self, one: Added) -> dict[str, Any]:
        passed = asdict(one.passed)
        reasons = list(passed.pop("errors"))
        return {
            **asdict(one.passage),
            **passed,
            "added_kib": one.kib,
            "errors": len(reasons),
            "error_reasons": reasons,
        }


def measure(
    plan: MemoryPlan, on_turn: Callable[[int, int, str], None] = lambda number, total, title: None
) -> MemoryReport:
    """Run the plan. Raises `CannotMeasureError`, or `EmbeddedError` where the proxy does not start.

    `on_turn` is told before each turn how many are done, of how many, and which comes.
    """
    cores = Cores.of_this_machine()
    machine = describe(None)
    with pinned(cores.driver), ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="strangler-bench-")))
        ends = Ends(Loop())
        stack.callback(ends.close)
        peer = _started(stack, ends, folder / OURS, cores)
        worker = _worker(peer.pids)
        ends.pass_through(peer.port, WARMING, MIB)
        before = resident_kib(worker)
        results = []
        for number, passage in enumerate(plan.passages):
            on_turn(number, len(plan.passages), passage.title)
            forget_peak(worker)
            stops = plan.stops if passage.pace == "slow" else ()
            passed = ends.pass_through(peer.port, passage, plan.size, stops)
            results.append(Added(passage=passage, passed=passed, kib=peak_kib(worker) - before))
        on_turn(len(plan.passages), len(plan.passages), "done")
    return MemoryReport(plan=plan, machine=machine, before_kib=before, results=results)


def _started(stack: ExitStack, ends: Ends, folder: Path, cores: Cores) -> peers.Peer:
    """Our proxy. Waiting for it takes a thread: it asks the upstream, which is on our own loop."""
    running = peers.running(OURS, ends.port, folder, cores)
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(stack.enter_context, running)
        while not starting.done():
            ends.loop.run(until=perf_counter() + 1)
    return starting.result()


def _worker(pids: Sequence[int]) -> int:
    for pid in pids:
        if WORKER in command_of(pid):
            return pid
    raise CannotMeasureError(f"none of the proxy's processes is a worker (python -m {WORKER})")
