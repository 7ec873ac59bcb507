"""`strangler sync verify` and `strangler sync repair`: whether both sides have the same rows."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import click

from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.verify.compare import (
    DIFFERS,
    EXTRA,
    MISSING,
    Difference,
    VerifiedTable,
    VerifyReport,
    Watch,
    verify_domains,
)
from legacy_bridge.replication.verify.repair import RepairedTable, RepairReport, repair_domains
from ported_domains.registry import DOMAINS, mappings
from proxy.cli.progress import watching
from proxy.cli.sync import (
    SHOWN_ROWS,
    ending,
    require_travelling,
    sync,
    urls,
)

Report = TypeVar("Report", VerifyReport, RepairReport)

_domain = click.option(
    "--domain",
    type=click.Choice(list(DOMAINS)),
    help="Only this domain and those whose rows it shows; without it, all.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print a report as JSON for programs.")


@sync.command()
@_domain
@_json
def verify(domain: str | None, as_json: bool) -> None:
    """Compare the rows of both sides, and name those that differ.

    Of each domain the side that owns it is right; a row is missing, extra or differs on the other
    one. Both databases read their tables once and answer with fingerprints; only where these differ
    are rows looked at, again and again until it is clear that they have not just changed. While
    `sync run` carries changes over, what it has not yet applied is waited for. Otherwise rows that
    changed after the last copy, or the last `run --once`, are differences. Rows that are in
    bridge_quarantine (for domains that the native side owns: strangler.bridge_quarantine of the
    legacy database) are known to differ, and counted apart.

    \b
    Settings: STRANGLER_LEGACY_DATABASE_URL (read only), STRANGLER_DATABASE_URL
    Exit codes: 0 equal, 1 rows differ, 2 cannot run.
    Example: strangler sync verify --domain downloads
    """
    report = _ran(as_json, domain, lambda watch: verify_domains(*urls(), mappings(domain), watch))
    click.echo(json.dumps(verify_summary(report)) if as_json else _verify_text(report))
    sys.exit(0 if report.equal else 1)


@sync.command()
@_domain
@_json
@click.option("--dry-run", is_flag=True, help="Only say which rows would be copied again.")
def repair(domain: str | None, as_json: bool, dry_run: bool) -> None:
    """Find the rows that differ, copy these again from their owner, and compare them once more.

    All of those that the legacy side owns are written in one transaction of the native database,
    all of those that the native side owns in one of the legacy database. Other rows, and the
    owner's, are not touched.

    \b
    Settings: STRANGLER_LEGACY_DATABASE_URL (read only, unless the native side owns a domain),
    STRANGLER_DATABASE_URL
    Exit codes: 0 both sides equal now, 1 rows remain different, 2 cannot run (nothing changed, but
    where the message says so: a commit waits a minute for a synchronous standby at most).
    Example: strangler sync repair --domain downloads --dry-run
    """

    def work(watch: Watch) -> RepairReport:
        return repair_domains(*urls(), mappings(domain), watch, dry_run=dry_run)

    report = _ran(as_json, domain, work)
    click.echo(json.dumps(repair_summary(report)) if as_json else _repair_text(report))
    sys.exit(0 if report.equal else 1)


def _ran(as_json: bool, domain: str | None, work: Callable[[Watch], Report]) -> Report:
    with ending(as_json), watching() as watch:
        require_travelling(urls()[1], domain)
        report = work(watch)
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    return report


def verify_summary(report: VerifyReport) -> dict[str, Any]:
    return {
        "ok": report.equal,
        "seconds": report.seconds,
        "started_at": report.started_at.isoformat(),
        "warnings": report.warnings,
        "tables": [_verified(table) for table in report.tables],
    }


def _verified(table: VerifiedTable) -> dict[str, Any]:
    return {
        **asdict(table),
        "owner": str(table.owner),
        "equal": table.equal,
        "as_of": table.as_of and table.as_of.isoformat(),
        "position": str(table.position),
    }


def repair_summary(report: RepairReport) -> dict[str, Any]:
    return {
        "ok": report.equal,
        "dry_run": report.dry_run,
        "seconds": report.seconds,
        "started_at": report.started_at.isoformat(),
        "warnings": report.warnings,
        "tables": [
            {**asdict(table), "equal": table.equal, "found": _verified(table.found)}
            for table in report.tables
        ],
    }


def _verify_text(report: VerifyReport) -> str:
    tables = report.tables
    lines = [_header(tables), *(_line(table, _width(tables)) for table in tables)]
    lines += [line for table in tables for line in (*_rows(table), *_notes(table))]
    lines += _since(tables)
    rows = sum(table.rows for table in tables)
    rate = rows / report.seconds if report.seconds else 0
    end = "equal" if report.equal else "NOT equal: see the rows above; `strangler sync repair`"
    return "\n".join([*lines, f"{rows} rows in {report.seconds:.1f} s ({rate:,.0f}/s): {end}"])


COLUMNS = ("rows", "missing", "extra", "differ", "known", "unclear")


def _width(tables: Sequence[VerifiedTable]) -> int:
    return max(24, *(len(table.native) + 1 for table in tables))


def _header(tables: Sequence[VerifiedTable]) -> str:
    names = "".join(f"{name:>9}" for name in COLUMNS)
    return f"{'table':<{_width(tables)}}{'owner':<8}{names}{'s':>8}"


def _line(table: VerifiedTable, width: int) -> str:
    kinds = [row.kind for row in table.differences]
    counts = (
        table.rows,
        *(kinds.count(kind) for kind in (MISSING, EXTRA, DIFFERS)),
        table.quarantined,
        len(table.unsettled),
    )
    numbers = "".join(f"{count:>9}" for count in counts)
    return f"{table.native:<{width}}{table.owner:<8}{numbers}{table.seconds:>8.2f}"


def _rows(table: VerifiedTable) -> Iterator[str]:
    yield from _differing(table.native, table.differences)
    for key in table.unsettled[:SHOWN_ROWS]:
        yield f"{_row(table.native, key)}: unclear, it changed whenever it was looked at"


def _differing(table: str, rows: Sequence[Difference]) -> Iterator[str]:
    for row in rows[:SHOWN_ROWS]:
        columns = f" in {', '.join(row.columns)}" if row.columns else ""
        yield f"{_row(table, row.key)}: {row.kind}{columns}"
    if len(rows) > SHOWN_ROWS:
        yield f"{table}: {len(rows) - SHOWN_ROWS} more rows; --json has all"


def _row(table: str, key: Any) -> str:
    return f"{table} {', '.join(f'{name}={value}' for name, value in key.items())}"


def _notes(table: VerifiedTable) -> Iterator[str]:
    if not table.complete:
        yield f"{table.native}: even more rows differ; repeat `strangler sync repair` until none do"
    if table.quarantined:
        place = _quarantine(table.owner)
        yield f"{table.native}: {table.quarantined} rows are known to differ, see {place}"


def _quarantine(owner: Owner) -> str:
    """Where rows are set apart that the replica does not take."""
    if owner is Owner.LEGACY:
        return "bridge_quarantine"
    return "strangler.bridge_quarantine in the legacy database"


def _since(tables: Sequence[VerifiedTable]) -> Iterator[str]:
    """Where no applier runs: until when changes were brought over."""
    differing = [table for table in tables if table.differences and not table.streaming]
    for owner, never in (
        (Owner.LEGACY, "never copied"),
        (Owner.NATIVE, "never carried to the legacy side"),
    ):
        owned = [table for table in differing if table.owner is owner]
        if names := [table.native for table in owned if table.as_of is None]:
            yield f"{never}: {', '.join(names)}"
        if times := [table.as_of for table in owned if table.as_of]:
            moment = f"{min(times):%Y-%m-%d %H:%M:%S %Z}"
            changed = f"{owner} rows changed" if owner is Owner.NATIVE else "rows changed"
            yield (f"no `strangler sync run` is running: {changed} since {moment} are among these")


def _repair_text(report: RepairReport) -> str:
    tables = [table.found for table in report.tables]
    lines = [_header(tables), *(_line(table, _width(tables)) for table in tables)]
    lines += [line for table in report.tables for line in _repaired(table, report.dry_run)]
    end = "equal now" if report.equal else "NOT equal: see the rows above"
    if report.dry_run:
        end = "nothing to repair" if report.equal else "dry run: nothing was changed"
    return "\n".join([*lines, *_since(tables), f"{report.seconds:.1f} s: {end}"])


def _repaired(table: RepairedTable, dry_run: bool) -> Iterator[str]:
    yield from _rows(table.found)
    yield from _notes(table.found)
    name = table.found.native
    if table.found.differences and not dry_run:
        yield (
            f"{name}: {table.inserted} rows inserted, {table.updated} updated,"
            f" {table.deleted} deleted"
        )
        yield from _refused(table)
        yield from (f"still: {line}" for line in _differing(name, table.remains))


def _refused(table: RepairedTable) -> Iterator[str]:
    name, rows = table.found.native, table.refused
    for row in rows[:SHOWN_ROWS]:
        yield f"{_row(name, row.key)} ({row.outcome}): {row.reason}"
    if len(rows) > SHOWN_ROWS:
        place = _quarantine(table.found.owner)
        yield f"{name}: {len(rows) - SHOWN_ROWS} more rows in {place}"
