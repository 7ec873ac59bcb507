"""Visitors and upstream in one program, apart from the proxies: python -m proxy.bench.driver CORES

They share a process and an epoll loop because they share a core: as two processes they reached
60 k requests/s with nothing between them, as one 110 k, and the proxy has to be the slower part.

Prints `{"port": N}`, the upstream's. Then each line read is a round to run, an `Order` in JSON, and
each line printed its `Round`. Ends when its input ends.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Self

from proxy.bench.cases import CASES, Case, answer, answer_body, answer_with, requests
from proxy.bench.cores import allow_open_files, cpu_seconds
from proxy.bench.crowd import STEP, Crowd
from proxy.bench.faults import CannotMeasureError
from proxy.bench.figures import Round, percentile
from proxy.bench.loop import Loop
from proxy.bench.readers import Readers
from proxy.bench.slow import PAGE
from proxy.bench.upstream import Upstream
from proxy.bench.visitors import Visitors


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One round: whom to ask, as in which case, for how long (seconds). `pids` are the peer's.

    `idle` and `slow` are the crowd beside the visitors (crowd.py). Where `page` is the path of a
    page, that is read, as long as it may be, and the case says only how many visitors there are.
    """

    port: int
    case: Case
    warm: float
    seconds: float
    pids: tuple[int, ...]
    idle: int = 0
    slow: int = 0
    page: str = ""

    @classmethod
    def from_line(cls, line: str) -> Self:
        told = json.loads(line)
        return cls(**{**told, "case": Case(**told["case"]), "pids": tuple(told["pids"])})


class Driver:
    """The program below, started and spoken to."""

    def __init__(self, cores: Iterable[int]) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "proxy.bench.driver", ",".join(map(str, sorted(cores)))],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C is ours alone; the program ends when its input does.
            start_new_session=True,
        )
        self.port: int = self._answer()["port"]
        """The upstream's."""

    def run(self, order: Order) -> Round:
        if self._program.stdin is not None:
            self._program.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
            self._program.stdin.flush()
        return Round(**self._answer())

    def _answer(self) -> dict[str, Any]:
        line = self._program.stdout.readline() if self._program.stdout is not None else b""
        if not line:
            raise CannotMeasureError("the load generator ended; what it said is above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.communicate()


class Rounds:
    """The loop with the upstream on it; visitors, and perhaps a crowd, for the time of a round."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.upstream = Upstream(self.loop, answer(CASES[0]))

    def run(self, order: Order) -> Round:
        address = ("127.0.0.1", order.port)
        self.upstream.answer = answer(order.case)
        self.upstream.upload_answer = answer_with(PAGE) if order.slow else answer(order.case)
        crowd = Crowd(self.loop, address, idle=order.idle, slow=order.slow)
        crowd.settle()
        visitors = self._visitors(order, address)
        _ask(visitors, crowd, perf_counter() + order.warm)
        del visitors.latencies[:]
        peer, own, started = cpu_seconds(order.pids), process_time(), perf_counter()
        _ask(visitors, crowd, started + order.seconds)
        seconds = perf_counter() - started
        peer, own = cpu_seconds(order.pids) - peer, process_time() - own
        latencies = sorted(visitors.latencies)
        visitors.leave()
        crowd.leave()
        return Round(
            requests=len(latencies),
            seconds=seconds,
            p50_ms=_ms(latencies, 50),
            p95_ms=_ms(latencies, 95),
            p99_ms=_ms(latencies, 99),
            errors=dict(visitors.errors + crowd.errors),
            peer_cpu=peer,
            driver_cpu=own,
            slow_answers=crowd.slow_answers,
        )

    def _visitors(self, order: Order, address: tuple[str, int]) -> Visitors:
        case = order.case
        if order.page:
            return Readers(self.loop, address, connections=case.connections, page=order.page)
        return Visitors(
            *(self.loop, address),
            connections=case.connections,
            requests=requests(case),
            body=answer_body(case),
        )


def _ask(visitors: Visitors, crowd: Crowd, until: float) -> None:
    """Until this moment of `perf_counter`, the crowd moving meanwhile."""
    if not crowd.slow:
        visitors.ask_until(until)
        return
    while (now := perf_counter()) < until and visitors.present:
        visitors.ask_until(min(until, now + STEP))
        crowd.step()


def _ms(latencies: Sequence[float], percent: int) -> float | None:
    return percentile(latencies, percent) * 1000 if latencies else None


def main(cores: str) -> None:
    os.sched_setaffinity(0, map(int, cores.split(",")))
    allow_open_files()
    gc.disable()
    rounds = Rounds()
    lines: list[str] = []

    def take_line() -> None:
        lines.append(sys.stdin.readline())
        rounds.loop.stop()

    # The upstream goes on answering between rounds: proxies ask after its health.
    rounds.loop.add(sys.stdin.fileno(), take_line)
    _say({"port": rounds.upstream.port})
    while True:
        while not lines:
            rounds.loop.run(until=inf)
        if not (line := lines.pop()):
            return
        _say(asdict(rounds.run(Order.from_line(line))))
        gc.collect()


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
