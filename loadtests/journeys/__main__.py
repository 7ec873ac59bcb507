"""`scripts/load`: visitors of every kind at work, on the bundled site or on another one."""

import json
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import click
from rich.console import Console

from loadtests.journeys.options import site_url
from loadtests.journeys.report import LoadReport
from loadtests.journeys.running import LocustError, Plan, run_locust
from loadtests.journeys.seen import Seen
from loadtests.journeys.system import loaded_system
from proxy.embedded.child import EmbeddedError

JOURNEYS = ("browse", "api", "login", "form", "editor")
OWNERS = ("legacy", "native")
"""Of the domains, in the order of the runs."""
KINDS = ("ApiClient", "Browser", "Editor", "Member", "Newcomer")
HARMLESS = ("Browser", "ApiClient")
"""Kinds of visitors who change nothing."""
USERS, RUN_TIME = 30, "60s"
SHORT_USERS, SHORT_RUN_TIME = 20, "5s"
SHORT_MANNER = ("--think", "0.3", "--parity", "0.3")


def _site(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    try:
        return None if text is None else site_url(text)
    except ArgumentTypeError as error:
        raise click.BadParameter(str(error)) from None


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--host", metavar="URL", callback=_site, help="Load what runs there, not the bundled site."
)
@click.option("--writes", is_flag=True, help="With --host: also log in, sign up and edit there.")
@click.option("--users", "-u", type=click.IntRange(1), help=f"Visitors at once. Else {USERS}.")
@click.option("--spawn-rate", "-r", type=float, help="Visitors who come a second. Else all.")
@click.option("--run-time", "-t", help=f"As 90s, 10m or 1h. Else {RUN_TIME}.")
@click.option("--workers", default=2, show_default=True, help="Of the proxy of the bundled site.")
@click.option("--short", is_flag=True, help=f"{SHORT_USERS} hasty visitors, {SHORT_RUN_TIME} each.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Locust's own page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.argument("locust", nargs=-1, type=click.UNPROCESSED)
def main(
    host: str | None,
    writes: bool,
    users: int | None,
    spawn_rate: float | None,
    run_time: str | None,
    workers: int,
    short: bool,
    html: Path | None,
    as_json: bool,
    locust: tuple[str, ...],
) -> None:
    """Browsers, API clients, members, newcomers and editors visit the site, while a share of the
    answers is compared with the other side's.

    Without --host the bundled site is started, and the same is run on it twice: with all domains
    legacy, then native as far as they go. What else is given goes to Locust: --parity, --think,
    --parity-ignore and so on, see docs/loadtests.md, or the names of the kinds of visitors.

    \b
    Exit codes: 0 nothing failed or differed, 1 something did, 2 cannot run.
    Example: scripts/load --short
             scripts/load --host http://127.0.0.1:8000 -u 50 -t 5m --parity 0.2
    """
    plan = Plan(
        users=users or (SHORT_USERS if short else USERS),
        spawn_rate=spawn_rate or users or USERS,
        run_time=run_time or (SHORT_RUN_TIME if short else RUN_TIME),
        kinds=HARMLESS if host is not None and not writes and not _kinds(locust) else (),
        further=(*(SHORT_MANNER if short else ()), *locust),
    )
    try:
        if host is not None:
            runs = {host: run_locust(plan, host, html)}
        else:
            runs = _run_bundled(plan, workers, html)
    except (LocustError, EmbeddedError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    expected = JOURNEYS if host is None and not _kinds(locust) else ()
    sys.exit(0 if _told(runs, expected, as_json=as_json) else 1)


def _run_bundled(plan: Plan, workers: int, html: Path | None) -> dict[str, Seen]:
    progress = Console(stderr=True)
    runs = {}
    progress.print("The bundled site and a proxy before it")
    with loaded_system(workers) as system:
        for owner in OWNERS:
            if owner == "native":
                system.go_native()
            progress.print(f"{plan.users} visitors for {plan.run_time}, domains {owner}")
            page = html and html.with_name(f"{html.stem}.{owner}{html.suffix}")
            runs[owner] = run_locust(plan, system.url, page)
    return runs


def _kinds(locust: tuple[str, ...]) -> list[str]:
    """Those that were asked for by name."""
    return [argument for argument in locust if argument in KINDS]


def _told(runs: dict[str, Seen], expected: tuple[str, ...], *, as_json: bool) -> bool:
    """Prints the report of all runs together. Whether each of them held."""
    faults = {name: LoadReport(seen, journeys=expected).faults for name, seen in runs.items()}
    total = Seen()
    for seen in runs.values():
        total.merge(seen)
    report = LoadReport(total, journeys=expected)
    held = report.held and not any(faults.values())
    if as_json:
        told = [_run_dict(name, seen, faults[name]) for name, seen in runs.items()]
        click.echo(json.dumps({**report.as_dict(), "held": held, "runs": told}))
        return held
    click.echo(report.as_text())
    for name, found in faults.items():
        for fault in found:
            click.echo(f"{name}: {fault}")
    return held


def _run_dict(name: str, seen: Seen, faults: list[str]) -> dict[str, object]:
    owners = {owner: seen.figures.total(owner).requests for owner in seen.figures.owners}
    return {
        "run": name,
        "seconds": round(seen.seconds, 1),
        "requests": owners,
        "journeys": seen.figures.journeys,
        "faults": faults,
    }


if __name__ == "__main__":
    main(prog_name="scripts/load")
