"""A native side made wrong on purpose: what shadow finds, that no gate lets it pass, and how soon a
canary ends by itself.

For each fault: in `shadow` a flip to `reads` is asked for, which has to be refused; then, with the
fault away, the domain is put into `canary`, visitors come, the fault begins, and the time until the
domain is in `shadow` again is taken.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from loadtests.replicas import Replicas, replicas
from proxy.demo.parts import strangler

PAGE = "/api/v2/downloads/os/"
RATE = 50.0
"""Requests a second, of so many visitors; each has a browser of their own."""
VISITORS = 200
WEIGHT = 10
SAMPLES = 200
HEALTHY_SECONDS = 5.0
LONGEST_SECONDS = 300.0
LIMIT_SECONDS = 10.0
FILE = "fault.json"
"""In the folder of the proxy."""
FAULTS: Mapping[str, dict[str, Any]] = {
    "one field": {"body": ['"name":', '"nome":']},
    "one header": {"header": ["cache-control", "no-store"]},
    "one status": {"status": 203},
    "2 % of answers": {"every": 50, "body": ['"name":', '"nome":']},
    "slow": {"seconds": 0.6},
    "erroring": {"raise": True},
}
NAMED = {
    # What the refusal has to name.
    "one field": "nome",
    "one header": "header:cache-control",
    "one status": "status",
    "2 % of answers": "parity",
    "erroring": "status",
}
"""A slow answer is as right as a quick one: only the canary ends for it."""


@dataclass(slots=True)
class WrongReport:
    """Of one fault. `refused` is what was said to a flip; `ended` why the canary ended, `seconds`
    after the first request that met the fault."""

    fault: str
    refused: str | None = None
    ended: str | None = None
    seconds: float | None = None
    failed: int = 0

    @property
    def held(self) -> bool:
        named = self.refused is None or NAMED.get(self.fault, "") in self.refused
        # What is wrong now and then is found later than what is wrong always.
        limit = LONGEST_SECONDS if "%" in self.fault else LIMIT_SECONDS
        return named and self.seconds is not None and self.seconds < limit

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "held": self.held}


@dataclass(slots=True)
class Visitors:
    """At work until stopped, at the same rate, whatever the answers take."""

    url: str
    failed: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def come(self) -> None:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(base_url=self.url, timeout=30, limits=limits) as client:
            began = time.monotonic()
            for number in itertools.count():
                await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
                task = asyncio.create_task(self._ask(client, number % VISITORS))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _ask(self, client: httpx.AsyncClient, visitor: int) -> None:
        with suppress(httpx.HTTPError):
            client.cookies.clear()  # each is somebody else
            answer = await client.get(PAGE, headers={"User-Agent": f"visitor {visitor}"})
            self.failed += answer.status_code >= 500


def run_wrong(
    faults: tuple[str, ...], on_fault: Callable[[str], None] = lambda name: None
) -> list[WrongReport]:
    """`faults` are some of `FAULTS`."""
    gates = f"{{samples: {SAMPLES}}}"
    with replicas(1, 2, phase="shadow", gates=gates, first=made_wrong(FILE)) as system:
        strangler("sync", "verify", settings=system.settings, folder=system.folder)
        return asyncio.run(_run(system, faults, on_fault))


def made_wrong(file: str) -> dict[str, str]:
    """What a proxy finds in its environment, so that its native side does what `file` says."""
    wrong = Path(__file__).with_name("wrong_native")
    return {"PYTHONPATH": str(wrong), "WRONG_NATIVE": file}


async def _run(
    system: Replicas, faults: tuple[str, ...], on_fault: Callable[[str], None]
) -> list[WrongReport]:
    visitors = Visitors(system.proxies[0].url)
    coming = asyncio.create_task(visitors.come())
    reports = []
    try:
        for name in faults:
            on_fault(name)
            reports.append(await _play(system, name, visitors))
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError):
            await coming
    return reports


async def _play(system: Replicas, name: str, visitors: Visitors) -> WrongReport:
    report = WrongReport(name)
    fault = {"path": PAGE, **FAULTS[name]}
    if name in NAMED:
        _set(system, fault)
        await _compared(system, SAMPLES)
        said = await asyncio.to_thread(system.flip, "reads")
        report.refused = said["reason"] if not said["done"] else "NOT REFUSED"
        _set(system, {})
        await asyncio.to_thread(system.flip, "shadow")
    said = await asyncio.to_thread(system.flip, "canary", "--weight", str(WEIGHT), "--force")
    if not said["done"]:
        raise RuntimeError(f"the canary does not begin: {said['reason']}")
    await asyncio.sleep(HEALTHY_SECONDS)
    visitors.failed = 0
    _set(system, fault)
    began = time.monotonic()
    while True:
        ended = _trouble(system)
        if ended is not None or time.monotonic() - began > LONGEST_SECONDS:
            break
        await asyncio.sleep(0.1)
    if ended is not None:
        report.ended, report.seconds = ended, round(time.monotonic() - began, 1)
    report.failed = visitors.failed
    _set(system, {})
    await asyncio.to_thread(system.flip, "shadow")
    return report


def _set(system: Replicas, fault: Mapping[str, Any]) -> None:
    """In one step, so that nobody reads half of it."""
    for proxy in system.proxies:
        file = proxy.log.parent / FILE
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(dict(fault)))
        fresh.replace(file)


def _trouble(system: Replicas) -> str | None:
    """Why the domain is not in canary any more."""
    with psycopg.connect(system.settings["STRANGLER_DATABASE_URL"]) as native:
        row = native.execute(
            "SELECT phase, trouble FROM ownership_phases WHERE domain = 'downloads'"
        ).fetchone()
    return None if row is None or row[0] == "canary" else str(row[1])


async def _compared(system: Replicas, number: int) -> None:
    """So many answers were compared since the domain is in its phase."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            with psycopg.connect(system.settings["STRANGLER_DATABASE_URL"]) as native:
                ((found,),) = native.execute(
                    "SELECT coalesce(sum((tally ->> 'asked')::int), 0) FROM parity_tallies"
                    " JOIN ownership_phases USING (domain) WHERE at >= since"
                ).fetchall()
            if found >= number:
                return
            await asyncio.sleep(0.2)
