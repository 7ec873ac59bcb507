"""Two replicas of the proxy before one legacy site, for the drill of rows."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.progress import Progress

from loadtests.ownership_drill import (
    Acknowledged,
    OwnershipReport,
    compare,
    drill,
    flip_often,
)
from loadtests.reading_back import SLOWED, ReadingBackReport, read_back
from proxy.demo.parts import SECRET_KEY, LegacySite, RunningProxy, strangler
from proxy.embedded.child import free_port
from proxy.embedded.stack import temporary_stack

STAFF = "3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c"
"""The key that the bundled site's seed gives to staff1."""
CALM_SECONDS = 1.0
ROUTING = """version: 1
gates: {gates}
domains:
  downloads:
    phase: {phase}
    routes: [/downloads/**, /api/v1/downloads/**, /api/v2/downloads/**]
  users:
    phase: native
    routes: [/accounts/**]
"""


@dataclass(frozen=True, slots=True)
class Replicas:
    """What runs. `settings` are those of every replica."""

    proxies: tuple[RunningProxy, ...]
    settings: dict[str, str]
    folder: Path

    def flip(self, phase: str, *options: str, domain: str = "downloads") -> dict[str, Any]:
        """What `strangler flip DOMAIN PHASE` says."""
        code = "from proxy.cli import main; main(prog_name='strangler')"
        done = subprocess.run(
            [sys.executable, "-c", code, "flip", domain, phase, "--json", *options],
            env={**os.environ, **self.settings},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout.strip().splitlines()
        if not said:
            return {"done": False, "reason": done.stderr[-500:]}
        found: dict[str, Any] = json.loads(said[-1])
        return found

    def differing(self, known: Acknowledged) -> list[str]:
        """What was acknowledged and is not so on one of the sides."""
        return compare(
            known,
            self.settings["STRANGLER_LEGACY_DATABASE_URL"],
            self.settings["STRANGLER_DATABASE_URL"],
        )


@contextmanager
def replicas(
    number: int,
    workers: int,
    phase: str = "legacy",
    *,
    gates: str = "off",
    first: Mapping[str, str] = MappingProxyType({}),
    **extra: str,
) -> Iterator[Replicas]:
    """The bundled site with its rows on both sides, streams both ways, and the proxies. `phase` and
    `gates` are those of downloads; `extra` are further variables for the proxies, `first` for the
    first of them, which is the one that most likely leads."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        stack = opened.enter_context(temporary_stack())
        settings = {
            "STRANGLER_LEGACY_DATABASE_URL": stack.create_database("legacy"),
            "STRANGLER_DATABASE_URL": stack.create_database("native"),
            "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
            "STRANGLER_LEGACY_MANIFEST": str(folder / "manifest.json"),
            "STRANGLER_API_LIMITS": "off",
            "STRANGLER_MAIL_URL": folder.as_uri() + "/mails",
            "STRANGLER_MAIL_FROM": "strangler@example.org",
            "STRANGLER_ROUTING": str(folder / "routing.yaml"),
        }
        # A quick machine signs in more often than 30 times a minute.
        database = settings["STRANGLER_LEGACY_DATABASE_URL"]
        site = LegacySite(database, folder, throttling=False, account_limits=False)
        site.manage("migrate")
        site.manage("seed")
        site.manifest(folder / "manifest.json")
        site.start()
        opened.callback(site.stop)
        settings["STRANGLER_LEGACY_URL"] = site.url
        (folder / "routing.yaml").write_text(ROUTING.format(phase=phase, gates=gates))
        strangler("db", "upgrade", settings=settings, folder=folder)
        strangler("sync", "init", settings=settings, folder=folder)
        settings |= extra
        proxies = []
        for place in range(number):
            own = folder / f"replica{place}"
            own.mkdir()
            variables = settings if place else {**settings, **first}
            proxy = RunningProxy(variables, own, port=free_port(), workers=workers)
            opened.callback(proxy.close)
            proxies.append(proxy)
        yield Replicas(tuple(proxies), settings, folder)


def run_rows(flips: int, clients: int, workers: int) -> OwnershipReport:
    """Flip the owner of the rows of downloads, and who answers users, whose rows are shared, while
    clients read and write both through two replicas."""
    with (
        replicas(2, workers) as system,
        Progress(console=Console(stderr=True)) as progress,
    ):
        bar = progress.add_task("flips of rows", total=flips)

        def flip(phase: str) -> dict[str, Any]:
            said = system.flip(phase)
            users = system.flip("legacy" if phase == "native" else "native", domain="users")
            return said if users["done"] else users

        def flipping(report: OwnershipReport) -> Awaitable[None]:
            return flip_often(
                report,
                flip,
                flips,
                CALM_SECONDS,
                lambda number: progress.update(bar, completed=number),
            )

        urls = [proxy.url for proxy in system.proxies]
        report, known = asyncio.run(drill(urls, STAFF, flipping, clients=clients))
        report.lost = system.differing(known)
        return report


@contextmanager
def reading_back_system(workers: int) -> Iterator[str]:
    """URL of a proxy that reads downloads natively and has them written by the legacy side, while
    the bridge is slowed down."""
    with replicas(1, workers, phase="reads", STRANGLER_FAILPOINT=SLOWED) as system:
        yield system.proxies[0].url


def run_reading_back(pairs: int, visitors: int, workers: int) -> ReadingBackReport:
    """Visitors read what they have just written."""
    with (
        reading_back_system(workers) as url,
        Progress(console=Console(stderr=True)) as progress,
    ):
        bar = progress.add_task("written and read", total=pairs)
        return asyncio.run(
            read_back(
                url,
                STAFF,
                pairs=pairs,
                visitors=visitors,
                on_pair=lambda number: progress.update(bar, completed=number),
            )
        )
