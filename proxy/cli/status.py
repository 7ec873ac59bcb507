"""`strangler status`: per domain the phase that is wanted and the one it has, and its last copy."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from legacy_bridge.replication.connections import NATIVE
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError
from legacy_bridge.replication.records import LastCopy, last_copies
from migrations.upgrade import connect, pending
from ported_domains.registry import DOMAINS
from proxy.abilities import abilities
from proxy.ownership.phases import FOR_GOOD, Ability, Phase
from proxy.ownership.report import UNTOLD, Told, told
from proxy.ownership.standing import Placed, Standing, is_met, placed
from proxy.routing.config import DomainConfig, RoutingConfig
from proxy.routing.faults import RoutingError
from proxy.routing.parse import load
from proxy.routing.passed_on import unknown
from proxy.routing.table import RoutingTable
from proxy.settings import Settings


@dataclass(frozen=True, slots=True)
class Row:
    """One domain. `copied` is the oldest last copy of its tables, None if one never was copied.

    `owner` of its rows; the other fields are those of `report.Told`.
    """

    domain: str
    wanted: str
    has: str
    reason: str | None
    owner: str
    flipped_at: datetime | None
    flipped_by: str | None
    differing: int | None
    tables: int
    rows: int | None
    quarantined: int | None
    copied: datetime | None


Copies = dict[str, LastCopy]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def status(as_json: bool) -> None:
    """Show per domain the wanted and the actual phase, and how old its copied rows are.

    Exit codes: 0, or 1 where routing.yaml has faults, the native database cannot be read or is not
    up to date, or rows were left out of a copy.
    """
    settings = Settings.load()
    able = abilities(settings)
    try:
        config, faults = load(settings.routing, able), []
    except RoutingError as error:
        config, faults = RoutingConfig(version=1), str(error).splitlines()
    copies, uncopied = _copies(settings)
    ownership, unowned = _ownership(settings)
    trouble = _behind(settings) or uncopied or unowned
    standings = [_standing(name, config, copies, ownership.get(name, UNTOLD)) for name in DOMAINS]
    warnings = _warnings(settings, config, able)
    if as_json:
        database = trouble or ("reachable" if settings.database_url else "not set")
        report = {
            "domains": standings,
            "routing_faults": faults,
            "database": database,
            "warnings": warnings,
        }
        click.echo(json.dumps(report, default=_plain))
    else:
        _show(standings, faults, trouble)
        for warning in warnings:
            click.echo(warning)
        if settings.database_url is None:
            click.echo("STRANGLER_DATABASE_URL is not set: everything is forwarded.")
    quarantined = any(standing.quarantined for standing in standings)
    sys.exit(1 if faults or trouble or quarantined else 0)


def _warnings(settings: Settings, config: RoutingConfig, able: Mapping[str, Ability]) -> list[str]:
    """Of the whole file."""
    if settings.legacy_manifest is not None:
        return []
    ported = [name for name, ability in able.items() if ability.lacking is None]
    found = unknown(RoutingTable.build(config), ported)
    return [
        f"{settings.routing}:{each.rule.line}: {each.rule.path} {each.message} — {each.remedy}"
        for each in found
    ]


def _standing(name: str, config: RoutingConfig, copies: Copies, known: Told) -> Row:
    """A domain that routing.yaml does not name is the legacy site's."""
    found = config.domains.get(name)
    has, wanted = Placed(Phase.LEGACY), Placed(Phase.LEGACY)
    reason = None
    if found:
        has = placed(found.phase, found.held, found.weight, known.standing)
        wanted = Placed(found.phase, found.weight or 0.0)
        reason = _reason(found, has, wanted, known)
    tables = [mapping.native for mapping in DOMAINS[name].mapping]
    done = [copies[table] for table in tables if table in copies]
    complete = bool(done) and len(done) == len(tables)
    return Row(
        domain=name,
        wanted=str(wanted) if found else "-",
        has=str(has),
        reason=f"{reason}; the last attempt: {known.trouble}"
        if reason and known.trouble and known.trouble != reason
        else reason,
        owner=str(known.owner),
        flipped_at=known.flipped_at,
        flipped_by=known.flipped_by,
        differing=known.differing,
        tables=len(tables),
        rows=sum(copy.rows_read for copy in done) if complete else None,
        quarantined=sum(copy.quarantined for copy in done) if complete else None,
        copied=min(copy.snapshot_at for copy in done) if complete else None,
    )


def _copied(row: Row) -> str:
    if row.copied is None:
        return "never" if row.tables else "-"
    return row.copied.isoformat(" ", "seconds")


def _reason(found: DomainConfig, has: Placed, wanted: Placed, known: Told) -> str | None:
    """Why a domain is not where the file wants it."""
    if is_met(wanted, has):
        return None
    if has.phase is Phase.RETIRED:
        return FOR_GOOD
    if found.hold is not None:
        return found.hold.reason
    unlet = placed(found.phase, found.held, found.weight, Standing(known.owner))
    if str(unlet) != str(has) and known.trouble:
        return known.trouble
    if str(unlet) != str(has):
        return "it is not let so far yet"
    return f"its rows are the {known.owner} side's until they are handed over"


def _behind(settings: Settings) -> str | None:
    """Which migrations the native database lacks, or what kept us from reading that."""
    url = settings.plain("database_url")
    if url is None:
        return None
    try:
        with connect(url) as native:
            missing = [step.revision for step in pending(native)]
    except BridgeError as error:
        return str(error)
    except DBAPIError as error:
        said = " ".join(str(error.orig).split())
        return f"{NATIVE} does not tell which migrations it has: {said}"
    return f"{NOT_UP_TO_DATE} (it lacks {', '.join(missing)})" if missing else None


def _copies(settings: Settings) -> tuple[Copies, str | None]:
    """The last copy of each table, and what kept us from reading that."""
    url = settings.plain("database_url")
    if url is None:
        return {}, None
    try:
        return {copy.table_name: copy for copy in last_copies(url)}, None
    except BridgeError as error:
        return {}, str(error)


def _ownership(settings: Settings) -> tuple[dict[str, Told], str | None]:
    url = settings.plain("database_url")
    if url is None:
        return {}, None
    tables = {name: [m.native for m in domain.mapping] for name, domain in DOMAINS.items()}
    try:
        return told(url, tables), None
    except BridgeError as error:
        return {}, str(error)


def _show(standings: list[Row], faults: list[str], trouble: str | None) -> None:
    console = Console()
    table = Table(
        "domain", "wanted", "has", "tables", "rows", "left out", "copied", "differing", "last flip"
    )
    for one in standings:
        table.add_row(
            one.domain,
            one.wanted,
            one.has,
            str(one.tables),
            "-" if one.rows is None else str(one.rows),
            "-" if one.quarantined is None else str(one.quarantined),
            _copied(one),
            "-" if one.differing is None else str(one.differing),
            "-" if one.flipped_at is None else one.flipped_at.isoformat(" ", "seconds"),
        )
    console.print(table)
    for one in standings:
        if one.reason:
            console.print(f"{one.domain}: {one.wanted} is held at {one.has}: {one.reason}")
    if trouble:
        console.print(trouble)
    if faults:
        console.print("routing.yaml has faults; a running proxy keeps the last good table:")
    for fault in faults:
        console.print(f"  {fault}", highlight=False)


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, Row) else value.isoformat()
