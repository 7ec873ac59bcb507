"""`scripts/flip_drill`: the bundled site behind two workers, flipped under load."""

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
from proxy.demo.parts import LegacySite, RunningProxy, strangler
from proxy.embedded.child import free_port
from proxy.embedded.stack import temporary_stack

PATHS = ("/downloads/operating-systems/", "/downloads/feed.rss")
ROUTING = """version: 1
domains:
  downloads:
    phase: {phase}
    routes: [/downloads/**]
"""


@click.command()
@click.option("--flips", default=50, show_default=True, help="How often routing.yaml is edited.")
@click.option("--connections", default=32, show_default=True, help="Visitors at once.")
@click.option("--workers", default=2, show_default=True, help="Workers of the proxy.")
@click.option("--short", is_flag=True, help="Ten flips only.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def main(flips: int, connections: int, workers: int, short: bool, as_json: bool) -> None:
    """Flip the domain downloads under load; exit code 1 if a request failed or a flip was late."""
    report = asyncio.run(_run(10 if short else flips, connections, workers))
    if as_json:
        click.echo(json.dumps(report.as_dict()))
    else:
        _show(report)
    sys.exit(0 if report.held else 1)


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
