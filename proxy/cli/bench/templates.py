"""`strangler bench templates`: rendering and loading templates, beside Django's engine."""

import sys
from typing import TYPE_CHECKING

import click

from proxy.cli.bench import running, tables

if TYPE_CHECKING:
    from proxy.bench.templates import TemplateReport

ROUNDS, SHORT_ROUNDS = 200, 30


@click.command()
@click.option("--short", is_flag=True, help=f"{SHORT_ROUNDS} rounds instead of {ROUNDS}.")
@running.as_json
def templates(short: bool, as_json: bool) -> None:
    """Render the same templates with the same contexts by Django and by us, in one process.

    Needs Django, which the proxy itself does not. Wanted: at least 3 times as fast in the mean of
    the pages, and less than 5 s for the first load of 150 templates.

    \b
    Exit codes: 0 measured, 1 the HTML differed, 2 Django is not installed.
    Example: strangler bench templates --short
    """
    report = measured(short=short)
    running.tell(report, show, as_json=as_json)


def measured(*, short: bool) -> "TemplateReport":
    try:
        from proxy.bench.templates import measure
    except ImportError as error:
        click.echo(f"{error}: install Django, with which the speed is compared", err=True)
        sys.exit(2)
    return measure(SHORT_ROUNDS if short else ROUNDS)


def show(report: "TemplateReport") -> None:
    from proxy.bench.templates import LOADED, WANTED_LOAD, WANTED_RATIO

    console = tables.console()
    table = tables.table_of(("page",), ("Django ms", "ours ms", "times as fast", "equal"))
    for one in report.speeds:
        figures = (f"{one.django_ms:.2f}", f"{one.ours_ms:.2f}", f"{one.ratio:.1f}")
        table.add_row(one.page, *figures, "yes" if one.is_equal else "[red]no[/red]")
    console.print(table)
    targets = tables.targets()
    targets.add_row(
        "times as fast as Django",
        f"at least {WANTED_RATIO:g}",
        f"{report.ratio:.1f}",
        tables.verdict(report.ratio >= WANTED_RATIO),
    )
    targets.add_row(
        f"first load of {LOADED} templates",
        f"below {WANTED_LOAD:g} s",
        f"{report.load_seconds:.2f} s",
        tables.verdict(report.load_seconds < WANTED_LOAD),
    )
    console.print(targets)
