"""`strangler bench crowd`: what idle and slow clients cost the others."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click
from rich.table import Table

from proxy.bench.cases import OURS
from proxy.cli.bench import running, tables
from proxy.cli.bench.tables import number

if TYPE_CHECKING:
    from proxy.bench.crowded import Beside, CrowdReport

PEERS = (OURS, "nginx")
LENGTHS = running.Lengths(1.0, 5, short_seconds=0.5, short_rounds=3)


@click.command()
@LENGTHS.options
@running.peers(PEERS)
@running.as_json
def crowd(
    seconds: float | None, rounds: int | None, short: bool, peers: list[str], as_json: bool
) -> None:
    """Measure what 2,000 idle and 200 slow clients cost 32 ordinary ones.

    The ordinary ones ask for 1 KB as fast as they are answered, alone and beside the crowd in turn.
    The idle keep a connection on which they were answered once. The slow send a POST octet by
    octet, ten a second, then read the 64 KB that answer it as slowly. An answer that is wrong, and
    a connection of the crowd that is closed, is an error. Wanted of our proxy: at least 0.9 of its
    own throughput alone.

    \b
    Exit codes: 0 measured, 1 some answers were wrong or failed, 2 cannot run.
    Example: strangler bench crowd --short --peers strangler
    """
    report = measured(seconds, rounds, peers, short=short)
    running.tell(report, show, as_json=as_json)


def measured(
    seconds: float | None, rounds: int | None, peers: Sequence[str], *, short: bool
) -> "CrowdReport":
    running.check_system()
    from proxy.bench.crowded import CrowdPlan, measure

    seconds, rounds = LENGTHS.chosen(seconds, rounds, short=short)
    return running.measured(measure, CrowdPlan(names=peers, rounds=rounds, seconds=seconds))


def show(report: "CrowdReport") -> None:
    console = tables.console()
    plan = report.plan
    for line in tables.circumstances(report.machine, report.cores, report.skipped):
        console.print(line, soft_wrap=True)
    console.print(f"{plan.rounds} rounds of {plan.seconds:g} s; median, ratios within rounds")
    console.print(_figures(report))
    for one in report.results:
        for where, figures in (("alone", one.alone), ("beside the crowd", one.crowded)):
            if figures.errors:
                reasons = tables.reasons(figures.error_reasons)
                console.print(f"{one.name}, {where}: {reasons}", style="red", soft_wrap=True)
    console.print(_target(report))


def _figures(report: "CrowdReport") -> Table:
    """`kept` is beside the crowd divided by alone."""
    headings = ("requests/s", "p50 ms", "p99 ms", "errors", "CPU µs", "busy", "kept")
    table = tables.table_of(("32 visitors, 1 KB", "peer"), headings)
    crowd = f"beside {report.plan.idle:,} idle and {report.plan.slow:,} slow"
    for one in report.results:
        table.add_row("alone", one.name, *_cells(one, crowded=False))
        table.add_row(crowd, one.name, *_cells(one, crowded=True))
        table.add_section()
    return table


def _cells(one: "Beside", *, crowded: bool) -> Iterator[str]:
    figures = one.crowded if crowded else one.alone
    yield f"{figures.rps:,.0f}"
    yield number(figures.p50_ms, ".3f")
    yield number(figures.p99_ms, ".3f")
    yield tables.errors(figures.errors)
    yield number(figures.cpu_us, ".0f")
    yield f"{figures.peer_busy:.0%}"
    yield number(one.kept.rps if crowded else None, ".2f")


def _target(report: "CrowdReport") -> Table:
    from proxy.bench.crowded import WANTED

    table = tables.targets()
    table.add_row(
        "requests/s of strangler beside the crowd ÷ alone",
        f"at least {WANTED:g}",
        number(report.kept, ".2f"),
        tables.verdict(report.met),
    )
    return table
