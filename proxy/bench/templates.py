"""How fast templates are rendered and loaded, beside Django's engine in the same process."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import DictLoader

from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO
from legacy_bridge.templates.loader import DjangoLoader
from proxy.bench.template_cases import PAGES, TEMPLATES, names
from proxy.bench.via_django import renderers

WANTED_RATIO = 3.0
WANTED_LOAD = 5.0
"""Seconds for the first load of `LOADED` templates."""

LOADED = 150

Render = Callable[[str, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds of the best round for one page."""

    page: str
    django_ms: float
    ours_ms: float
    is_equal: bool

    @property
    def ratio(self) -> float:
        return self.django_ms / self.ours_ms


@dataclass(frozen=True, slots=True)
class TemplateReport:
    """`ratio` is the geometric mean over the pages; `load_seconds` that of the first load."""

    speeds: tuple[Speed, ...]
    load_seconds: float

    @property
    def ratio(self) -> float:
        return float(prod(one.ratio for one in self.speeds) ** (1 / len(self.speeds)))

    @property
    def errors(self) -> int:
        """Pages that Django renders to something else."""
        return sum(not one.is_equal for one in self.speeds)

    def as_dict(self) -> dict[str, Any]:
        pages = [asdict(one) | {"ratio": one.ratio} for one in self.speeds]
        return {"results": pages, "ratio": self.ratio, "load_seconds": self.load_seconds}


def measure(rounds: int) -> TemplateReport:
    """Both engines in turn, so that what else the machine does falls on both."""
    theirs = renderers(TEMPLATES)
    environment = TemplateEnvironment(DjangoLoader((), DictLoader(dict(TEMPLATES))))
    context = names()

    def ours(name: str, given: Mapping[str, Any]) -> str:
        return environment.template(name).render(given)

    speeds = tuple(_speed(page, theirs, ours, context, rounds) for page in PAGES)
    return TemplateReport(speeds, _load())


def _speed(
    page: str, theirs: Render, ours: Render, context: Mapping[str, Any], rounds: int
) -> Speed:
    is_equal = theirs(page, context) == ours(page, context)
    best = {theirs: float("inf"), ours: float("inf")}
    for _ in range(rounds):
        for render in best:
            start = time.perf_counter()
            render(page, context)
            best[render] = min(best[render], time.perf_counter() - start)
    return Speed(page, best[theirs] * 1000, best[ours] * 1000, is_equal)


def _load() -> float:
    """Seconds to find, convert and compile `LOADED` templates of a directory."""
    with TemporaryDirectory() as directory:
        sources = list(TEMPLATES.items())
        wanted = []
        for number in range(LOADED):
            name, source = sources[number % len(sources)]
            wanted.append(f"{number}-{name}")
            Path(directory, wanted[-1]).write_text(source, "utf-8")
        environment = TemplateEnvironment(DjangoLoader([directory]), libraries=DJANGO)
        start = time.perf_counter()
        for name in wanted:
            environment.template(name)
        return time.perf_counter() - start
