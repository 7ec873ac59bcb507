"""`bench bridge`: the parts one after the other, and what came of them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from proxy.bench.bridge import backlog, copying, idle, large, latency, plan, verifying
from proxy.bench.bridge.figures import Figure
from proxy.bench.bridge.plan import BridgePlan
from proxy.bench.bridge.site import Site, a_site
from proxy.bench.machine import describe

MEASURES: dict[str, Callable[[Site, BridgePlan], Iterator[Figure]]] = {
    plan.COPY: copying.measure,
    plan.VERIFY: verifying.measure,
    plan.BACKLOG: backlog.measure,
    plan.LATENCY: latency.measure,
    plan.LARGE: large.measure,
    plan.IDLE: idle.measure,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeReport:
    """`machine["load"]` is the average of the minute before, `load_after` of the one at the end."""

    plan: BridgePlan
    machine: dict[str, Any]
    load_after: float
    results: list[Figure]

    @property
    def errors(self) -> int:
        return sum(len(one.errors) for one in self.results)

    def as_dict(self) -> dict[str, Any]:
        return {
            "results": [one.as_dict() for one in self.results],
            "rounds": self.plan.rounds,
            "machine": self.machine | {"load_after": self.load_after},
        }


def measure(
    plan: BridgePlan, on_turn: Callable[[int, int, str], None] = lambda number, total, title: None
) -> BridgeReport:
    """Run the plan. Raises `CannotMeasureError`; `EmbeddedError` where the server does not start.

    `on_turn` is told before each part how many are done, of how many, and which comes.
    """
    machine = describe(None)
    results: list[Figure] = []
    with a_site() as site:
        for number, name in enumerate(plan.names):
            on_turn(number, len(plan.names), name)
            results += MEASURES[name](site, plan)
    on_turn(len(plan.names), len(plan.names), "done")
    load = round(os.getloadavg()[0], 2)
    return BridgeReport(plan=plan, machine=machine, load_after=load, results=results)
