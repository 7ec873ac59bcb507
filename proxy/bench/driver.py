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
from types import TracebackType
from typing import Any, Self

from proxy.bench.cases import CASES, Case, Direction, answer, answer_body, request
from proxy.bench.cores import allow_open_files, cpu_seconds
from proxy.bench.faults import CannotMeasureError
from proxy.bench.figures import Round, percentile
from proxy.bench.loop import Loop
from proxy.bench.upstream import Upstream
from proxy.bench.visitors import Visitors


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One round: whom to ask, as in which case, for how long (seconds). `pids` are the peer's."""

    port: int
    connections: int
    body: int
    direction: Direction
    warm: float
    seconds: float
    pids: tuple[int, ...]


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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._program.communicate()


class Rounds:
    """The loop with the upstream on it, and visitors for the time of a round."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.upstream = Upstream(self.loop, answer(CASES[0]))

    def run(self, order: Order) -> Round:
        case = Case(connections=order.connections, body=order.body, direction=order.direction)
        self.upstream.answer = answer(case)
        visitors = Visitors(
            self.loop,
            ("127.0.0.1", order.port),
            connections=order.connections,
            request=request(case),
            body=answer_body(case),
        )
        visitors.ask_until(perf_counter() + order.warm)
        del visitors.latencies[:]
        peer, own, started = cpu_seconds(order.pids), process_time(), perf_counter()
        visitors.ask_until(started + order.seconds)
        seconds = perf_counter() - started
        peer, own = cpu_seconds(order.pids) - peer, process_time() - own
        latencies = sorted(visitors.latencies)
        visitors.leave()
        return Round(
            requests=len(latencies),
            seconds=seconds,
            p50_ms=_ms(latencies, 50),
            p99_ms=_ms(latencies, 99),
            errors=dict(visitors.errors),
            peer_cpu=peer,
            driver_cpu=own,
        )


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
        order = json.loads(line)
        _say(asdict(rounds.run(Order(**{**order, "pids": tuple(order["pids"])}))))
        gc.collect()


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
