"""What the benchmarks' commands share: progress, options, and how they end."""

import json
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from proxy.bench.faults import CannotMeasureError
from proxy.embedded.child import EmbeddedError

OnTurn = Callable[[int, int, str], None]
"""Told before each turn how many are done, of how many, and which comes."""


class Report(Protocol):
    """What any benchmark gives."""

    @property
    def errors(self) -> int: ...

    def as_dict(self) -> dict[str, Any]: ...


Plan = TypeVar("Plan")
Made = TypeVar("Made", bound=Report)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def seconds(default: float) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--seconds",
        type=click.FloatRange(min=0.05),
        help=f"Measured at a time.  [default: {default:g}]",
    )


def rounds(default: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--rounds",
        type=click.IntRange(min=1),
        help=f"Rounds, of which the median counts.  [default: {default}]",
    )


@dataclass(frozen=True, slots=True)
class Lengths:
    """Of a benchmark in rounds: seconds measured at a time, and how often; both with --short."""

    seconds: float
    rounds: int
    short_seconds: float
    short_rounds: int

    def options(self, command: Callable[..., None]) -> Callable[..., None]:
        told = f"{self.short_rounds} rounds of {self.short_seconds} s."
        short = click.option("--short", is_flag=True, help=told)
        return seconds(self.seconds)(rounds(self.rounds)(short(command)))

    def chosen(
        self, seconds: float | None, rounds: int | None, *, short: bool
    ) -> tuple[float, int]:
        """What somebody said, else what is usual."""
        usual = (self.seconds, self.rounds)
        if short:
            usual = (self.short_seconds, self.short_rounds)
        return seconds or usual[0], rounds or usual[1]


def peers(known: Sequence[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def read(_: click.Context, __: click.Parameter, written: str) -> list[str]:
        names = list(dict.fromkeys(name.strip() for name in written.split(",")))
        if unknown := [name for name in names if name not in known]:
            raise click.BadParameter(
                f"there is no {', '.join(map(repr, unknown))}; choose from {', '.join(known)}"
            )
        return names

    return click.option(
        "--peers",
        default=",".join(known),
        show_default=True,
        callback=read,
        help="Whom to measure, in this order.",
    )


def check_system() -> None:
    if sys.platform != "linux":
        _refuse("this benchmark needs Linux: it uses epoll, and pins each part to its own core")


def measured(measure: Callable[[Plan, OnTurn], Made], plan: Plan) -> Made:
    """Measure with a bar on standard error; where that cannot be, leave with exit code 2."""
    try:
        return _with_progress(measure, plan)
    except (CannotMeasureError, EmbeddedError) as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        sys.exit(128 + signal.SIGINT)


def _with_progress(measure: Callable[[Plan, OnTurn], Made], plan: Plan) -> Made:
    with Progress(
        TextColumn("{task.description:<40}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        # A thread that redraws would take its time from what is measured.
        auto_refresh=False,
    ) as progress:
        bar = progress.add_task("starting", total=None)

        def on_turn(number: int, total: int, title: str) -> None:
            progress.update(bar, completed=number, total=total, description=title, refresh=True)

        return measure(plan, on_turn)


def print_json(told: dict[str, Any]) -> None:
    click.echo(json.dumps(told, indent=2))


def tell(report: Made, show: Callable[[Made], None], *, as_json: bool) -> NoReturn:
    """The end of a command that has measured."""
    if as_json:
        print_json(report.as_dict())
    else:
        show(report)
    leave(report)


def leave(*reports: Report) -> NoReturn:
    """Exit code 1 where an answer was wrong or failed."""
    sys.exit(1 if any(report.errors for report in reports) else 0)


def _refuse(reason: str) -> NoReturn:
    click.echo(f"strangler bench: {reason}", err=True)
    sys.exit(2)
