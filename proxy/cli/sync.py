"""`strangler sync`: rows from the legacy database to the native one."""

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from legacy_bridge.replication.copy import CopyReport, copy_domains
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.records import CopiedTable
from ported_domains.registry import DOMAINS
from proxy.cli.progress import watching
from proxy.settings import Settings, SettingsError

SHOWN_ROWS = 20
"""Quarantined rows named one by one for each table; all are in bridge_quarantine."""


@click.group()
def sync() -> None:
    """Keep the rows of the two databases in step."""


@sync.command()
@click.option("--once", is_flag=True, help="Copy, then exit: for cron. Required, see above.")
@click.option(
    "--domain",
    type=click.Choice(list(DOMAINS)),
    help="Only this domain and those whose rows it shows; without it, all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON for programs.")
def run(once: bool, domain: str | None, as_json: bool) -> None:
    """Make the native tables equal to the legacy ones, as of one moment.

    Rows that are equal already are not touched; rows that vanished from the legacy database are
    deleted. Readers of the native database see all of it or nothing. A row that the native tables
    refuse is named, kept in the table bridge_quarantine, and tried again by the next run.
    Without --once it would go on for ever: continuous replication is not in this version.

    \b
    Settings: STRANGLER_LEGACY_DATABASE_URL (read only), STRANGLER_DATABASE_URL
    Exit codes: 0 both sides equal, 1 rows left out, 2 cannot run (nothing changed).
    Example: strangler sync run --once --domain downloads
    """
    if not once:
        raise click.UsageError("--once is needed: this version has no continuous replication.")
    legacy_url, native_url = _urls()
    try:
        with watching() as watch:
            report = copy_domains(legacy_url, native_url, mappings(domain), watch)
    except BridgeError as error:
        if as_json:
            click.echo(json.dumps({"ok": False, "problems": error.problems}))
        click.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        # Not 1, as click would have it: nothing is known to be unequal.
        click.echo("interrupted; repeating is safe", err=True)
        sys.exit(128 + signal.SIGINT)
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(json.dumps(summary(report)) if as_json else _table(report))
    sys.exit(0 if report.equal else 1)


def _urls() -> tuple[str, str]:
    settings = Settings.load()
    wanted = {
        "legacy_database_url": "the rows are read from there",
        "database_url": "the rows are written there",
    }
    missing = []
    for name, purpose in wanted.items():
        try:
            settings.require(name, purpose)
        except SettingsError as error:
            missing.append(str(error))
    if missing:
        raise SettingsError(*missing)
    return settings.require("legacy_database_url", ""), settings.require("database_url", "")


def mappings(domain: str | None) -> Mapping[str, Sequence[TableMapping]]:
    """The tables of a domain and of all that it reads, or of every domain; parents first."""
    wanted = set(DOMAINS) if domain is None else _with_reads(domain)
    return {name: found.mapping for name, found in DOMAINS.items() if name in wanted}


def _with_reads(name: str) -> set[str]:
    return {name}.union(*(_with_reads(below) for below in DOMAINS[name].reads))


def summary(report: CopyReport) -> dict[str, Any]:
    return {
        "ok": report.equal,
        "seconds": report.seconds,
        "started_at": report.started_at.isoformat(),
        "snapshot": {
            "lsn": report.snapshot.lsn,
            "taken_at": report.snapshot.taken_at.isoformat(),
        },
        "warnings": report.warnings,
        "tables": [asdict(table) for table in report.tables],
    }


def _table(report: CopyReport) -> str:
    header = f"{'table':<24}{'read':>10}{'inserted':>10}{'updated':>10}{'deleted':>10}{'s':>8}"
    rows = [
        f"{table.native:<24}{table.rows:>10}{table.inserted:>10}{table.updated:>10}"
        f"{table.deleted:>10}{table.seconds:>8.2f}"
        for table in report.tables
    ]
    refused = [line for table in report.tables for line in _refused(table)]
    end = "equal" if report.equal else "NOT equal: see the rows above, and bridge_quarantine"
    moment = f"{report.snapshot.taken_at:%Y-%m-%d %H:%M:%S %Z}"
    total = sum(table.rows for table in report.tables)
    return "\n".join(
        [
            header,
            *rows,
            *refused,
            f"{total} rows as of {moment} in {report.seconds:.1f} s: {end}",
        ]
    )


def _refused(table: CopiedTable) -> list[str]:
    lines = [
        f"{table.native} {', '.join(f'{name}={value}' for name, value in row.key.items())}"
        f" ({row.outcome}): {row.reason}"
        for row in table.refused[:SHOWN_ROWS]
    ]
    if more := len(table.refused) - SHOWN_ROWS:
        lines += [f"{table.native}: {more} more rows"] if more > 0 else []
    return lines
