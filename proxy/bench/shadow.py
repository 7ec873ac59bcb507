"""`bench shadow`: what comparing every answer aside costs the visitors, if it costs them anything.

Two proxies alike take turns, over the same databases: of one all requests of a domain are to be
compared, the other has STRANGLER_SHADOW=off. The upstream's page is not the native one, so
that every comparison goes its longest way: rendered, compared, asked for once more. Everything of
either proxy is on one core: workers, shadow process, bridge. The databases are beside visitors and
upstream.
"""

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any, LiteralString

import httpx

from legacy_bridge.replication.beginning import begin
from legacy_bridge.replication.copy import Unwatched
from proxy.bench import peers
from proxy.bench.bridge.site import NARROW, Site, a_site, mappings
from proxy.bench.cases import OURS, Case
from proxy.bench.cores import Cores, pinned
from proxy.bench.driver import Driver
from proxy.bench.faults import CannotMeasureError
from proxy.bench.figures import Ratio, Result, Round, ratio, result
from proxy.bench.machine import describe
from proxy.bench.peers import Peer

PLAIN, SHADOWED = "off", "shadow"
CASE = Case(connections=32, body=1024, direction="down")
WANTED = 0.95
"""Of the throughput without it."""
WARM_SECONDS = 180.0
ROUTING = """version: 1
gates: off
domains:
  downloads: {phase: shadow, routes: [/downloads/**]}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPlan:
    """`seconds` are measured a round."""

    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """`compared` and `dropped`: answers, in all rounds together."""

    plan: ShadowPlan
    cores: Cores
    machine: dict[str, Any]
    results: list[Result]
    ratio: Ratio
    compared: int
    dropped: int

    @property
    def errors(self) -> int:
        return sum(one.errors for one in self.results)

    @property
    def met(self) -> bool | None:
        return None if self.ratio.rps is None else self.ratio.rps >= WANTED

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "results": [asdict(one) for one in self.results],
            "ratio": self.ratio.rps,
            "p50_ratio": self.ratio.p50,
            "wanted": WANTED,
            "met": self.met,
            "compared": self.compared,
            "dropped": self.dropped,
            "machine": self.machine,
            "rounds": self.plan.rounds,
            "seconds": self.plan.seconds,
        }


def measure(
    plan: ShadowPlan, on_turn: Callable[[int, int, str], None] = lambda number, total, title: None
) -> ShadowReport:
    """Run the plan. Raises `CannotMeasureError`, or `EmbeddedError` where a part does not start."""
    cores = Cores.of_this_machine()
    machine = describe(None)
    seen: dict[str, list[Round]] = {PLAIN: [], SHADOWED: []}
    with pinned(cores.driver), ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="strangler-bench-")))
        settings = _settings(stack.enter_context(a_site()))
        driver = stack.enter_context(Driver(cores.driver))
        up = {
            name: stack.enter_context(
                peers.running(
                    *(OURS, driver.port, folder / name, cores),
                    routing=ROUTING,
                    more=settings | {"STRANGLER_SHADOW": "off" if name == PLAIN else "auto"},
                )
            )
            for name in (PLAIN, SHADOWED)
        }
        _warm(up[SHADOWED])
        before = _counted(up[SHADOWED])
        turns = 2 * plan.rounds
        for number in range(turns):
            # A B B A: neither is always the second one of a pair.
            name = (PLAIN, SHADOWED, SHADOWED, PLAIN)[number % 4]
            on_turn(number, turns, f"{CASE.title}: {name}")
            seen[name].append(driver.run(up[name].order(CASE, plan.seconds)))
        after = _counted(up[SHADOWED])
        on_turn(turns, turns, "done")
    return ShadowReport(
        plan=plan,
        cores=cores,
        machine=machine,
        results=[result(name, CASE, rounds) for name, rounds in seen.items()],
        ratio=ratio(PLAIN, CASE, seen[SHADOWED], seen[PLAIN]),
        compared=_done(after) - _done(before),
        dropped=after.get("dropped", 0) - before.get("dropped", 0),
    )


def _settings(site: Site) -> dict[str, str]:
    """Of both proxies: a stream between two databases, and the native page that is asked for."""
    begin(site.legacy, site.native, mappings((NARROW,)), Unwatched(), again=True)
    site.run(site.native, _PAGE)
    return {
        "STRANGLER_LEGACY_DATABASE_URL": site.legacy,
        "STRANGLER_DATABASE_URL": site.native,
        "STRANGLER_RELEASE_CYCLE_URL": "off",
    }


def _warm(peer: Peer) -> None:
    """Until the shadow process has the native side at hand."""
    until = monotonic() + WARM_SECONDS
    while not _done(_counted(peer)):
        if monotonic() > until:
            raise CannotMeasureError(
                f"nothing was compared in {WARM_SECONDS:g} s: {_counted(peer)}"
            )
        url = f"http://127.0.0.1:{peer.port}/downloads/release/python-3120/"
        httpx.get(url, trust_env=False)
        sleep(0.1)


def _counted(peer: Peer) -> dict[str, int]:
    """What became of captures, by now; figures are published once a second."""
    url = f"http://127.0.0.1:{peer.port}/__strangler__/metrics"
    page = httpx.get(url, trust_env=False).text
    found = re.findall(r'strangler_shadow_total{what="(\w+)"} (\S+)', page)
    return {what: int(float(number)) for what, number in found}


def _done(counted: dict[str, int]) -> int:
    return sum(counted.get(what, 0) for what in ("compared", "differing", "moved"))


_PAGE: LiteralString = """
INSERT INTO releases (id, created, updated, name, slug, version, is_latest, is_published,
                      pre_release, show_on_download_page, release_date, release_notes_url, content,
                      content_markup_type, content_rendered)
VALUES (1, now(), now(), 'Python 3.12.0', 'python-3120', 3, false, true, false, true, now(), '',
        'Hello', 'markdown', '<p>Hello</p>')
"""
