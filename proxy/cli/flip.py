"""`strangler flip` and `rollback`: routing.yaml is edited, and what follows is waited for."""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import click

from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.one_way import directed_pairs
from legacy_bridge.replication.owners import Owner, read_owners
from legacy_bridge.replication.pairs import Direction
from proxy.abilities import abilities, movable
from proxy.ownership import store
from proxy.ownership.looking import objections
from proxy.ownership.phases import Phase
from proxy.ownership.standing import carried_out, owner_for
from proxy.ownership.store import Change
from proxy.routing.config import RoutingConfig
from proxy.routing.editing import with_phase
from proxy.routing.faults import RoutingError
from proxy.routing.parse import load, parse
from proxy.settings import Settings

POLL_SECONDS = 0.05
TIMEOUT_SECONDS = 30.0
STEPS = (
    "look: streams, quarantine, differences (below)",
    "fence: every worker holds requests that may write, and says so",
    "drain: what was written on the other side has arrived",
    "lock: whoever writes past the proxy waits; open transactions end",
    "drain: everything that the owner wrote has arrived",
    "count: as many rows on both sides",
    "number: the new owner's keys go on where the old one's are",
    "decide: one transaction",
    "release: held requests go to the new owner",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason` says why it was not done."""

    domain: str
    wanted: str
    phase: str
    done: bool
    reason: str | None
    seconds: float
    pause_seconds: float | None = None


@click.command()
@click.argument("domain")
@click.argument("phase", type=click.Choice([str(phase) for phase in Phase]))
@click.option("--weight", type=click.FloatRange(0, 100), help="Percent of visitors (canary).")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and what it would wait for.")
@click.option("--force", is_flag=True, help="Although rows are known to differ.")
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
    Exit codes: 0 done, 1 refused or not in time (the file keeps what was wanted), 2 cannot run.
    Example: strangler flip downloads native --why "parity for a week"
    """
    settings = Settings.load()
    try:
        if dry_run:
            _tell_plan(settings, domain, Phase(phase), as_json, force=force)
        outcome = _flip(settings, domain, Phase(phase), weight, timeout, why, force=force)
    except (BridgeError, RoutingError) as error:
        _cannot(error, as_json)
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
        before = _phase_before(settings, domain)
        outcome = _flip(settings, domain, before, None, timeout, why or "rollback", force=False)
    except (BridgeError, RoutingError) as error:
        _cannot(error, as_json)
    _tell(outcome, as_json)


def _flip(
    settings: Settings,
    domain: str,
    phase: Phase,
    weight: float | None,
    timeout: float,
    why: str,
    *,
    force: bool,
) -> Outcome:
    began = time.monotonic()
    known = abilities(settings)
    path = settings.routing
    before = load(path, known)
    text = with_phase(path.read_text("utf-8"), domain, phase, weight)
    after = parse(text, known, str(path))
    hold = after.domains[domain].hold
    with connected(_native_url(settings), NATIVE) as native:
        last = _last_change(native)
        _note(native, domain, before, phase, why, force=force)
        _write(path, text)
        reason = None
        while not (done := _is_so(native, settings, after, domain, phase)):
            if reason := _refusal(native, domain, last):
                break
            if time.monotonic() - began > timeout:
                reason = _late(native, text, timeout)
                break
            time.sleep(POLL_SECONDS)
        if done and hold is not None and domain not in movable():
            done, reason = False, hold.reason
        return Outcome(
            domain=domain,
            wanted=str(phase),
            phase=str(_phase(native, after, domain)),
            done=done,
            reason=reason,
            seconds=round(time.monotonic() - began, 3),
            pause_seconds=_pause(native, domain, last),
        )


def _is_so(
    native: Connection, settings: Settings, config: RoutingConfig, domain: str, phase: Phase
) -> bool:
    """Every worker has the file, and the rows have the owner that the phase wants."""
    digest = sha256(settings.routing.read_bytes()).hexdigest()
    if store.behind(native, digest):
        return False
    if domain not in movable():
        return True
    return read_owners(native).of(domain).owner is owner_for(phase)


def _phase(native: Connection, config: RoutingConfig, domain: str) -> Phase:
    placed = config.domains[domain]
    owner = read_owners(native).of(domain).owner if domain in movable() else Owner.LEGACY
    return carried_out(placed.phase, placed.held, owner)


def _refusal(native: Connection, domain: str, last: int) -> str | None:
    row = native.execute(
        "SELECT reason FROM ownership_changes WHERE domain = %s AND id > %s AND action = 'owner'"
        " AND result = 'refused' ORDER BY id DESC LIMIT 1",
        [domain, last],
    ).fetchone()
    return row[0] if row else None


def _pause(native: Connection, domain: str, last: int) -> float | None:
    row = native.execute(
        "SELECT pause_seconds FROM ownership_changes WHERE domain = %s AND id > %s"
        " AND action = 'owner' AND result = 'done' ORDER BY id DESC LIMIT 1",
        [domain, last],
    ).fetchone()
    return row[0] if row else None


def _late(native: Connection, text: str, timeout: float) -> str:
    behind = store.behind(native, sha256(text.encode()).hexdigest())
    row = native.execute(
        "SELECT reason FROM ownership_changes WHERE result <> 'done' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    why = f"; the last attempt: {row[0]}" if row else ""
    slow = f"; {', '.join(behind)} have another file in force" if behind else ""
    return f"not done within {timeout:g} s, and still tried{slow}{why}"


def _note(
    native: Connection,
    domain: str,
    before: RoutingConfig,
    phase: Phase,
    why: str,
    *,
    force: bool,
) -> None:
    """Who asked for it, before anybody sees the file. `force` counts until the next asking."""
    store.write_change(
        native,
        Change(
            domain=domain,
            action="phase",
            before=str(before.domains[domain].phase),
            after=str(phase),
            made_by=os.environ.get("STRANGLER_OPERATOR") or getuser(),
            why=why,
            result="done",
            reason=store.FORCED if force else "",
        ),
    )


def _phase_before(settings: Settings, domain: str) -> Phase:
    """Raises `BridgeError` if there is nothing to go back to."""
    with connected(_native_url(settings), NATIVE) as native:
        row = native.execute(
            "SELECT before FROM ownership_changes WHERE domain = %s AND action = 'phase'"
            " AND before <> after ORDER BY id DESC LIMIT 1",
            [domain],
        ).fetchone()
    if row is None:
        raise BridgeError(f"no flip of {domain} is on record: name the phase, `strangler flip`")
    return Phase(row[0])


def _last_change(native: Connection) -> int:
    row = native.execute("SELECT coalesce(max(id), 0) FROM ownership_changes").fetchone()
    assert row is not None  # noqa: S101  # an aggregate has one row
    return int(row[0])


def _write(path: Path, text: str) -> None:
    """In one step, so that nobody reads half of it; a link stays one."""
    real = path.resolve()
    beside = real.with_name(f".{real.name}.{os.getpid()}")
    beside.write_text(text, "utf-8")
    beside.chmod(real.stat().st_mode & 0o777)
    beside.replace(real)


def _native_url(settings: Settings) -> str:
    return settings.require("database_url", "who owns what is written down there")


def _tell_plan(
    settings: Settings, domain: str, phase: Phase, as_json: bool, *, force: bool
) -> NoReturn:
    """What `flip` would do, and whether anything is in the way now."""
    text = with_phase(settings.routing.read_text("utf-8"), domain, phase)
    config = parse(text, abilities(settings), str(settings.routing))
    native_url = _native_url(settings)
    legacy_url = settings.require("legacy_database_url", "the legacy side's rows are there")
    with connected(native_url, NATIVE) as native:
        owner = read_owners(native).of(domain).owner
        moves = domain in movable() and owner is not owner_for(phase)
        reasons: tuple[str, ...] = ()
        if moves:
            wanted = {domain: movable()[domain]}
            with connected(legacy_url, LEGACY) as legacy:
                pairs = directed_pairs(legacy, native, wanted, Direction.FORWARD)
            ends = Ends(legacy_url, native_url)
            reasons = objections(ends, pairs, owner_for(phase), forced=force)
    hold = config.domains[domain].hold
    steps = list(STEPS) if moves else ["every worker takes the new table over within a second"]
    if as_json:
        plan: dict[str, Any] = {"domain": domain, "phase": str(phase), "steps": steps}
        click.echo(json.dumps({**plan, "in_the_way": reasons}))
    else:
        click.echo("\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)))
        for reason in reasons:
            click.echo(f"in the way now: {reason}")
        if hold is not None and not moves:
            click.echo(f"it would be held at {hold.phase}: {hold.reason}")
    sys.exit(1 if reasons else 0)


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


def _cannot(error: Exception, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"done": False, "reason": str(error)}))
    click.echo(str(error), err=True)
    sys.exit(2)
