"""The command: scripts/drain_drill, or python -m loadtests.drain_drill."""

import asyncio
import json
import sys
from typing import NoReturn

import click
from rich.console import Console
from rich.table import Table

from loadtests.drain_drill.drill import Plan, Report, drill
from loadtests.drain_drill.program import DrillError

SECONDS, SHORT_SECONDS = 60.0, 8.0
SHOWN_FAILURES = 10
PIPE_WIDTH = 120
"""Columns of a table that no terminal limits."""


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    help=f"At least so long; turns are finished.  [default: {SECONDS:g}]",
)
@click.option("--connections", default=64, show_default=True, help="Visitors each way.")
@click.option("--workers", default=2, show_default=True, help="Workers of each replica.")
@click.option("--short", is_flag=True, help=f"{SHORT_SECONDS:g} seconds: a turn or two.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def main(seconds: float | None, connections: int, workers: int, short: bool, as_json: bool) -> None:
    """End and restart two replicas of `strangler serve` in turn, under load; nobody may notice.

    Visitors come two ways at once: as clients that balance themselves over both replicas, and
    through nginx, which has both as upstreams (left out where it is not installed). They ask for
    pages, slow pages and streams, and upload, on kept connections. In each turn either replica gets
    SIGTERM, drains, ends and is started again; then the first changes its workers (SIGHUP).

    A client may go to the other replica when one refuses, or has closed a kept connection before an
    octet of the answer to a GET; that is counted. Anything else but the right answer is a failure.

    \b
    Exit codes: 0 it held, 1 a request failed or a drain was not clean, 2 it could not be held.
    """
    if sys.platform != "linux":
        _refuse("this drill needs Linux")
    if seconds is None:
        seconds = SHORT_SECONDS if short else SECONDS
    report = _held(Plan(seconds=seconds, connections=connections, workers=workers))
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2))
    else:
        _show(report)
    sys.exit(0 if report.held else 1)


def _held(plan: Plan) -> Report:
    reasons: list[str] = []
    try:
        report = asyncio.run(drill(plan, lambda line: click.echo(line, err=True)))
    except* DrillError as errors:
        reasons += map(str, errors.exceptions)
    if reasons:
        _refuse("\n".join(reasons))
    return report


def _refuse(reason: str) -> NoReturn:
    click.echo(f"drain_drill: {reason}", err=True)
    sys.exit(2)


def _show(report: Report) -> None:
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    table = Table("way", "connections", "requests", "failed", "reset", "retried", "refused")
    table.add_column("slowest answer", justify="right")
    for way in report.ways:
        counts = (way.connections, way.total, len(way.failures), way.resets)
        cells = [f"{count:,}" for count in (*counts, way.retried, way.refused)]
        table.add_row(way.way, *cells, f"{way.slowest:.2f} s")
    console.print(table)
    for name, why in report.skipped.items():
        console.print(f"{name} left out: {why}")
    drains = sorted(stop.seconds for stop in report.stops)
    console.print(
        f"{len(drains)} times ended, in {drains[0]:.2f} to {drains[-1]:.2f} s, "
        f"{sum(stop.code != 0 for stop in report.stops)} not cleanly; "
        f"{len(report.rollovers)} times rolled over, in {max(report.rollovers):.2f} s at most"
    )
    for way in report.ways:
        for failure in way.failures[:SHOWN_FAILURES]:
            console.print(f"{way.way}: {failure}", style="red", markup=False)
    console.print("held" if report.held else "[red]not held[/red]")


if __name__ == "__main__":
    main(prog_name="scripts/drain_drill")
