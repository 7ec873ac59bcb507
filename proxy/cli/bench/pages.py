"""`strangler bench pages`: native pages, beside Django's."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import click
from rich.table import Table

from proxy.cli.bench import running, tables
from proxy.cli.bench.tables import number

if TYPE_CHECKING:
    from proxy.bench.pages.report import Measured, PagesReport

LENGTHS = running.Lengths(1.0, 4, short_seconds=0.3, short_rounds=2)


@click.command()
@LENGTHS.options
@running.as_json
def pages(seconds: float | None, rounds: int | None, short: bool, as_json: bool) -> None:
    """Measure pages of the bundled site at 32 connections, by Django and natively.

    \b
    Django     gunicorn, 2 processes of 4 threads
    forwarded  the same, through the proxy
    native     every answer made anew (STRANGLER_CACHE_BYTES=0)
    kept       natively, answers kept until a row changes that they show; a bridge follows
    changing   the same, while Django's database changes a row that the page shows, five times
               a second

    All sides answer with the same octets, which is checked first, and take turns, there and back;
    figures are medians of the rounds, ratios are taken within each. All processes of a side share
    one core, but for the databases, which are beside the visitors. The visitors are anonymous and
    keep their connections. Another status than 200, another length than the first answer had, or
    a change that is not shown in the end, is an error. Needs a clone of the project with its Django
    site; nothing of your installation is used.

    \b
    Exit codes: 0 measured, 1 some answers were wrong or failed, 2 cannot run.
    Example: strangler bench pages --short
    """
    report = measured(seconds, rounds, short=short)
    running.tell(report, show, as_json=as_json)


def measured(seconds: float | None, rounds: int | None, *, short: bool) -> "PagesReport":
    running.check_system()
    from proxy.bench.pages.report import PagesPlan, measure

    seconds, rounds = LENGTHS.chosen(seconds, rounds, short=short)
    return running.measured(measure, PagesPlan(rounds=rounds, seconds=seconds))


def show(report: "PagesReport") -> None:
    console = tables.console()
    for line in tables.circumstances(report.machine, report.cores, {}):
        console.print(line, soft_wrap=True)
    plan = report.plan
    console.print(f"{plan.rounds} rounds of {plan.seconds:g} s; median, ratios within rounds")
    console.print(f"rows changed meanwhile: {report.written:,}")
    console.print(_figures(report))
    for one in report.results:
        if one.result.errors:
            reasons = tables.reasons(one.result.error_reasons)
            told = f"{one.page.path}, {one.result.name}: {reasons}"
            console.print(told, style="red", soft_wrap=True)
    console.print(_targets(report))


def _figures(report: "PagesReport") -> Table:
    headings = ("requests/s", "p50 ms", "p95 ms", "p99 ms", "errors", "CPU µs", "busy", "÷ Django")
    table = tables.table_of(("page", "side"), headings)
    for page, several in groupby(report.results, lambda one: one.page):
        for place, one in enumerate(several):
            table.add_row(page.path if place == 0 else "", one.result.name, *_cells(one))
        table.add_section()
    return table


def _cells(one: "Measured") -> Iterator[str]:
    figures = one.result
    yield f"{figures.rps:,.0f}"
    yield number(figures.p50_ms, ".2f")
    yield number(figures.p95_ms, ".2f")
    yield number(figures.p99_ms, ".2f")
    yield tables.errors(figures.errors)
    yield number(figures.cpu_us, ",.0f")
    yield f"{figures.peer_busy:.0%}"
    yield number(one.ratio.rps, ".1f")


def _targets(report: "PagesReport") -> Table:
    from proxy.bench.pages.report import WANTED_P95, WANTED_RPS

    table = tables.targets()
    least, greatest = report.least_kept, report.greatest_p95
    table.add_row(
        "requests/s of the slowest page, answers kept",
        f"at least {WANTED_RPS:,}",
        number(least, ",.0f"),
        tables.verdict(None if least is None else least >= WANTED_RPS),
    )
    table.add_row(
        "p95 of the slowest page, natively, ms",
        f"below {WANTED_P95:g}",
        number(greatest, ".1f"),
        tables.verdict(None if greatest is None else greatest < WANTED_P95),
    )
    return table
