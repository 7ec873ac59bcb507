"""`scripts/fuzz`: hostile octets, for as long as asked."""

import json
import secrets
import sys

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from loadtests.fuzz.campaign import (
    ANSWERS,
    REQUESTS,
    Campaign,
    Found,
    Report,
    brief,
    served_targets,
)
from loadtests.fuzz.served import serving


@click.command()
@click.option("--minutes", default=1.0, show_default=True, help="How long to look.")
@click.option("--seed", type=int, help="Begin with the cases of an earlier run.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def main(minutes: float, seed: int | None, as_json: bool) -> None:
    """Send hostile requests and answers through the proxy and its parsers, and compare what h11,
    llhttp and gunicorn read. Exit code 1 if they read anything else than the proxy did, and do so
    again.
    """
    report = _run(minutes * 60, secrets.randbits(48) if seed is None else seed)
    if as_json:
        click.echo(json.dumps(_as_dict(report)))
    else:
        _show(report)
    sys.exit(1 if report.found else 0)


def _run(seconds: float, seed: int) -> Report:
    console = Console(stderr=True)
    with serving() as served, Progress(console=console) as progress:
        campaign = Campaign((REQUESTS, ANSWERS, *served_targets(served)), seed)
        bar = progress.add_task(f"seed {seed}", total=seconds)

        def on_round(report: Report, gone: float) -> None:
            cases = sum(report.cases.values())
            told = f"{cases} cases, {cases / max(gone, 1):.0f}/s, {len(report.found)} found"
            progress.update(bar, completed=gone, description=told)

        return campaign.run(seconds, on_round)


def _as_dict(report: Report) -> dict[str, object]:
    return {
        "seed": report.seed,
        "cases": report.cases,
        "cases_per_second": {name: round(report.rate(name)) for name in report.cases},
        "found": [_found_as_dict(found) for found in report.found],
        "once": [_found_as_dict(found) for found in report.once],
    }


def _found_as_dict(found: Found) -> dict[str, object]:
    return {
        "target": found.target,
        "kind": found.finding.kind,
        "detail": brief(found.finding.detail),
        "pieces": [piece.decode("latin-1") for piece in found.pieces],
        "times": found.times,
    }


def _show(report: Report) -> None:
    console = Console(soft_wrap=True)
    table = Table("target", "cases", "cases/s")
    for name, cases in report.cases.items():
        table.add_row(name, str(cases), f"{report.rate(name):.0f}")
    console.print(table)
    console.print(f"seed {report.seed}; {len(report.found)} found")
    for found in report.found:
        console.print(f"\n{found}", markup=False, highlight=False)
    for found in report.once:
        console.print(f"\nOnce, and not again:\n{found}", markup=False, highlight=False)


if __name__ == "__main__":
    main(prog_name="scripts/fuzz")
