"""`scripts/flip_drill`: the bundled site behind the proxy, flipped under load.

Twice: who answers visitors (`reads`), and who owns the rows that editors write (`rows`).
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from loadtests.flip_drill import DrillReport, drill
from loadtests.frozen import run_frozen
from loadtests.ownership_drill import OwnershipReport
from loadtests.reading_back import ReadingBackReport
from loadtests.replicas import run_reading_back, run_rows
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

Report = DrillReport | OwnershipReport | ReadingBackReport


@click.command()
@click.option(
    "--part", type=click.Choice(["reads", "rows", "frozen", "back", "all"]), default="all"
)
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
    frozen: as rows, while one of the proxies stands still for 30 s, first one, then the other.
    back: whoever has written on one side reads it from the other, with the bridge 2 s behind.
    """
    reports: dict[str, Report] = {}
    if part in ("reads", "all"):
        reports["reads"] = asyncio.run(
            _run(flips or (10 if short else 50), connections or 32, workers)
        )
    if part in ("rows", "all"):
        clients = connections or (20 if short else 100)
        reports["rows"] = run_rows(flips or (4 if short else 20), clients, workers)
    if part in ("frozen", "all"):
        for number in range(2):
            frozen = run_frozen(5 if short else 30, connections or 20, workers, number=number)
            reports[f"frozen {number + 1}"] = frozen
    if part in ("back", "all"):
        reports["back"] = run_reading_back(100 if short else 1000, 20, workers)
    if as_json:
        click.echo(json.dumps({name: report.as_dict() for name, report in reports.items()}))
    else:
        for report in reports.values():
            _show_one(report)
    sys.exit(0 if all(report.held for report in reports.values()) else 1)


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


def _show_one(report: Report) -> None:
    match report:
        case OwnershipReport():
            _show_rows(report)
        case ReadingBackReport():
            _show_back(report)
        case _:
            _show(report)


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
        *("flips", "clients", "reads", "writes", "failed", "lost", "ids reused"),
        *("pause p99", "longest", "held"),
    )
    table.add_row(
        f"{len(report.pauses)} of {report.flips}",
        str(report.clients),
        str(report.reads),
        str(report.writes),
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
