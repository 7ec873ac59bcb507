"""How benchmarks are shown: what they were made on, what was not right, what was wanted."""

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from proxy.bench.cores import Cores

PIPE_WIDTH = 120
"""Columns of a table that no terminal limits."""


def console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def circumstances(
    machine: Mapping[str, Any], cores: "Cores", skipped: Mapping[str, str]
) -> Iterator[str]:
    yield f"{machine['processor']}, {machine['cores']} cores, load before {machine['load']}"
    if cores.pinned:
        yield f"peers on core {min(cores.peer)}, visitors and upstream on core {min(cores.driver)}"
    else:
        yield "one core only: peers share it with visitors and upstream, so all figures are low"
    for name, why in skipped.items():
        yield f"{name} left out: {why}"


def reasons(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {why}" for why, count in counted.items())  # noqa: RUF001


def table_of(left: tuple[str, ...], right: tuple[str, ...]) -> Table:
    """Columns of words, then columns of numbers."""
    table = Table(*left, box=SIMPLE_HEAD)
    for heading in right:
        table.add_column(heading, justify="right")
    return table


def targets() -> Table:
    return Table("target", "wanted", "measured", "", box=SIMPLE_HEAD)


def verdict(met: bool | None) -> str:
    return {True: "[green]met[/green]", False: "[red]not met[/red]", None: "not measured"}[met]


def errors(count: int) -> str:
    return f"[red]{count:,}[/red]" if count else "0"


def number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
