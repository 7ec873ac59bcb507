"""Whoever writes on one side and reads from the other at once sees what they wrote.

Visitors change a row of their own through the API, which the legacy side writes, and ask for it,
which the native side answers, while the bridge between both is slowed down on purpose.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from loadtests.ownership_drill import SYSTEMS

SLOWED = "apply.received=2s"
"""Of STRANGLER_FAILPOINT: whenever the bridge has something to apply."""

ARRIVED_SECONDS = 60.0


@dataclass(slots=True)
class ReadingBackReport:
    """`stale` answers were of before the visitor's write; `owners` gave the answers."""

    pairs: int = 0
    stale: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    owners: Counter[str] = field(default_factory=Counter)

    @property
    def held(self) -> bool:
        return not (self.stale or self.failures)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "held": self.held}


async def read_back(
    url: str,
    token: str,
    *,
    pairs: int,
    visitors: int,
    with_cookies: bool = True,
    name: str = "visitor",
    on_pair: Callable[[int], None] = lambda number: None,
) -> ReadingBackReport:
    """`with_cookies`: as browsers do; without them nobody can know that it is the same visitor."""
    report = ReadingBackReport()
    numbers = iter(range(pairs))

    async def visit(visitor: int) -> None:
        headers = {"Authorization": f"Token {token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
            made = {"name": f"{name} {visitor}", "slug": f"{name}-{visitor}"}
            answer = await client.post(SYSTEMS, json=made)
            path = httpx.URL(answer.json()["resource_uri"]).path
            # A row that is not there yet the legacy side is asked for in any case.
            await _arrived(url, path)
            for number in numbers:
                if not with_cookies:
                    client.cookies.clear()
                await _pair(client, path, f"{name} {visitor}: {number}", report, with_cookies)
                report.pairs += 1
                on_pair(report.pairs)

    async with asyncio.TaskGroup() as group:
        for visitor in range(visitors):
            group.create_task(visit(visitor))
    return report


async def _pair(
    client: httpx.AsyncClient, path: str, name: str, report: ReadingBackReport, with_cookies: bool
) -> None:
    written = await client.patch(path, json={"name": name})
    if written.status_code != 200 or written.headers["strangler-owner"] != "legacy":
        report.failures.append(f"PATCH {path}: {written.status_code}")
        return
    if not with_cookies:
        client.cookies.clear()
    read = await client.get(path)
    report.owners[read.headers["strangler-owner"]] += 1
    if read.status_code != 200:
        report.failures.append(f"GET {path}: {read.status_code}")
    elif (found := read.json()["name"]) != name:
        report.stale.append(f"{path} is {found!r}, written was {name!r}")


async def _arrived(url: str, path: str) -> None:
    """Returns when the native side has the row."""
    async with httpx.AsyncClient(base_url=url) as anybody, asyncio.timeout(ARRIVED_SECONDS):
        while (await anybody.get(path)).headers["strangler-owner"] != "native":  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # what is waited for is in another process
