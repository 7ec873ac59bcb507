"""`strangler sync init` and `sync status`: the stream's beginning, and how it is doing."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import NoReturn

import click

from legacy_bridge.replication.beginning import Beginning, begin, check
from legacy_bridge.replication.init import Begun
from legacy_bridge.replication.lag import StreamStatus, stream_statuses
from legacy_bridge.replication.way_back import doubts
from ported_domains.registry import DOMAINS, mappings
from proxy.cli.progress import watching
from proxy.cli.sync import (
    copied_lines,
    ending,
    in_time,
    require_travelling,
    summary,
    sync,
    urls,
)


@sync.command()
@click.option("--check", "only_check", is_flag=True, help="Only say what is in the way.")
@click.option(
    "--domain",
    type=click.Choice(list(DOMAINS)),
    help="Only this domain and those whose rows it shows; without it, all.",
)
@click.option("--again", is_flag=True, help="Copy anew even if the stream could go on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def init(only_check: bool, domain: str | None, again: bool, as_json: bool) -> None:
    """Begin to follow the legacy database: publish its tables, make a slot, copy all rows.

    The copy shows the rows as they were when the slot was made, so that nothing is missed and
    nothing comes twice. Interrupted, it is run again, and goes on where it was. A stream that can
    go on is left as it is; one that cannot (its slot is gone, a table was added) is made anew.

    \b
    Settings: STRANGLER_LEGACY_DATABASE_URL, STRANGLER_DATABASE_URL. The legacy user needs
    REPLICATION, SELECT on the tables, and to own them or find the publication made; what is
    missing is named with the SQL that grants it.
    Exit codes: 0 done, 1 rows left out (--check: something is in the way), 2 cannot run.
    Example: strangler sync init --check
    """
    legacy_url, native_url = urls()
    wanted = mappings(domain)
    with ending(as_json):
        require_travelling(native_url, domain)
        if only_check:
            _tell_doubts(doubts(legacy_url, native_url, wanted))
            _tell_problems(check(legacy_url, native_url, wanted), as_json)
        with watching() as watch, in_time("what is copied stays: run `strangler sync init` again"):
            both = begin(legacy_url, native_url, wanted, watch, again=again)
    begun = both.forward
    for warning in begun.warnings:
        click.echo(f"warning: {warning}", err=True)
    _tell_doubts(both.back.doubts if both.back else ())
    for problem in both.no_way_back:
        click.echo(f"no way back yet: {problem}", err=True)
    click.echo(json.dumps(_both(both)) if as_json else _both_lines(both))
    sys.exit(0 if begun.report is None or begun.report.equal else 1)


def _tell_doubts(doubted: tuple[str, ...]) -> None:
    for doubt in doubted:
        click.echo(f"warning, of the way back: {doubt}", err=True)


def _tell_problems(problems: tuple[str, ...], as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"ok": not problems, "problems": problems}))
    else:
        click.echo("\n".join(problems) or "nothing is in the way of `strangler sync init`")
    sys.exit(1 if problems else 0)


def _begun(begun: Begun) -> dict[str, object]:
    stream = {
        "slot": begun.record.slot,
        "publication": begun.record.publication,
        "domains": begun.record.domains,
        "applied_lsn": begun.record.applied_lsn,
        "whole": begun.record.whole,
    }
    copied = summary(begun.report) if begun.report else None
    ok = begun.report is None or begun.report.equal
    return {"ok": ok, "stream": stream, "anew": begun.anew, "copied": copied}


def _both(both: Beginning) -> dict[str, object]:
    back = both.back and {
        "slot": both.back.record.slot,
        "made": both.back.made,
        "anew": both.back.anew,
        "missed": both.back.missed,
    }
    return {**_begun(both.forward), "back": back, "no_way_back": both.no_way_back}


def _both_lines(both: Beginning) -> str:
    lines = [_begun_lines(both.forward)]
    if both.back and both.back.made:
        lines.append(f"Native changes are kept in the slot {both.back.record.slot}.")
    if both.back and both.back.missed:
        lines.append(
            f"Changes to {', '.join(both.back.missed)}, which the native side owns, may be missing "
            f"on the legacy side ({both.back.anew}): run `strangler sync repair`."
        )
    return "\n".join(lines)


def _begun_lines(begun: Begun) -> str:
    if begun.report is None:
        return (
            f"The stream is there already (slot {begun.record.slot}, applied up to "
            f"{begun.record.applied_lsn}): go on with `strangler sync run`."
        )
    why = [f"The stream that was there is given up: {begun.anew}"] if begun.anew else []
    parts = "The copy was interrupted: its rows are of several moments until that is done."
    return "\n".join(
        [
            *why,
            copied_lines(begun.report),
            (
                f"Changes after {begun.record.applied_lsn} are kept for us in the slot "
                f"{begun.record.slot}: go on with `strangler sync run`."
            ),
            *([] if begun.record.whole else [parts]),
        ]
    )


@sync.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def status(as_json: bool) -> None:
    """Show how far each stream is behind, who applies it, and what stands in its way.

    Both lags, in bytes of the source's log and in seconds by its clock, grow while nobody
    applies. Exit codes: 0 in order, 1 no stream yet, rows in quarantine, something is broken or not
    there yet, 2 one of the databases cannot be asked.
    """
    legacy_url, native_url = urls()
    with ending(as_json):
        found = stream_statuses(legacy_url, native_url)
    if as_json:
        streams = [{**asdict(one), "healthy": one.healthy} for one in found]
        click.echo(json.dumps({"streams": streams}, default=datetime.isoformat))
    elif found:
        click.echo("\n\n".join(map(_status_lines, found)))
    else:
        click.echo("No stream yet: run `strangler sync init`.")
    sys.exit(0 if found and all(one.healthy for one in found) else 1)


def _status_lines(found: StreamStatus) -> str:
    left = "" if found.left_bytes is None else f", gives up after {_bytes(found.left_bytes)} more"
    quarantine = ", ".join(f"{table} {count}" for table, count in found.quarantined.items())
    lines = [
        ("stream", f"{found.name}: {', '.join(found.domains)}"),
        *([("retired", ", ".join(found.retired))] if found.retired else []),
        ("behind", f"{_bytes(found.lag_bytes)}, {found.lag_seconds:.1f} s"),
        ("applied", f"up to {found.applied_lsn}, at {found.applied_at:%Y-%m-%d %H:%M:%S %Z}"),
        ("", f"{found.transactions} transactions, {found.rows} rows since the copy"),
        ("slot", f"{found.slot}: the server keeps {_bytes(found.retained_bytes)}{left}"),
        ("applier", found.applier or "none: run `strangler sync run`"),
        *((("waits", found.waits),) if found.waits else ()),
        *(("standby", one) for one in found.standbys),
        ("quarantine", quarantine or "empty"),
    ]
    if found.conflicts:
        kept = ", ".join(f"{table} {count}" for table, count in found.conflicts.items())
        lines.append(("conflicts", f"{kept}: lost against the owner, see bridge_conflicts"))
    if found.copied_at is None:
        lines.append(("broken", "the first copy is not complete: run `strangler sync init`"))
    elif not found.whole:
        lines.append(("catching up", "rows are of several moments: the copy was interrupted"))
    if found.slot_fault:
        lines.append(("broken", f"the slot: {found.slot_fault}; run `strangler sync init`"))
    if found.fault:
        lines.append(("stopped", found.fault))
    return "\n".join(f"{name:<12}{text}" for name, text in lines)


def _bytes(count: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
