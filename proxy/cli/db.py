"""`strangler db`: the schema of the native database."""

import json
import sys
from dataclasses import asdict

import click
from sqlalchemy.exc import DBAPIError

from legacy_bridge.replication.faults import BridgeError
from migrations.upgrade import Step, connect, head
from migrations.upgrade import upgrade as apply_missing
from proxy.settings import Settings


@click.group()
def db() -> None:
    """The native database."""


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def upgrade(as_json: bool) -> None:
    """Bring the tables of the native database to this version; rows are kept.

    Safe to repeat, and to run in several places at once: the second one waits for the first.

    \b
    Settings: STRANGLER_DATABASE_URL
    Exit codes: 0 up to date, 2 cannot run.
    """
    url = Settings.load().require("database_url", "the native database is to be upgraded")
    try:
        with connect(url) as connection:
            applied = apply_missing(connection)
    except BridgeError as error:
        _refuse(str(error), as_json=as_json)
    except DBAPIError as error:
        _refuse(f"a migration failed and was undone: {error.orig}", as_json=as_json)
    else:
        _tell(applied, as_json=as_json)


def _tell(applied: list[Step], *, as_json: bool) -> None:
    if as_json:
        steps = [asdict(step) for step in applied]
        click.echo(json.dumps({"ok": True, "revision": head(), "applied": steps}))
        return
    for step in applied:
        click.echo(f"{step.revision}  {step.title}")
    click.echo(f"The native database is up to date (revision {head()}).")


def _refuse(problem: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"ok": False, "problems": [problem]}))
    click.echo(problem, err=True)
    sys.exit(2)
