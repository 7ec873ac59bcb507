"""`strangler bench`: how fast the proxy is on this machine, beside others."""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NoReturn

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from proxy.bench.cases import DIRECT, PEERS
from proxy.bench.faults import CannotMeasureError
from proxy.bench.figures import Ratio, Result, Verdict
from proxy.embedded.child import EmbeddedError

if TYPE_CHECKING:
    from proxy.bench.forward import Plan, Report

SECONDS, ROUNDS = 1.0, 5
SHORT_SECONDS, SHORT_ROUNDS = 0.3, 3
PIPE_WIDTH = 120
"""Columns of a table that no terminal limits."""


@click.group()
def bench() -> None:
    """Measure on this machine."""


@bench.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.05),
    help=f"Measured for each peer, case and round.  [default: {SECONDS:g}]",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    help=f"Rounds, of which the median counts.  [default: {ROUNDS}]",
)
@click.option("--short", is_flag=True, help=f"{SHORT_ROUNDS} rounds of {SHORT_SECONDS} s.")
@click.option(
    "--peers",
    default=",".join(PEERS),
    show_default=True,
    callback=lambda _, __, value: _peers(value),
    help="Whom to measure, in this order.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def forward(
    seconds: float | None, rounds: int | None, short: bool, peers: list[str], as_json: bool
) -> None:
    """Measure forwarding: our proxy beside nginx and plain ASGI proxies, each on the same core.

    \b
    strangler  strangler serve, 1 worker, access log to /dev/null
    nginx      proxy_pass, 1 worker, kept upstream connections, no access log
    httpx      40 lines of ASGI under uvicorn (httptools, uvloop), no access log
    aiohttp    the same with aiohttp
    direct     no proxy at all: what the load generator can do

    The proxies have one core to themselves; visitors and upstream are on another. Peers take turns
    in every round; figures are medians of the rounds, ratios are taken within each. Every answer
    is looked at: its status, its length, its body. Nothing of your installation is used.

    \b
    Exit codes: 0 measured, 1 some answers were wrong or failed, 2 cannot run.
    Example: strangler bench forward --short --peers strangler,nginx
    """
    if sys.platform != "linux":
        _refuse("this benchmark needs Linux: it uses epoll, and pins each part to its own core")
    from proxy.bench.forward import Plan

    seconds = seconds or (SHORT_SECONDS if short else SECONDS)
    rounds = rounds or (SHORT_ROUNDS if short else ROUNDS)
    try:
        report = _measured(Plan(names=peers, rounds=rounds, seconds=seconds))
    except (CannotMeasureError, EmbeddedError) as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        sys.exit(128 + signal.SIGINT)
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2))
    else:
        _show(report)
    sys.exit(1 if report.errors else 0)


def _peers(written: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in written.split(",")))
    if unknown := [name for name in names if name not in PEERS]:
        raise click.BadParameter(
            f"there is no {', '.join(map(repr, unknown))}; choose from {', '.join(PEERS)}"
        )
    return names


def _refuse(reason: str) -> NoReturn:
    click.echo(f"strangler bench: {reason}", err=True)
    sys.exit(2)


def _measured(plan: "Plan") -> "Report":
    from proxy.bench.forward import measure

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


def _show(report: "Report") -> None:
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    for line in _circumstances(report):
        console.print(line, soft_wrap=True)
    console.print(_figures(report))
    for one in report.results:
        if one.errors:
            reasons = ", ".join(f"{count} × {why}" for why, count in one.error_reasons.items())  # noqa: RUF001
            console.print(f"{one.case.title}, {one.name}: {reasons}", style="red", soft_wrap=True)
    console.print(_targets(report.verdicts))


def _circumstances(report: "Report") -> Iterator[str]:
    machine, cores = report.machine, report.cores
    yield f"{machine['processor']}, {machine['cores']} cores, load before {machine['load']}"
    if cores.pinned:
        yield f"peers on core {min(cores.peer)}, visitors and upstream on core {min(cores.driver)}"
    else:
        yield "one core only: peers share it with visitors and upstream, so all figures are low"
    yield f"{report.plan.rounds} rounds of {report.plan.seconds:g} s; median, ratios within rounds"
    for name, why in report.skipped.items():
        yield f"{name} left out: {why}"


def _figures(report: "Report") -> Table:
    """`ours ÷` says how our proxy stands to the peer in that line; of p50, less is better."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("case")
    table.add_column("peer")
    headings = ("requests/s", "p50 ms", "p99 ms", "errors", "CPU µs", "busy", "ours ÷", "p50 ÷")
    for heading in headings:
        table.add_column(heading, justify="right")
    ratios = {(one.against, one.case): one for one in report.ratios}
    for case, results in groupby(report.results, key=lambda one: one.case):
        for one in results:
            table.add_row(case.title, one.name, *_cells(one, ratios.get((one.name, case))))
        table.add_section()
    return table


def _cells(one: Result, ratio: Ratio | None) -> Iterator[str]:
    yield f"{one.rps:,.0f}"
    yield _number(one.p50_ms, ".3f")
    yield _number(one.p99_ms, ".3f")
    yield f"{one.errors:,}" if not one.errors else f"[red]{one.errors:,}[/red]"
    yield _number(one.cpu_us, ".0f")
    yield f"{one.peer_busy:.0%}" if one.name != DIRECT else f"{one.driver_busy:.0%}"
    yield _number(ratio.rps if ratio else None, ".2f")
    yield _number(ratio.p50 if ratio else None, ".2f")


def _targets(verdicts: Sequence[Verdict]) -> Table:
    table = Table("target", "wanted", "measured", "", box=SIMPLE_HEAD)
    words = {True: "[green]met[/green]", False: "[red]not met[/red]", None: "not measured"}
    for one in verdicts:
        target = one.target
        measure = "requests/s" if target.measure == "rps" else "p50"
        bound = "at least" if target.measure == "rps" else "at most"
        table.add_row(
            f"{measure} ÷ {target.against}, {target.case.title}",
            f"{bound} {target.wanted:g}",
            _number(one.reached, ".2f"),
            words[one.met],
        )
    return table


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
