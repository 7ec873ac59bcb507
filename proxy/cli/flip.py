"""`strangler flip` and `rollback`: routing.yaml is edited, and what follows is waited for."""

import json
import os
import sys
from dataclasses import asdict
from getpass import getuser
from typing import NoReturn

import click

from legacy_bridge.replication.faults import BridgeError
from proxy.asking import (
    TIMEOUT_SECONDS,
    Asking,
    ForGoodError,
    Outcome,
    Plan,
    ask,
    phase_before,
    plan,
)
from proxy.ownership.phases import Phase
from proxy.routing.faults import RoutingError
from proxy.settings import Settings


@click.command()
@click.argument("domain")
@click.argument("phase", type=click.Choice([str(phase) for phase in Phase]))
@click.option("--weight", type=click.FloatRange(0, 100), help="Percent of visitors (canary).")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and what it would wait for.")
@click.option("--force", is_flag=True, help="Although gates that may be passed do not let it.")
@click.option("--timeout", default=TIMEOUT_SECONDS, show_default=True, help="Seconds to wait.")
@click.option("--why", default="", help="For the record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def flip(
    domain: str,
    phase: str,
    weight: float | None,
    dry_run: bool,
    force: bool,
    timeout: float,
    why: str,
    as_json: bool,
) -> None:
    """Write PHASE for DOMAIN into routing.yaml, and wait until the running system has made it so.

    Comments and layout of the file stay. Where the rows get another owner, requests that may write
    wait for some milliseconds. What cannot be done is said, and all goes on as before.

    \b
    Settings: STRANGLER_ROUTING, STRANGLER_LEGACY_DATABASE_URL, STRANGLER_DATABASE_URL
    Exit codes: 0 done, 1 refused or not in time (the file keeps what was wanted), 2 cannot run (the
    file is as it was; also where no commit gets to a synchronous standby within a minute).
    Example: strangler flip downloads native --why "parity for a week"
    """
    settings = Settings.load()
    asking = Asking(domain, Phase(phase), weight, operator(), why, force)
    try:
        if dry_run:
            tell_plan(plan(settings, asking), as_json)
        outcome = ask(settings, asking, timeout)
    except (BridgeError, OSError, RoutingError) as error:
        cannot(error, as_json)
    _tell(outcome, as_json)


@click.command()
@click.argument("domain")
@click.option("--timeout", default=TIMEOUT_SECONDS, show_default=True, help="Seconds to wait.")
@click.option("--why", default="", help="For the record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def rollback(domain: str, timeout: float, why: str, as_json: bool) -> None:
    """Back to the phase that DOMAIN had before the last flip.

    \b
    Exit codes: 0 done, 1 refused or not in time, 2 cannot run (nothing to go back to).
    Example: strangler rollback downloads
    """
    settings = Settings.load()
    try:
        phase, weight = phase_before(settings, domain)
        asking = Asking(domain, phase, weight, operator(), why or "rollback")
        outcome = ask(settings, asking, timeout)
    except ForGoodError as error:
        retired = str(Phase.RETIRED)
        outcome = Outcome(domain, "-", retired, done=False, reason=str(error), seconds=0)
    except (BridgeError, OSError, RoutingError) as error:
        cannot(error, as_json)
    _tell(outcome, as_json)


def operator() -> str:
    """Who asks, for the record."""
    return os.environ.get("STRANGLER_OPERATOR") or getuser()


def tell_plan(plan: Plan, as_json: bool) -> NoReturn:
    """What `flip` would do, and whether anything is in the way now."""
    if as_json:
        click.echo(json.dumps(asdict(plan)))
    else:
        click.echo("\n".join(f"{number}. {step}" for number, step in enumerate(plan.steps, 1)))
        for reason in plan.in_the_way:
            click.echo(f"in the way now: {reason}")
        if plan.note:
            click.echo(plan.note)
    sys.exit(1 if plan.in_the_way else 0)


def _tell(outcome: Outcome, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(asdict(outcome)))
    elif outcome.done:
        pause = outcome.pause_seconds
        held = "" if pause is None else f"; writes were held for {1000 * pause:.0f} ms"
        click.echo(f"{outcome.domain} is in phase {outcome.phase} ({outcome.seconds:.1f} s{held})")
    else:
        click.echo(
            f"{outcome.domain} is still in phase {outcome.phase}: {outcome.reason}", err=True
        )
    sys.exit(0 if outcome.done else 1)


def cannot(error: Exception, as_json: bool) -> NoReturn:
    """The end of a command that could not run."""
    if as_json:
        click.echo(json.dumps({"done": False, "reason": str(error)}))
    click.echo(str(error), err=True)
    sys.exit(2)
