"""Flip a domain back and forth by editing routing.yaml while visitors keep asking for it.

Every answer is noted with the owner that it names. A flip is in force everywhere when no answer
to a request that began later names the old owner; that moment must come within `LIMIT` seconds.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import httpx

LIMIT = 1.0
"""Seconds from saving routing.yaml until every worker acts on it (contract.md)."""

HOLD = 2.0
"""Seconds between flips: time for requests that begin after the limit to end."""

PATIENCE = 30.0
"""Seconds until a flip that nobody has seen is taken for one that nobody sees."""

LOOK_AGAIN = 0.05

Owner = Literal["legacy", "native"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: when its request began, when it was there (monotonic seconds), who gave it."""

    began: float
    ended: float
    owner: str


@dataclass(frozen=True, slots=True)
class Flip:
    """When routing.yaml was saved, and whom it named."""

    saved: float
    owner: Owner


@dataclass(slots=True)
class DrillReport:
    """What was seen; `delays` are the seconds until each flip was in force everywhere."""

    flips: int = 0
    connections: int = 0
    requests: int = 0
    failures: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    unseen: int = 0

    @property
    def held(self) -> bool:
        """No request failed, and each flip was seen in force within the limit."""
        return (
            not self.failures
            and self.unseen == 0
            and len(self.delays) == self.flips
            and max(self.delays, default=0.0) <= LIMIT
        )

    def as_dict(self) -> dict[str, object]:
        slowest = max(self.delays, default=0.0)
        return {**asdict(self), "slowest_flip_seconds": slowest, "held": self.held}


async def drill(
    url: str,
    paths: Sequence[str],
    routing: Path,
    render: Callable[[Owner], str],
    *,
    flips: int,
    connections: int,
    on_flip: Callable[[int], None] = lambda _: None,
) -> DrillReport:
    """Run `connections` visitors against `url` and flip `flips` times, holding each for a while."""
    seen: list[Seen] = []
    failures: list[str] = []
    done: list[Flip] = []
    over = asyncio.Event()
    async with (
        httpx.AsyncClient(
            base_url=url, limits=httpx.Limits(max_connections=connections), timeout=30
        ) as client,
        asyncio.TaskGroup() as visitors,
    ):
        for number in range(connections):
            path = paths[number % len(paths)]
            visitors.create_task(_visitor(client, path, over, seen, failures))
        for number in range(flips):
            owner: Owner = "native" if number % 2 == 0 else "legacy"
            save(routing, render(owner))
            done.append(Flip(time.monotonic(), owner))
            on_flip(number + 1)
            await asyncio.sleep(HOLD)
            await _seen_by_somebody(done[-1], seen)
        over.set()
    return judge(done, seen, failures=failures, connections=connections)


async def _seen_by_somebody(flip: Flip, seen: list[Seen]) -> None:
    """Where requests take longer than a flip is held, the next one would hide it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not any(one.began >= flip.saved and one.owner == flip.owner for one in seen):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_AGAIN)


async def _visitor(
    client: httpx.AsyncClient,
    path: str,
    over: asyncio.Event,
    seen: list[Seen],
    failures: list[str],
) -> None:
    while not over.is_set():
        began = time.monotonic()
        try:
            answer = await client.get(path)
        except httpx.HTTPError as error:
            failures.append(f"{path}: {error!r}")
            continue
        if answer.status_code != 200:
            failures.append(f"{path}: {answer.status_code}")
        owner = answer.headers.get("strangler-owner", "?")
        seen.append(Seen(began, time.monotonic(), owner))


def judge(
    flips: Sequence[Flip], seen: Sequence[Seen], *, failures: list[str], connections: int
) -> DrillReport:
    """The delay of each flip: the last request that still met the old owner, after saving.

    An answer that was under way when the next flip was saved may name either owner.
    """
    report = DrillReport(
        flips=len(flips), connections=connections, requests=len(seen), failures=failures
    )
    ends = [flip.saved for flip in flips[1:]] + [float("inf")]
    for flip, end in zip(flips, ends, strict=True):
        during = [one for one in seen if flip.saved <= one.began and one.ended < end]
        late = [one.began - flip.saved for one in during if one.owner != flip.owner]
        if not any(one.owner == flip.owner for one in during):
            report.unseen += 1
        report.delays.append(round(max(late, default=0.0), 3))
    return report


def save(path: Path, text: str) -> None:
    """Replace a file in one step, as editors and deployment tools do."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)
