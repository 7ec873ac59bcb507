"""`strangler retire`: replication of a domain ends, for good."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import NoReturn

import click

from legacy_bridge.replication.connections import LEGACY, NATIVE, connected
from legacy_bridge.replication.copy import Domains
from legacy_bridge.replication.ends import End
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.standbys import limited
from ported_domains.registry import DOMAINS, mappings
from proxy.abilities import abilities_under, legacy_pages, manifest_of, movable
from proxy.asking import NOBODY, Plan, config_of, ends_of, native_url, phase_of, put_into_file
from proxy.cli.flip import cannot, operator, tell_plan
from proxy.cli.progress import watching
from proxy.ownership import store
from proxy.ownership.draining import NotNowError
from proxy.ownership.phases import Ability, Phase, hold_of
from proxy.ownership.retiring import STEPS, Ended, Order, Retirement, objections, refused
from proxy.routing.config import DomainConfig
from proxy.routing.faults import RoutingError
from proxy.routing.parse import load
from proxy.routing.passed_on import REMEDY, passed_on
from proxy.routing.placement import Placement
from proxy.routing.table import RoutingTable
from proxy.settings import Settings

TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.05
FOR_GOOD = (
    "{domain} will never go back to the legacy side: replication of its rows ends, and its legacy "
    "tables stay as they are then and refuse changes."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason` says why it was not done; `left`, what is to be done by somebody, each with how.
    `pause_seconds`: for so long writers of the domain waited; None where none did."""

    domain: str
    phase: str
    done: bool
    reason: str | None = None
    seconds: float = 0.0
    pause_seconds: float | None = None
    left: tuple[str, ...] = ()


@click.command()
@click.argument("domain", type=click.Choice(list(DOMAINS)))
@click.option("--yes", is_flag=True, help="It is known that nothing leads back.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and what it would wait for.")
@click.option("--timeout", default=TIMEOUT_SECONDS, show_default=True, help="Seconds for a stream.")
@click.option("--why", default="", help="For the record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def retire(domain: str, yes: bool, dry_run: bool, timeout: float, why: str, as_json: bool) -> None:
    """End replication for DOMAIN, which has to be in phase native. Nothing leads back.

    Everything written natively reaches the legacy side first, and both sides are compared; where
    anything is in the way it is said, and the domain stays native. From then on its rows are the
    native side's alone: its legacy tables keep what they had, and refuse changes. All other domains
    go on travelling. Interrupted, it is run again. Without --yes it asks, on a terminal.

    \b
    Settings: STRANGLER_ROUTING, STRANGLER_LEGACY_DATABASE_URL, STRANGLER_DATABASE_URL. The bridge's
    user needs TRIGGER on the legacy tables, and to own the publications.
    Exit codes: 0 done, 1 refused (the domain is native, as before), 2 cannot run, or a commit has
    waited a minute for a synchronous standby.
    Example: strangler retire downloads --dry-run
    """
    settings = Settings.load()
    order = Order(domain, operator(), why, timeout)
    try:
        plan = planned(settings, domain)
        if dry_run:
            tell_plan(plan, as_json)
        if not plan.in_the_way:
            _confirm(domain, yes)
        with _in_time(settings, domain):
            outcome = (
                _refused(settings, order, "; ".join(plan.in_the_way))
                if plan.in_the_way
                else _carried_out(settings, order)
            )
    except (BridgeError, OSError, RoutingError) as error:
        cannot(error, as_json)
    _tell(outcome, as_json)


def planned(settings: Settings, domain: str) -> Plan:
    """The steps, and what is in the way now. Changes nothing. Raises `BridgeError`,
    `RoutingError`."""
    config = config_of(settings, domain)
    with connected(native_url(settings), NATIVE) as native:
        has = phase_of(native, domain, config).phase
        reasons = tuple(_in_the_way(settings, domain, config, has, led=store.leads(native)))
    if not reasons and has is Phase.NATIVE:
        reasons = tuple(objections(ends_of(settings), _with_rows(), domain))
    again = has is Phase.RETIRED
    return Plan(
        domain=domain,
        phase=str(Phase.RETIRED),
        steps=STEPS[-2:] if again else STEPS,
        in_the_way=reasons,
        note="it is retired: only what is left of it would be done" if again else None,
    )


def _with_rows() -> Domains:
    return {name: tables for name, tables in mappings().items() if tables}


def _in_the_way(
    settings: Settings, domain: str, config: DomainConfig, has: Phase, *, led: bool
) -> Iterator[str]:
    """What the file and the domain itself have against it."""
    if domain not in movable():
        shared = hold_of(Phase.RETIRED, Ability(shares_rows=True))
        alone = "it has no rows of its own that travel: native is its last phase"
        yield shared.reason if shared and DOMAINS[domain].shares_rows else alone
        return
    if has is Phase.RETIRED:
        return
    if has is not Phase.NATIVE:
        yield f"it is in phase {has} — first `strangler flip {domain} native`"
    elif config.phase not in (Phase.NATIVE, Phase.RETIRED):
        yield f"routing.yaml wants {config.phase} — first `strangler flip {domain} native`"
    for route in config.routes:
        if route.pin is not None:
            yield (
                f"{settings.routing}:{route.line}: {route.path} is pinned to the legacy side, "
                "whose rows will be old — take the pin away, or give the path to a domain in "
                "phase legacy"
            )
    yield from _left_alone(settings, domain)
    if not led:
        yield NOBODY


def _left_alone(settings: Settings, domain: str) -> Iterator[str]:
    """What other apps have below its rules, which the legacy side answers until then."""
    manifest = manifest_of(settings)
    if manifest is None:
        return
    able = abilities_under(settings, manifest)
    table = RoutingTable.build(load(settings.routing, able), legacy_pages(manifest, able))
    for found in passed_on(table, Placement(table, manifest).patterns, [domain]):
        others = found.of_others()
        if others.pages:
            yield (
                f"{settings.routing}:{found.rule.line}: below {found.rule.path} the legacy site "
                f"alone has {others.shown}, and what is retired passes nothing on — {REMEDY}"
            )


def _confirm(domain: str, yes: bool) -> None:
    """Raises `click.UsageError` where nobody can be asked."""
    said = FOR_GOOD.format(domain=domain)
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{said} Give --yes to say that this is meant.")
    click.echo(said, err=True)
    if not click.confirm(f"Retire {domain}?", err=True):
        click.echo(f"{domain} is still in phase native: nothing was changed", err=True)
        sys.exit(1)


def _in_time(settings: Settings, domain: str) -> AbstractContextManager[None]:
    """No commit waits for long for a standby meanwhile."""
    urls = {NATIVE: native_url(settings), LEGACY: settings.plain("legacy_database_url")}
    left = f"`strangler status` tells whether {domain} is retired; then repeat this"
    return limited([End(url, what) for what, url in urls.items() if url], left=left)


def _carried_out(settings: Settings, order: Order) -> Outcome:
    began = time.monotonic()
    try:
        with watching() as watch:
            ended = Retirement(ends_of(settings), _with_rows(), order, watch).carry_out()
    except NotNowError as error:
        return _refused(settings, order, str(error), time.monotonic() - began)
    left = (*ended.left, *_told(settings, order, ended))
    return Outcome(
        domain=order.domain,
        phase=str(Phase.RETIRED),
        done=True,
        seconds=round(time.monotonic() - began, 3),
        pause_seconds=ended.pause,
        left=left,
    )


def _told(settings: Settings, order: Order, ended: Ended) -> Iterator[str]:
    """The file and the workers: what could not be done, each with its remedy."""
    domain = order.domain
    with connected(native_url(settings), NATIVE) as native:
        try:
            put_into_file(settings, native, domain, Phase.RETIRED)
        except (OSError, RoutingError) as error:
            yield f"{settings.routing} was not changed ({error}) — write phase: retired there"
        placed = store.read_phases(native)[domain].placed
        deadline = time.monotonic() + order.seconds
        while late := store.unaware(native, domain, placed):
            if time.monotonic() > deadline:
                yield f"{', '.join(late)} do not know of it yet: look whether they still run"
                return
            time.sleep(POLL_SECONDS)


def _refused(settings: Settings, order: Order, reason: str, seconds: float = 0.0) -> Outcome:
    """It is on record as well."""
    domain = order.domain
    with connected(native_url(settings), NATIVE) as native:
        refused(native, order, reason)
        phase = str(phase_of(native, domain, config_of(settings, domain)))
    return Outcome(domain, phase, done=False, reason=reason, seconds=round(seconds, 3))


def _tell(outcome: Outcome, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(asdict(outcome)))
    elif outcome.done:
        pause = outcome.pause_seconds
        held = "" if pause is None else f"; writes waited for {1000 * pause:.0f} ms"
        click.echo(f"{outcome.domain} is retired ({outcome.seconds:.1f} s{held})")
        for left in outcome.left:
            click.echo(f"left to do: {left}", err=True)
    else:
        click.echo(
            f"{outcome.domain} is still in phase {outcome.phase}: {outcome.reason}", err=True
        )
    sys.exit(0 if outcome.done else 1)
