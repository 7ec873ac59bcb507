"""The process that carries out a flip is killed at a named point of it, each time it comes there.

Its supervisor starts another one, which dies in the same place, until the other replica leads. The
clients of both go on.
"""

import asyncio

from loadtests.ownership_drill import OwnershipReport, drill, flip_often
from loadtests.replicas import STAFF, replicas

POINTS = (
    "flip.fenced",
    "flip.held",
    "flip.locked",
    "flip.counted",
    "flip.before_decision",
    "flip.deciding",
    "flip.decided",
    "flip.numbered_apart",
)
CALM_SECONDS = 1.0
ATTEMPTS = 6
"""Of a flip: whoever dies leaves the lead after three seconds, and may take it again."""


def run_killed(point: str, clients: int, workers: int) -> OwnershipReport:
    """To native and back twice; each has to be so in the end."""
    dies = {"STRANGLER_FAILPOINT": f"{point}=kill"}
    with replicas(2, workers, first=dies) as system:

        def patient(phase: str) -> dict[str, object]:
            """Whatever was said to the first attempts. What was decided by one that died behind
            the decision is done, and nobody knows how long it took."""
            for _ in range(ATTEMPTS):
                said = system.flip(phase)
                if said["done"]:
                    break
            if said["done"] and said["pause_seconds"] is None:
                said["pause_seconds"] = 0.0
            return said

        async def meanwhile(report: OwnershipReport) -> None:
            await flip_often(report, patient, 4, CALM_SECONDS)

        urls = [proxy.url for proxy in system.proxies]
        report, known = asyncio.run(drill(urls, STAFF, meanwhile, clients=clients))
        report.lost = system.differing(known)
        return report
