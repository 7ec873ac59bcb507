"""`strangler sync`: rows from the legacy database to the native one."""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from threading import Event
from typing import Any, NoReturn

import click

from legacy_bridge.reactions.announcing import announced
from legacy_bridge.replication.connections import LEGACY, NATIVE
from legacy_bridge.replication.copy import CopyReport, copy_domains
from legacy_bridge.replication.ends import End, Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.one_way import Followed
from legacy_bridge.replication.owners import ended
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.records import CopiedTable
from legacy_bridge.replication.run import follow, retired, streaming
from legacy_bridge.replication.standbys import GOES_ON, limited, limited_when
from ported_domains.registry import DOMAINS, mappings
from proxy.cli.progress import watching
from proxy.cli.sync_following import FollowingLines, stopped_by_signals
from proxy.settings import Settings, SettingsError

SHOWN_ROWS = 20
"""Quarantined rows named one by one for each table; all are in bridge_quarantine."""


@click.group()
def sync() -> None:
    """Keep the rows of the two databases in step."""


@sync.command()
@click.option("--once", is_flag=True, help="Catch up, then exit: for cron.")
@click.option(
    "--domain",
    type=click.Choice(list(DOMAINS)),
    help="With --once and without a stream: only this domain and those whose rows it shows.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON for programs.")
def run(once: bool, domain: str | None, as_json: bool) -> None:
    """Make the native tables equal to the legacy ones, and keep them so.

    After `strangler sync init` it applies what is committed in the legacy database, whole
    transactions at a time, until SIGTERM or Ctrl-C. Of several processes one applies, the others
    stand by. With --once it applies what was committed before it was called, and exits.

    \b
    Without a stream, --once copies all rows as of one moment, and there has to be --once.

    Readers of the native database see all of a transaction or nothing. A row that the native
    tables refuse is kept in the table bridge_quarantine with the reason, and tried again. With
    --once nothing waits for longer than a minute for a synchronous standby that does not answer;
    without it, for three seconds once it is told to stop.

    \b
    Settings: STRANGLER_LEGACY_DATABASE_URL (read only), STRANGLER_DATABASE_URL
    Exit codes: 0 in step (or told to stop), 1 rows left out, 2 cannot run, or has not waited for a
    standby any more (nothing half done).
    Example: strangler sync run --once
    """
    legacy_url, native_url = urls()
    with ending(as_json):
        require_travelling(native_url, domain)
        carried = streaming(native_url)
        if not once or (carried and (domain is None or domain in carried)):
            _follow(legacy_url, native_url, carried, once, as_json)
        _copy(legacy_url, native_url, domain, as_json)


@contextmanager
def ending(as_json: bool) -> Iterator[None]:
    """A command that cannot run says why, in the form that was asked for, and exits with 2."""
    try:
        yield
    except BridgeError as error:
        if as_json:
            click.echo(json.dumps({"ok": False, "problems": error.problems}))
        click.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        # Not 1, as click would have it: nothing is known to be unequal.
        click.echo("interrupted; repeating is safe", err=True)
        sys.exit(128 + signal.SIGINT)


def _follow(
    legacy_url: str, native_url: str, carried: Sequence[str], once: bool, as_json: bool
) -> NoReturn:
    domains, watch, back = mappings(), FollowingLines("legacy"), FollowingLines("native")
    if missing := sorted(set(domains) - set(carried) - retired(native_url)) if carried else []:
        click.echo(
            f"warning: the stream does not carry {', '.join(missing)} — `strangler sync init`",
            err=True,
        )
    if once:
        both = follow(legacy_url, native_url, domains, watch, Event(), back=back, once=True)
    else:
        ends = map(Ends(legacy_url, native_url).source, Direction)
        with (
            stopped_by_signals() as stop,
            limited_when(stop, ends, left=GOES_ON),
            announced(native_url, domains),
        ):
            both = follow(legacy_url, native_url, domains, watch, stop, back=back)
    ways = [way for way in (both.forward, both.back) if way]
    ok = not any(way.quarantined for way in ways)
    if as_json:
        back_json = _followed(both.back) if both.back else None
        click.echo(json.dumps({"ok": ok, **_followed(both.forward), "back": back_json}))
    else:
        click.echo("\n".join(map(_followed_line, ways)))
    sys.exit(1 if once and not ok else 0)


def _followed(done: Followed) -> dict[str, Any]:
    return {
        "applied_lsn": str(done.position),
        "transactions": done.transactions,
        "rows": done.rows,
        "lost": done.lost,
        "quarantined": done.quarantined,
    }


def _followed_line(done: Followed) -> str:
    lost = f"; {done.lost} lost against the owner, see bridge_conflicts" if done.lost else ""
    kept = f"; {done.quarantined} rows in bridge_quarantine" if done.quarantined else ""
    return (
        f"{done.direction.origin} → {done.direction.destination}: {done.transactions} transactions "
        f"({done.rows} rows) applied, up to {done.position}{lost}{kept}"
    )


def _copy(legacy_url: str, native_url: str, domain: str | None, as_json: bool) -> NoReturn:
    with watching() as watch, limited([End(native_url, NATIVE)]):
        report = copy_domains(legacy_url, native_url, mappings(domain), watch)
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(json.dumps(summary(report)) if as_json else copied_lines(report))
    sys.exit(0 if report.equal else 1)


def urls() -> tuple[str, str]:
    """Of the legacy and of the native database. Raises `SettingsError` for all that is missing."""
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


def in_time(left: str) -> AbstractContextManager[None]:
    """What this process commits meanwhile waits a minute for a standby at most: see `limited`."""
    legacy_url, native_url = urls()
    return limited([End(legacy_url, LEGACY), End(native_url, NATIVE)], left=left)


def require_travelling(native_url: str, domain: str | None) -> None:
    """Raises `BridgeError` for a domain that is retired: those that read it are dealt with without
    it."""
    if domain is not None and domain in retired(native_url):
        raise BridgeError(ended(domain))


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


def copied_lines(report: CopyReport) -> str:
    width = max([24, *(len(table.native) for table in report.tables)])
    header = f"{'table':<{width}}{'read':>10}{'inserted':>10}{'updated':>10}{'deleted':>10}{'s':>8}"
    rows = [
        f"{table.native:<{width}}{table.rows:>10}{table.inserted:>10}{table.updated:>10}"
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


# Below, as they add commands to the group above.
from proxy.cli import sync_strays as sync_strays  # noqa: E402
from proxy.cli import sync_stream as sync_stream  # noqa: E402
from proxy.cli import sync_verify as sync_verify  # noqa: E402
