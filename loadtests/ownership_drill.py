"""Editors and visitors at work while a domain's rows go to the native side and back, many times.

Each editor makes, changes and deletes rows of its own through the API and knows what was
acknowledged. Afterwards both databases have to have exactly that.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from statistics import quantiles
from typing import Any

import httpx
import psycopg

from loadtests.members import sign_in_and_out

SYSTEMS = "/api/v2/downloads/os/"
PAGES = ("/downloads/", "/downloads/operating-systems/", "/accounts/login/")
WRITES = "DELETE", "PATCH", "POST"
MEMBERS = (("u1_1", "pw-1-1"), ("staff1", "staff-1"))
"""Of the bundled site. More of them would only show how long hashing a password takes."""
THINK_SECONDS = (1.0, 6.0)
"""Between two things that a client does: 100 of them ask for 55 things a second, which the bundled
site can do on two processors. One that cannot keep up has every request wait in its queue, and no
hand-over can be shorter than that."""
KEPT = 0.02
"""Of the rows. Pages list them: with hundreds the legacy side would do nothing else than that."""
LIMIT_SECONDS = 0.25
"""Of the pauses, 99 of 100 are to be shorter."""
CATCH_UP_SECONDS = 30.0
PATIENCE_SECONDS = 30.0


@dataclass(slots=True)
class Acknowledged:
    """What the editors were told. `rows`: id → name, None where deleted; `born`: ids, each once."""

    rows: dict[int, str | None] = field(default_factory=dict)
    born: list[int] = field(default_factory=list)


@dataclass(slots=True)
class OwnershipReport:
    """What was seen; `pauses` are the seconds for which writes were held, `slowest_write` how long
    an editor waited at most."""

    flips: int = 0
    clients: int = 0
    reads: int = 0
    writes: int = 0
    signed_in: int = 0
    failures: list[str] = field(default_factory=list)
    refused_flips: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    slowest_write: float = 0.0
    lost: list[str] = field(default_factory=list)
    reused: list[int] = field(default_factory=list)
    owners: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def held(self) -> bool:
        """Nothing failed, nothing was lost, no number was used twice, and pauses were short."""
        wrong = self.failures or self.refused_flips or self.lost or self.reused
        return not wrong and len(self.pauses) == self.flips and self.pause_p99 < LIMIT_SECONDS

    @property
    def pause_p99(self) -> float:
        if len(self.pauses) < 2:
            return max(self.pauses, default=0.0)
        return quantiles(self.pauses, n=100, method="inclusive")[98]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "pause_p99": self.pause_p99, "held": self.held}


async def drill(
    urls: Sequence[str],
    token: str,
    meanwhile: Callable[[OwnershipReport], Awaitable[None]],
    *,
    clients: int,
    patience: float = PATIENCE_SECONDS,
) -> tuple[OwnershipReport, Acknowledged]:
    """`urls` are of the replicas. Clients, who wait for an answer `patience` seconds, are at work
    until `meanwhile` has ended."""
    report, known = OwnershipReport(clients=clients), Acknowledged()
    over = asyncio.Event()
    began = time.monotonic()
    limits = httpx.Limits(max_connections=clients)
    async with (
        httpx.AsyncClient(limits=limits, timeout=patience) as client,
        asyncio.TaskGroup() as group,
    ):
        for number in range(clients):
            url = urls[number % len(urls)]
            if number % 2:
                work = _read(client, url, over, report)
            else:
                work = _edit(client, url, token, number, over, report, known)
            group.create_task(work)
        for number, (name, password) in enumerate(MEMBERS):
            url = urls[number % len(urls)]
            group.create_task(_sign_in(url, name, password, patience, over, report))
        await meanwhile(report)
        over.set()
    report.seconds = round(time.monotonic() - began, 1)
    report.reused = sorted({one for one in known.born if known.born.count(one) > 1})
    return report, known


async def flip_often(
    report: OwnershipReport,
    flip: Callable[[str], dict[str, Any]],
    flips: int,
    calm: float,
    on_flip: Callable[[int], None] = lambda number: None,
) -> None:
    """To native and back, `calm` seconds apart. `flip` takes a phase and returns what `strangler
    flip` said; it is called in a thread."""
    report.flips += flips
    phases = itertools.cycle(("native", "legacy"))
    for number, phase in zip(range(flips), phases, strict=False):
        await asyncio.sleep(calm)
        said = await asyncio.to_thread(flip, phase)
        if said.get("done") and said["pause_seconds"] is not None:
            report.pauses.append(said["pause_seconds"])
        else:
            report.refused_flips.append(str(said.get("reason") or "it was so already"))
        on_flip(number + 1)
    await asyncio.sleep(calm)


async def _sign_in(
    url: str,
    name: str,
    password: str,
    patience: float,
    over: asyncio.Event,
    report: OwnershipReport,
) -> None:
    while not await _thinks(over):
        report.failures += await sign_in_and_out(url, name, password, patience)
        report.signed_in += 1


async def _read(
    client: httpx.AsyncClient, url: str, over: asyncio.Event, report: OwnershipReport
) -> None:
    for page in itertools.cycle((*PAGES, SYSTEMS)):
        if await _thinks(over):
            return
        if await _asked(client, report, "GET", url + page, 200) is not None:
            report.reads += 1


async def _thinks(over: asyncio.Event) -> bool:
    """Between two things that somebody does. Whether it is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(random.uniform(*THINK_SECONDS)):  # noqa: S311  # not a secret
            await over.wait()
    return over.is_set()


async def _edit(
    client: httpx.AsyncClient,
    url: str,
    token: str,
    number: int,
    over: asyncio.Event,
    report: OwnershipReport,
    known: Acknowledged,
) -> None:
    chance = random.Random(number)  # noqa: S311  # which rows are deleted is no secret
    headers = {"Authorization": f"Token {token}"}
    for turn in itertools.count():
        if await _thinks(over):
            return
        name = f"system {number} {turn}"
        body = {"name": name, "slug": f"system-{number}-{turn}"}
        made = await _written(client, report, "POST", url + SYSTEMS, 201, headers, body)
        if made is None:
            continue
        path = httpx.URL(made.json()["resource_uri"]).path
        key = int(path.rstrip("/").rpartition("/")[2])
        known.born.append(key)
        known.rows[key] = name
        body = {"name": f"{name} changed"}
        if await _written(client, report, "PATCH", url + path, 200, headers, body) is not None:
            known.rows[key] = body["name"]
        if chance.random() > KEPT:
            gone = await _written(client, report, "DELETE", url + path, 204, headers, None)
            if gone is not None:
                known.rows[key] = None


async def _written(
    client: httpx.AsyncClient,
    report: OwnershipReport,
    method: str,
    url: str,
    expected: int,
    headers: dict[str, str],
    body: dict[str, str] | None,
) -> httpx.Response | None:
    began = time.monotonic()
    answer = await _asked(client, report, method, url, expected, headers, body)
    report.slowest_write = max(report.slowest_write, round(time.monotonic() - began, 3))
    if answer is not None:
        report.writes += 1
    return answer


async def _asked(
    client: httpx.AsyncClient,
    report: OwnershipReport,
    method: str,
    url: str,
    expected: int,
    headers: dict[str, str] | None = None,
    body: dict[str, str] | None = None,
) -> httpx.Response | None:
    """None for anything but the expected answer, which is noted as a failure."""
    try:
        answer = await client.request(method, url, headers=headers, json=body)
    except httpx.HTTPError as error:
        report.failures.append(f"{method} {httpx.URL(url).path}: {error!r}")
        return None
    owner = answer.headers.get("strangler-owner", "?")
    kind = "writes" if method in WRITES else "reads"
    report.owners[f"{owner} {kind}"] = report.owners.get(f"{owner} {kind}", 0) + 1
    if answer.status_code != expected:
        said = answer.text[:200]
        report.failures.append(
            f"{method} {httpx.URL(url).path} ({owner}): {answer.status_code} {said}"
        )
        return None
    return answer


def compare(known: Acknowledged, legacy_url: str, native_url: str) -> list[str]:
    """What was acknowledged and is not so, on either side, once both have caught up."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while True:
        wrong = [
            f"{side}: {key} is {found.get(key)!r}, acknowledged was {name!r}"
            for side, found in (
                ("legacy", _names(legacy_url, "downloads_os")),
                ("native", _names(native_url, "operating_systems")),
            )
            for key, name in known.rows.items()
            if found.get(key) != name
        ]
        if not wrong or time.monotonic() > deadline:
            return wrong
        time.sleep(0.2)


def _names(url: str, table: str) -> dict[int, str]:
    with psycopg.connect(url) as connection:
        return dict(
            connection.execute(
                psycopg.sql.SQL("SELECT id, name FROM {}").format(psycopg.sql.Identifier(table))
            ).fetchall()
        )
