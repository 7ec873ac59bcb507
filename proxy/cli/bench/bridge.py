"""`strangler bench bridge`: how fast rows get from one database to the other, and what it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from rich.table import Table

from proxy.cli.bench import running, tables
from proxy.cli.bench.tables import number

if TYPE_CHECKING:
    from proxy.bench.bridge.figures import Figure, Wanted
    from proxy.bench.bridge.report import BridgeReport

PARTS = ("copy", "verify", "backlog", "latency", "large", "idle")


def _names(_: click.Context, __: click.Parameter, written: Sequence[str]) -> list[str]:
    names = [name.strip() for text in written for name in text.split(",")]
    if unknown := [name for name in names if name not in PARTS]:
        raise click.BadParameter(
            f"there is no {', '.join(map(repr, unknown))}; choose from {', '.join(PARTS)}"
        )
    return [name for name in PARTS if name in names or not names]


@click.command()
@running.rounds(3)
@click.option("--short", is_flag=True, help="A first look, with tables far too small to judge by.")
@click.option("--full", is_flag=True, help="10 million rows rather than one.")
@click.option("--only", multiple=True, callback=_names, metavar="NAME", help=", ".join(PARTS))
@running.as_json
def bridge(rounds: int | None, short: bool, full: bool, only: Sequence[str], as_json: bool) -> None:
    """Measure the replication bridge between two databases of a server made for it.

    \b
    copy     the first copy, beside a pipe of psql's binary COPY of the same table
    verify   both sides compared, beside a scan of the legacy table
    backlog  200,000 transactions of one row, beside upserts by psql and by psycopg
    latency  from a commit to its visibility on the other side, at 500 transactions a second
    large    a transaction of 1 GiB: the memory it takes
    idle     what is written while nothing happens

    Copying and applying are done by processes of their own, whose resident peak is shown. Ours and
    peers take turns in every round; figures are medians of the rounds, ratios are taken within
    each. Nothing of your installation is used; it takes some GB of disk.

    \b
    Exit codes: 0 measured, 1 rows were refused or differ, 2 cannot run.
    Example: strangler bench bridge --only copy --only latency
    """
    report = measured(rounds, short=short, full=full, only=only)
    running.tell(report, show, as_json=as_json)


def measured(
    rounds: int | None, *, short: bool, full: bool = False, only: Sequence[str] = PARTS
) -> "BridgeReport":
    running.check_system()
    from proxy.bench.bridge.plan import DEFAULT, FULL, SHORT
    from proxy.bench.bridge.report import measure

    plan = SHORT if short else FULL if full else DEFAULT
    plan = replace(plan, names=only, rounds=rounds or plan.rounds)
    return running.measured(measure, plan)


def show(report: "BridgeReport") -> None:
    console = tables.console()
    machine = report.machine
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, "
        f"load before {machine['load']}, after {report.load_after}",
        soft_wrap=True,
    )
    console.print(f"{report.plan.rounds} rounds; median, ratios within rounds")
    console.print(_figures(report.results))
    for one in report.results:
        for error in one.errors:
            console.print(f"{one.name}: {error}", style="red", soft_wrap=True)


def _figures(results: Sequence["Figure"]) -> Table:
    """`MiB` is the process's memory before and at most."""
    left, right = ("what", "beside"), ("ours", "peer", "ratio", "wanted", "", "MiB")
    table = tables.table_of(left, right)
    part = ""
    for one in results:
        if part and one.part != part:
            table.add_section()
        part = one.part
        table.add_row(one.name, one.peer_name or "-", *_cells(one))
    return table


def _cells(one: "Figure") -> Iterator[str]:
    form = ",.0f" if one.ours >= 1000 else ",.1f"
    yield f"{number(one.ours, form)} {one.unit}"
    yield number(one.peer, form)
    yield number(one.ratio, ".2f")
    yield _wanted(one.wanted) if one.wanted else "-"
    yield tables.verdict(one.met) if one.wanted else ""
    yield "-" if one.peak_mib is None else f"{one.before_mib:.0f} → {one.peak_mib:.0f}"


def _wanted(wanted: "Wanted") -> str:
    what = {"ratio": "ratio", "ours": "", "added_mib": "added MiB"}[wanted.measure]
    return f"{what} {'≥' if wanted.least else '≤'} {wanted.bound:g}".strip()
