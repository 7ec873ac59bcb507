"""`bench pages`: what a page costs, asked of Django and natively, and what keeping answers gives.

One run, the same rows: Django itself, Django through the proxy, the native side that makes every
answer anew, and one that keeps answers until a row changes: while none does, and while the bridge
brings changes all the time. Sides take turns there and back (A B C C B A …).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from proxy.bench.cores import Cores, pinned
from proxy.bench.driver import Driver
from proxy.bench.figures import Ratio, Result, Round, ratio, result
from proxy.bench.machine import describe
from proxy.bench.pages.catalogue import CASE, CHANGING, DJANGO, KEPT, NATIVE, PAGES, Page
from proxy.bench.pages.changes import Marks, is_shown
from proxy.bench.pages.site import Running, running_site

CHANGES = 5.0
"""Rows that change in a second."""
WANTED_RPS = 10_000
"""Of every page whose answers are kept, while nothing changes: on one core."""
WANTED_P95 = 100.0
"""Milliseconds at most, of every page, natively."""
NATIVELY = (NATIVE, KEPT, CHANGING)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesPlan:
    """`seconds` are measured a round."""

    rounds: int
    seconds: float
    pages: Sequence[Page] = PAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One side's answers to one page. `ratio` is to Django's."""

    page: Page
    result: Result
    ratio: Ratio

    def as_dict(self) -> dict[str, Any]:
        fields = asdict(self.result)
        del fields["case"]
        beside = {"rps_to_django": self.ratio.rps, "p50_to_django": self.ratio.p50}
        return {"page": self.page.path, "connections": CASE.connections, **fields, **beside}


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesReport:
    """`written`: rows that were changed, in all rounds together."""

    plan: PagesPlan
    cores: Cores
    machine: dict[str, Any]
    results: list[Measured]
    written: int

    @property
    def errors(self) -> int:
        return sum(one.result.errors for one in self.results)

    @property
    def least_kept(self) -> float | None:
        """Requests a second of the slowest page whose answers are kept."""
        return min((one.result.rps for one in self._of(KEPT)), default=None)

    @property
    def greatest_p95(self) -> float | None:
        """Of all pages natively, in ms."""
        known = [one.result.p95_ms for one in self._of(*NATIVELY)]
        return max((value for value in known if value is not None), default=None)

    def _of(self, *sides: str) -> Iterator[Measured]:
        return (one for one in self.results if one.result.name in sides)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "results": [one.as_dict() for one in self.results],
            "targets": [
                {"measure": "rps", "wanted": WANTED_RPS, "reached": self.least_kept},
                {"measure": "p95_ms", "wanted": WANTED_P95, "reached": self.greatest_p95},
            ],
            "changes_a_second": CHANGES,
            "written": self.written,
            "machine": self.machine,
            "rounds": self.plan.rounds,
            "seconds": self.plan.seconds,
        }


def measure(
    plan: PagesPlan, on_turn: Callable[[int, int, str], None] = lambda number, total, title: None
) -> PagesReport:
    """Run the plan. Raises `CannotMeasureError`, or `EmbeddedError` where a part does not start."""
    cores = Cores.of_this_machine()
    machine = describe(None)
    turns = list(_turns(plan))
    seen: dict[tuple[Page, str], list[Round]] = {}
    with pinned(cores.driver), running_site(cores) as site, Driver(cores.driver) as driver:
        marks = Marks(site.legacy_url)
        for number, (page, side) in enumerate(turns):
            on_turn(number, len(turns), f"{page.title}: {side}")
            done = _round(plan, driver, site, page, side, marks)
            seen.setdefault((page, side), []).append(done)
        on_turn(len(turns), len(turns), "done")
        marks.close()
    return PagesReport(
        plan=plan,
        cores=cores,
        machine=machine,
        results=[
            Measured(
                page=page,
                result=result(side, CASE, seen[page, side]),
                ratio=ratio(DJANGO, CASE, seen[page, side], seen[page, DJANGO]),
            )
            for page in plan.pages
            for side in page.sides
        ],
        written=marks.count,
    )


def _turns(plan: PagesPlan) -> Iterator[tuple[Page, str]]:
    for page in plan.pages:
        for number in range(plan.rounds):
            for side in page.sides if number % 2 == 0 else reversed(page.sides):
                yield page, side


def _round(
    plan: PagesPlan, driver: Driver, site: Running, page: Page, side: str, marks: Marks
) -> Round:
    peer = site.sides[side]
    order = peer.order(CASE, plan.seconds, page=page.path)
    if side != CHANGING:
        return driver.run(order)
    url = f"http://127.0.0.1:{peer.port}{page.path}"
    marks.write(page.change)  # from now on the page stays as long as it is
    begun = is_shown(url, marks.last)
    with marks.changing(page.change, CHANGES):
        done = driver.run(order)
    if begun and is_shown(url, marks.last):
        return done
    return replace(done, errors={**done.errors, "an old answer was kept": 1})
