"""`strangler bench memory`: what long bodies add to a worker's memory."""

from typing import TYPE_CHECKING

import click
from rich.table import Table

from proxy.cli.bench import running, tables

if TYPE_CHECKING:
    from proxy.bench.memory import Added, MemoryReport

MIB = 1024 * 1024
SIZE, SHORT_SIZE = 1024, 64
"""MiB."""

PAUSES, SHORT_PAUSES = 8, 3


@click.command()
@click.option(
    "--size",
    type=click.IntRange(min=8),
    help=f"MiB of each body.  [default: {SIZE}]",
    metavar="MIB",
)
@click.option("--short", is_flag=True, help=f"Bodies of {SHORT_SIZE} MiB.")
@running.as_json
def memory(size: int | None, short: bool, as_json: bool) -> None:
    """Measure the memory that bodies of 1 GiB add to a worker, downwards and upwards.

    Each body goes once to a receiver that keeps up, and once to one that stops now and then until
    whoever sends has come to a standstill: proof that the proxy stops reading when it cannot write.
    Octets are made while they are sent and hashed where they arrive. Memory is the resident peak of
    the worker beyond what it had after its first answers. Wanted: less than 64 MiB.

    \b
    Exit codes: 0 measured, 1 some octets were wrong or missing, 2 cannot run.
    Example: strangler bench memory --short
    """
    report = measured(size, short=short)
    running.tell(report, show, as_json=as_json)


def measured(size: int | None, *, short: bool) -> "MemoryReport":
    running.check_system()
    from proxy.bench.memory import MemoryPlan, measure

    size = size or (SHORT_SIZE if short else SIZE)
    pauses = SHORT_PAUSES if short else PAUSES
    return running.measured(measure, MemoryPlan(size=size * MIB, pauses=pauses))


def show(report: "MemoryReport") -> None:
    console = tables.console()
    console.print(f"strangler serve --workers 1: {report.before_kib:,} KiB resident before")
    console.print(_figures(report))
    for one in report.results:
        for error in one.passed.errors:
            console.print(f"{one.passage.title}: {error}", style="red", soft_wrap=True)
    console.print(_target(report))


def _figures(report: "MemoryReport") -> Table:
    """`stood still`: pauses of the receiver in which the sender had to wait. `under way`: what was
    then sent and not taken, nearly all of it in the kernel's buffers."""
    headings = ("MiB", "MiB/s", "stood still", "under way KiB", "errors", "added KiB")
    table = tables.table_of((f"{report.plan.size // MIB:,} MiB",), headings)
    for one in report.results:
        table.add_row(one.passage.title, *_cells(one))
    return table


def _cells(one: "Added") -> tuple[str, ...]:
    passed = one.passed
    slow = one.passage.pace == "slow"
    return (
        f"{passed.octets / MIB:,.0f}",
        "-" if slow else f"{passed.octets / MIB / passed.seconds:,.0f}",
        f"{passed.waits} of {passed.pauses}" if slow else "-",
        f"{passed.ahead // 1024:,}" if slow else "-",
        tables.errors(len(passed.errors)),
        f"{one.kib:,}",
    )


def _target(report: "MemoryReport") -> Table:
    from proxy.bench.memory import WANTED_KIB

    table = tables.targets()
    table.add_row(
        "memory added, at most",
        f"below {WANTED_KIB:,} KiB",
        tables.number(report.most_kib, ","),
        tables.verdict(report.met),
    )
    return table
