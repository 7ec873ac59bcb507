"""Two replicas under load, ended and started in turn; every request of every visitor is judged."""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from loadtests.drain_drill import front
from loadtests.drain_drill.program import Program, python
from loadtests.drain_drill.replica import Replica, Stop
from loadtests.drain_drill.visitor import QUESTIONS, Tally, Visitor

BALANCING, NGINX = "balancing clients", "nginx"
REPLICAS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`connections` visitors each way, at the same time; at least `seconds`, whole turns."""

    seconds: float
    connections: int = 64
    workers: int = 2


@dataclass(slots=True)
class Report:
    """`skipped`: ways left out, and why. Times in seconds."""

    ways: list[Tally] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    rollovers: list[float] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Nothing failed, each kind of request was asked each way, and every drain was clean."""
        every = {question.name for question in QUESTIONS}
        return (
            all(not way.failures and set(way.requests) == every for way in self.ways)
            and len({stop.replica for stop in self.stops}) == REPLICAS
            and all(stop.code == 0 for stop in self.stops)
            and bool(self.rollovers)
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "ways": [_row(way) for way in self.ways],
            "skipped": self.skipped,
            "stops": [
                {"replica": one.replica, "seconds": round(one.seconds, 3), "code": one.code}
                for one in self.stops
            ],
            "rollovers": [round(seconds, 3) for seconds in self.rollovers],
            "held": self.held,
        }


def _row(way: Tally) -> dict[str, Any]:
    return {
        "way": way.way,
        "connections": way.connections,
        "requests": way.total,
        "by_kind": dict(way.requests),
        "failed": len(way.failures),
        "reset": way.resets,
        "retried": way.retried,
        "refused": way.refused,
        "slowest_ms": round(way.slowest * 1000, 1),
        "failures": way.failures,
    }


async def drill(plan: Plan, say: Callable[[str], None] = lambda line: None) -> Report:
    """Hold it. Raises `DrillError` where a part does not start or end."""
    report = Report()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="strangler-drill-")))
        replicas = await _replicas(stack, folder, plan.workers)
        ports = [replica.port for replica in replicas]
        ways = {BALANCING: ports}
        if why := front.missing():
            report.skipped[NGINX] = why
        else:
            nginx, port = await front.start(folder, ports)
            stack.push_async_callback(nginx.close)
            ways[NGINX] = [port]
        over = asyncio.Event()
        async with asyncio.TaskGroup() as visitors:
            for way, doors in ways.items():
                tally = Tally(way, plan.connections)
                report.ways.append(tally)
                for number in range(plan.connections):
                    visitors.create_task(Visitor(doors, tally, number).visit(over))
            for tally in report.ways:
                await tally.warm.wait()
            await _disturb(replicas, plan.seconds, report, say)
            over.set()
    return report


async def _replicas(stack: AsyncExitStack, folder: Path, workers: int) -> list[Replica]:
    site = await Program.started(
        "the legacy site", python("-m", "loadtests.drain_drill.site"), folder=folder
    )
    stack.push_async_callback(site.close)
    port = json.loads(await site.says('"event": "serving"'))["port"]
    replicas = [
        Replica(number, folder / f"replica-{number}", port, workers) for number in range(REPLICAS)
    ]
    for replica in replicas:
        stack.push_async_callback(replica.close)
    await asyncio.gather(*(replica.start() for replica in replicas))
    return replicas


async def _disturb(
    replicas: Sequence[Replica], seconds: float, report: Report, say: Callable[[str], None]
) -> None:
    """One whole turn after the other: each ends and comes back, then the first rolls over."""
    until = monotonic() + seconds
    while not report.rollovers or monotonic() < until:
        for replica in replicas:
            stop = await replica.stop()
            report.stops.append(stop)
            say(f"replica {stop.replica} ended in {stop.seconds:.2f} s, exit code {stop.code}")
            await replica.start()
        taken = await replicas[0].roll_over()
        report.rollovers.append(taken)
        say(f"replica 0 rolled over in {taken:.2f} s; {_standing(report.ways)}")


def _standing(ways: Iterable[Tally]) -> str:
    return ", ".join(
        f"{way.way}: {way.total:,} answers, {len(way.failures)} failed" for way in ways
    )
