"""`strangler bench shadow`: what comparing aside costs visitors."""

from typing import TYPE_CHECKING

import click
from rich.table import Table

from proxy.cli.bench import running, tables
from proxy.cli.bench.tables import number

if TYPE_CHECKING:
    from proxy.bench.shadow import ShadowReport

LENGTHS = running.Lengths(1.0, 10, short_seconds=0.5, short_rounds=4)


@click.command()
@LENGTHS.options
@running.as_json
def shadow(seconds: float | None, rounds: int | None, short: bool, as_json: bool) -> None:
    """Measure forwarding with a domain in shadow, all of its requests, beside the same without.

    Both proxies take turns on one core; figures are medians of the rounds, the ratio is taken
    within each. Wanted: at least 95 % of the throughput.

    \b
    Exit codes: 0 measured, 1 some answers were wrong or failed, 2 cannot run.
    Example: strangler bench shadow --short
    """
    report = measured(seconds, rounds, short=short)
    running.tell(report, show, as_json=as_json)


def measured(seconds: float | None, rounds: int | None, *, short: bool) -> "ShadowReport":
    running.check_system()
    from proxy.bench.shadow import ShadowPlan, measure

    seconds, rounds = LENGTHS.chosen(seconds, rounds, short=short)
    return running.measured(measure, ShadowPlan(rounds=rounds, seconds=seconds))


def show(report: "ShadowReport") -> None:
    console = tables.console()
    for line in tables.circumstances(report.machine, report.cores, {}):
        console.print(line, soft_wrap=True)
    plan = report.plan
    console.print(f"{plan.rounds} rounds of {plan.seconds:g} s; median, ratios within rounds")
    console.print(_figures(report))
    console.print(
        f"compared meanwhile: {report.compared:,} answers; for {report.dropped:,} there was no time"
    )
    console.print(_target(report))


def _figures(report: "ShadowReport") -> Table:
    table = tables.table_of(("proxy",), ("requests/s", "p50 ms", "p99 ms", "errors", "CPU µs"))
    for one in report.results:
        table.add_row(
            one.name,
            f"{one.rps:,.0f}",
            number(one.p50_ms, ".3f"),
            number(one.p99_ms, ".3f"),
            tables.errors(one.errors),
            number(one.cpu_us, ".0f"),
        )
    return table


def _target(report: "ShadowReport") -> Table:
    from proxy.bench.shadow import WANTED

    table = tables.targets()
    table.add_row(
        "requests/s, shadow ÷ off",
        f"at least {WANTED:g}",
        number(report.ratio.rps, ".3f"),
        tables.verdict(report.met),
    )
    return table
