"""`scripts/flip_drill`: the bundled site behind the proxy, flipped under load.

Twice: who answers visitors (`reads`), and who owns the rows that editors write (`rows`).
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from loadtests.flip_drill import DrillReport, drill
from loadtests.frozen import run_frozen
from loadtests.killed import POINTS, run_killed
from loadtests.ownership_drill import OwnershipReport
from loadtests.reading_back import ReadingBackReport
from loadtests.replicas import run_reading_back, run_rows
from loadtests.wrong import FAULTS, WrongReport, run_wrong
from proxy.demo.parts import LegacySite, RunningProxy, strangler
from proxy.embedded.child import free_port
from proxy.embedded.stack import temporary_stack

PATHS = ("/downloads/operating-systems/", "/downloads/feed.rss")
ROUTING = """version: 1
gates: off
domains:
  downloads:
    phase: {phase}
    routes: [/downloads/**]
"""

PARTS = ("reads", "rows", "killed", "frozen", "back", "wrong", "all")
Report = DrillReport | OwnershipReport | ReadingBackReport | WrongReport


@click.command()
@click.option("--part", type=click.Choice(PARTS), default="all")
@click.option("--flips", type=int, help="How often. Without it 50 for reads, 20 for rows.")
@click.option("--connections", type=int, help="Clients at once. Without it 32 and 100.")
@click.option("--workers", default=2, show_default=True, help="Workers of each proxy.")
@click.option("--short", is_flag=True, help="Ten flips of reads, four of rows, fewer clients.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
def main(
    part: str, flips: int | None, connections: int | None, workers: int, short: bool, as_json: bool
) -> None:
    """Flip the domain downloads under load; exit code 1 if anything was not as it has to be.

    \b
    reads: phases legacy and reads, one proxy; no request fails, each flip is in force within 1 s.
    rows: phases legacy and native, two proxies; 100 clients read and write. No request fails, every
    acknowledged write is on both sides, no number is used twice, p99 of the pauses below 250 ms.
    killed: as rows, while whoever carries out the flip is killed at each named point of it.
    frozen: as rows, while one of the proxies stands still for 30 s, first one, then the other.
    back: whoever has written on one side reads it from the other, with the bridge 2 s behind.
    wrong: a native side made wrong goes no further, and its canary ends by itself.
    """
    reports: dict[str, Report] = {}
    for name in PARTS[:-1] if part == "all" else (part,):
        reports |= _RUN[name](flips, connections, workers, short)
    if as_json:
        click.echo(json.dumps({name: report.as_dict() for name, report in reports.items()}))
    else:
        for name, report in reports.items():
            _show_one(name, report)
    sys.exit(0 if all(report.held for report in reports.values()) else 1)


Reports = dict[str, Report]
Run = Callable[[int | None, int | None, int, bool], Reports]


def _run_reads(flips: int | None, connections: int | None, workers: int, short: bool) -> Reports:
    done = _run(flips or (10 if short else 50), connections or 32, workers)
    return {"reads": asyncio.run(done)}


def _run_rows(flips: int | None, connections: int | None, workers: int, short: bool) -> Reports:
    clients = connections or (20 if short else 100)
    return {"rows": run_rows(flips or (4 if short else 20), clients, workers)}


def _run_killed(flips: int | None, connections: int | None, workers: int, short: bool) -> Reports:
    points = POINTS[1::4] if short else POINTS
    clients = connections or 20
    return {f"killed at {point}": run_killed(point, clients, workers) for point in points}


def _run_frozen(flips: int | None, connections: int | None, workers: int, short: bool) -> Reports:
    seconds, clients = 5 if short else 30, connections or 20
    return {
        f"frozen {number + 1}": run_frozen(seconds, clients, workers, number=number)
        for number in range(2)
    }


def _run_back(flips: int | None, connections: int | None, workers: int, short: bool) -> Reports:
    return {"back": run_reading_back(100 if short else 1000, connections or 20, workers)}


def _run_wrong(flips: int | None, connections: int | None, workers: int, short: bool) -> Reports:
    faults = ("one field", "erroring") if short else tuple(FAULTS)
    return {f"wrong: {one.fault}": one for one in run_wrong(faults, _say_fault)}


_RUN: Mapping[str, Run] = {
    "reads": _run_reads,
    "rows": _run_rows,
    "killed": _run_killed,
    "frozen": _run_frozen,
    "back": _run_back,
    "wrong": _run_wrong,
}


async def _run(flips: int, connections: int, workers: int) -> DrillReport:
    with tempfile.TemporaryDirectory() as name, temporary_stack() as stack:
        folder = Path(name)
        settings = {
            "STRANGLER_LEGACY_DATABASE_URL": stack.create_database("legacy"),
            "STRANGLER_DATABASE_URL": stack.create_database("native"),
        }
        site = LegacySite(settings["STRANGLER_LEGACY_DATABASE_URL"], folder, throttling=False)
        site.manage("migrate")
        site.manage("seed")
        site.start()
        strangler("db", "upgrade", settings=settings, folder=folder)
        strangler("sync", "run", "--once", settings=settings, folder=folder)
        (folder / "routing.yaml").write_text(_rendered("legacy"))
        proxy = RunningProxy(
            {**settings, "STRANGLER_LEGACY_URL": site.url},
            folder,
            port=free_port(),
            workers=workers,
        )
        try:
            with Progress(console=Console(stderr=True)) as progress:
                bar = progress.add_task("flips", total=flips)
                return await drill(
                    proxy.url,
                    PATHS,
                    folder / "routing.yaml",
                    _rendered,
                    flips=flips,
                    connections=connections,
                    on_flip=lambda number: progress.update(bar, completed=number),
                )
        finally:
            proxy.close()
            site.stop()


def _rendered(owner: str) -> str:
    return ROUTING.format(phase="reads" if owner == "native" else "legacy")


def _show_one(name: str, report: Report) -> None:
    Console().rule(name, align="left")
    match report:
        case OwnershipReport():
            _show_rows(report)
        case ReadingBackReport():
            _show_back(report)
        case WrongReport():
            _show_wrong(report)
        case _:
            _show(report)


def _say_fault(name: str) -> None:
    click.echo(f"wrong: {name}", err=True)


def _show_wrong(report: WrongReport) -> None:
    console = Console()
    after = "did not end" if report.seconds is None else f"ended after {report.seconds} s"
    held = "" if report.held else "NOT HELD "
    console.print(f"{held}{report.fault}: the canary {after}, {report.failed} answers failed")
    for said in filter(None, (report.refused, report.ended)):
        console.print(f"    {said}", highlight=False)


def _show_back(report: ReadingBackReport) -> None:
    table = Table("written and read", "stale", "failed", "native", "legacy", "held")
    table.add_row(
        str(report.pairs),
        str(len(report.stale)),
        str(len(report.failures)),
        str(report.owners["native"]),
        str(report.owners["legacy"]),
        "yes" if report.held else "NO",
    )
    console = Console()
    console.print(table)
    for wrong in (*report.failures[:10], *report.stale[:10]):
        console.print(wrong, style="red", highlight=False)


def _show_rows(report: OwnershipReport) -> None:
    table = Table(
        *("flips", "clients", "reads", "writes", "signed in", "failed", "lost", "ids reused"),
        *("pause p99", "longest", "held"),
    )
    table.add_row(
        f"{len(report.pauses)} of {report.flips}",
        str(report.clients),
        str(report.reads),
        str(report.writes),
        str(report.signed_in),
        str(len(report.failures)),
        str(len(report.lost)),
        str(len(report.reused)),
        f"{1000 * report.pause_p99:.0f} ms",
        f"{1000 * max(report.pauses, default=0.0):.0f} ms",
        "yes" if report.held else "NO",
    )
    console = Console()
    console.print(table)
    console.print(", ".join(f"{count} {who}" for who, count in sorted(report.owners.items())))
    for wrong in (*report.failures[:10], *report.refused_flips[:10], *report.lost[:10]):
        console.print(wrong, style="red", highlight=False)


def _show(report: DrillReport) -> None:
    table = Table("flips", "connections", "requests", "failed", "slowest flip", "held")
    table.add_row(
        str(report.flips),
        str(report.connections),
        str(report.requests),
        str(len(report.failures)),
        f"{max(report.delays, default=0.0):.3f} s",
        "yes" if report.held else "NO",
    )
    console = Console()
    console.print(table)
    for failure in report.failures[:10]:
        console.print(failure, style="red")


if __name__ == "__main__":
    main(prog_name="scripts/flip_drill")
