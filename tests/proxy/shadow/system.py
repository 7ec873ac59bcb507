"""A whole system with a domain in shadow: both databases, the stream between them, the bundled site
and the proxy, whose shadow process is the test's own (faulty.py)."""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg

from proxy.demo.parts import OFFLINE, PROJECT, SECRET_KEY, LegacySite, answers, strangler
from proxy.embedded.child import Child, free_port
from proxy.embedded.stack import EmbeddedStack
from proxy.parity.tally import Parity
from proxy.shadow import store
from tests.legacy_bridge.replication.conftest import drop_slots

SECONDS = 60.0
PROBES = {"LEGACY_PROBES": "1"}
UNSAID = ("late", "behind", "dropped", "unsure", "failed", "useless", "large")
"""Of the metric `strangler_shadow_total`."""
ROUTING = """version: 1
gates: off
domains:
  downloads:
    phase: shadow
    routes: [/downloads/**, /api/v1/downloads/**, /api/v2/downloads/**]
"""
_SERVE = """
import sys
import proxy.serve
proxy.serve.SHADOW = (sys.executable, "-m", "tests.proxy.shadow.faulty", sys.argv.pop(1))
from proxy.cli import main
main(prog_name="strangler")
"""


@dataclass(frozen=True, slots=True)
class System:
    """What runs. `faults` is the file of faulty.py."""

    site: LegacySite
    url: str
    settings: Mapping[str, str]
    folder: Path
    faults: Path
    serve: Child

    @property
    def native_url(self) -> str:
        return self.settings["STRANGLER_DATABASE_URL"]

    def wrong(self, **fault: Any) -> None:
        """Make the native side wrong; without arguments, right again."""
        fresh = self.faults.with_suffix(".new")
        fresh.write_text(json.dumps(fault))
        fresh.replace(self.faults)

    def warm(self) -> None:
        """Until the native side is there, in the shadow process."""

        def asked() -> bool:
            httpx.get(f"{self.url}/downloads/feed.rss", trust_env=False, timeout=SECONDS)
            return self.metric("compared") > 0

        until(asked, bool)
        until(self.counts, lambda counts: counts["asked"] >= float(counts["compared"]))

    def forget(self) -> None:
        """What was found before does not count."""
        with psycopg.connect(self.native_url) as native:
            native.execute("DELETE FROM parity_tallies")

    def parity(self) -> Parity:
        with psycopg.connect(self.native_url) as native:
            return store.read(native, "downloads", datetime(1970, 1, 1, tzinfo=UTC))

    def caught_up(self, asked: int, before: float) -> None:
        """Something has become of so many requests, where of so many nothing was said before."""
        until(
            lambda: (self.parity().totals()["asked"], self.unsaid() - before),
            lambda counts: sum(counts) >= asked,
        )

    def unsaid(self) -> float:
        """Requests that were to be compared and were not."""
        return sum(map(self.metric, UNSAID))

    def counts(self) -> dict[str, Any]:
        """Of the tally, and of the metric."""
        page = httpx.get(f"{self.url}/__strangler__/metrics", trust_env=False, timeout=SECONDS).text
        found = re.findall(r'strangler_shadow_total{what="(\w+)"} (\S+)', page)
        return {**dict(found), **self.parity().totals()}

    def metric(self, what: str) -> float:
        page = httpx.get(f"{self.url}/__strangler__/metrics", trust_env=False, timeout=SECONDS).text
        found = re.search(rf'strangler_shadow_total{{what="{what}"}} (\S+)', page)
        return float(found[1]) if found else 0.0

    def shadow_process(self) -> psutil.Process:
        def found() -> list[psutil.Process]:
            below = psutil.Process(self.serve_pid()).children(recursive=True)
            return [one for one in below if "tests.proxy.shadow.faulty" in one.cmdline()]

        return until(found, bool)[0]

    def serve_pid(self) -> int:
        for process in psutil.Process().children(recursive=True):
            if str(self.faults) in process.cmdline() and "-c" in process.cmdline():
                return int(process.pid)
        raise LookupError("the proxy is not running")


def until(look: Callable[[], Any], right: Callable[[Any], Any], seconds: float = SECONDS) -> Any:
    """What is seen, once it is right."""
    end = time.monotonic() + seconds
    while not right(seen := look()):
        assert time.monotonic() < end, f"still {seen!r}"
        time.sleep(0.05)
    return seen


@contextmanager
def system(
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    folder: Path,
    routing: str = ROUTING,
    *,
    manifest: bool = True,
) -> Iterator[System]:
    """Without a manifest all that the rules take is compared, also what Django alone has."""
    name = folder.name.replace("-", "_")
    legacy = stack.create_database(f"{name}_legacy", template=legacy_template)
    native = stack.create_database(f"{name}_native", template=native_template)
    site = LegacySite(legacy, folder, throttling=False, account_limits=False, options=PROBES)
    site.start()
    faults = folder / "faults.json"
    faults.write_text("{}")
    (folder / "routing.yaml").write_text(routing)
    settings = {
        "STRANGLER_LEGACY_URL": site.url,
        "STRANGLER_LEGACY_DATABASE_URL": legacy,
        "STRANGLER_DATABASE_URL": native,
        "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
        "STRANGLER_API_LIMITS": "off",
    }
    if manifest:
        settings["STRANGLER_LEGACY_MANIFEST"] = str(site.manifest(folder / "manifest.json"))
    try:
        strangler("sync", "init", settings=settings, folder=folder)
        yield from _served(site, settings, folder, faults)
    finally:
        site.stop()
        drop_slots(legacy)


def _served(
    site: LegacySite, settings: Mapping[str, str], folder: Path, faults: Path
) -> Iterator[System]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", _SERVE, str(faults), "serve", "--port", str(port)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRANGLER_")}
    serve = Child(
        "the proxy",
        [*command, "--workers", "1"],
        log=folder / "proxy.log",
        environment=kept | {"PYTHONPATH": str(PROJECT)} | OFFLINE | dict(settings),
        folder=folder,
    )
    try:
        serve.wait_until(lambda: answers(f"{url}/__strangler__/health/ready"), within=SECONDS)
        running = System(site, url, settings, folder, faults, serve)
        running.warm()
        yield running
    finally:
        serve.close()
