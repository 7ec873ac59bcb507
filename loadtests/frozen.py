"""A replica that stands still while the rows of a domain change their owner, and goes on later.

Everything of it is frozen: workers with requests under way, the bridge that may apply both streams,
the reconciler that may lead. Its clients wait; nobody is told that anything failed.
"""

import asyncio
import signal
from contextlib import suppress

import psutil  # type: ignore[import-untyped]

from loadtests.ownership_drill import OwnershipReport, drill, flip_often
from loadtests.replicas import STAFF, Replicas, replicas
from proxy.demo.parts import RunningProxy

PATIENCE_SECONDS = 60.0
"""Of the clients, beside the time for which it stands still."""
CALM_SECONDS = 1.0


def run_frozen(seconds: float, clients: int, workers: int, *, number: int) -> OwnershipReport:
    """Replica `number` of two stands still for so long, and a flip is asked for meanwhile. It may
    be refused or given up; two flips afterwards have to be made.

    The replica that was started first is likely to lead and to apply the streams.
    """
    with replicas(2, workers) as system:

        async def meanwhile(report: OwnershipReport) -> None:
            await flip_often(report, system.flip, 2, CALM_SECONDS)
            await _flip_beside(system, system.proxies[number], seconds)
            await flip_often(report, system.flip, 2, CALM_SECONDS)

        urls = [proxy.url for proxy in system.proxies]
        patience = PATIENCE_SECONDS + seconds
        report, known = asyncio.run(
            drill(urls, STAFF, meanwhile, clients=clients, patience=patience)
        )
        report.lost = system.differing(known)
        return report


async def _flip_beside(system: Replicas, proxy: RunningProxy, seconds: float) -> None:
    """Whatever becomes of the flip, the domain is the legacy side's again afterwards."""
    _send(proxy, signal.SIGSTOP)
    try:
        flip = asyncio.create_task(asyncio.to_thread(system.flip, "native"))
        await asyncio.sleep(seconds)
    finally:
        _send(proxy, signal.SIGCONT)
    await flip
    back = await asyncio.to_thread(system.flip, "legacy")
    if not back["done"]:
        raise RuntimeError(f"the domain does not get back: {back['reason']}")


def _send(proxy: RunningProxy, what: signal.Signals) -> None:
    """To all its processes, the supervisor first: it would replace workers that do not answer."""
    for process in proxy.processes():
        with suppress(psutil.NoSuchProcess):
            process.send_signal(what)
