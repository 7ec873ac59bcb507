"""`strangler bench forward`: throughput and latency beside other proxies."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click
from rich.table import Table

from proxy.bench.cases import DIRECT, PEERS
from proxy.bench.figures import Ratio, Result, Verdict
from proxy.cli.bench import running, tables
from proxy.cli.bench.tables import number

if TYPE_CHECKING:
    from proxy.bench.forward import Report

LENGTHS = running.Lengths(1.0, 5, short_seconds=0.3, short_rounds=3)


@click.command()
@LENGTHS.options
@running.peers(PEERS)
@running.as_json
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
    report = measured(seconds, rounds, peers, short=short)
    running.tell(report, show, as_json=as_json)


def measured(
    seconds: float | None, rounds: int | None, peers: Sequence[str], *, short: bool
) -> "Report":
    running.check_system()
    from proxy.bench.forward import Plan, measure

    seconds, rounds = LENGTHS.chosen(seconds, rounds, short=short)
    return running.measured(measure, Plan(names=peers, rounds=rounds, seconds=seconds))


def show(report: "Report") -> None:
    console = tables.console()
    for line in tables.circumstances(report.machine, report.cores, report.skipped):
        console.print(line, soft_wrap=True)
    plan = report.plan
    console.print(f"{plan.rounds} rounds of {plan.seconds:g} s; median, ratios within rounds")
    console.print(_figures(report))
    for one in report.results:
        if one.errors:
            reasons = tables.reasons(one.error_reasons)
            console.print(f"{one.case.title}, {one.name}: {reasons}", style="red", soft_wrap=True)
    console.print(_targets(report.verdicts))


def _figures(report: "Report") -> Table:
    """`ours ÷` says how our proxy stands to the peer in that line; of p50, less is better."""
    headings = ("requests/s", "p50 ms", "p99 ms", "errors", "CPU µs", "busy", "ours ÷", "p50 ÷")
    table = tables.table_of(("case", "peer"), headings)
    ratios = {(one.against, one.case): one for one in report.ratios}
    for case, results in groupby(report.results, key=lambda one: one.case):
        for one in results:
            table.add_row(case.title, one.name, *_cells(one, ratios.get((one.name, case))))
        table.add_section()
    return table


def _cells(one: Result, ratio: Ratio | None) -> Iterator[str]:
    yield f"{one.rps:,.0f}"
    yield number(one.p50_ms, ".3f")
    yield number(one.p99_ms, ".3f")
    yield tables.errors(one.errors)
    yield number(one.cpu_us, ".0f")
    yield f"{one.peer_busy:.0%}" if one.name != DIRECT else f"{one.driver_busy:.0%}"
    yield number(ratio.rps if ratio else None, ".2f")
    yield number(ratio.p50 if ratio else None, ".2f")


def _targets(verdicts: Sequence[Verdict]) -> Table:
    table = tables.targets()
    for one in verdicts:
        target = one.target
        measure = "requests/s" if target.measure == "rps" else "p50"
        bound = "at least" if target.measure == "rps" else "at most"
        table.add_row(
            f"{measure} ÷ {target.against}, {target.case.title}",
            f"{bound} {target.wanted:g}",
            number(one.reached, ".2f"),
            tables.verdict(one.met),
        )
    return table
