"""Asking for a phase: routing.yaml is edited, and what follows is waited for.

What `strangler flip`, `rollback` and the console's buttons do. The file is the wish; who carries it
out is the reconciler of whichever replica leads.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import LiteralString

from psycopg import errors

from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.ends import End, Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.one_way import directed_pairs
from legacy_bridge.replication.owners import Owner, read_owners
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.standbys import hanging, limited_sessions
from proxy.abilities import abilities, movable, native_tables
from proxy.ownership import store
from proxy.ownership.draining import mark
from proxy.ownership.gates import judge
from proxy.ownership.letting import measure_by, refusals, target
from proxy.ownership.looking import objections
from proxy.ownership.phases import FOR_GOOD, Phase, barred, up_to
from proxy.ownership.standing import Placed, Standing, owner_for, placed
from proxy.ownership.store import Change
from proxy.routing.config import DomainConfig, RoutingConfig
from proxy.routing.editing import with_phase
from proxy.routing.parse import load, parse
from proxy.settings import Settings

POLL_SECONDS = 0.05
TIMEOUT_SECONDS = 30.0
NOBODY = "nobody carries out what routing.yaml wants — `strangler serve` does, with its bridge"
HANDING_OVER = (
    "look: streams, quarantine, differences",
    "fence: every worker holds requests that may write, and says so",
    "drain: what was written on the other side has arrived",
    "lock: whoever writes past the proxy waits; open transactions end",
    "drain: everything that the owner wrote has arrived",
    "count: as many rows on both sides",
    "number: the new owner's keys go on where the old one's are",
    "decide: one transaction",
    "release: held requests go to the new owner",
)


class ForGoodError(BridgeError):
    """The domain is retired."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for. `weight` in percent; `force`: although soft gates do not let it."""

    domain: str
    phase: Phase
    weight: float | None = None
    made_by: str = ""
    why: str = ""
    force: bool = False


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, and what is in the way now."""

    domain: str
    phase: str
    steps: tuple[str, ...]
    in_the_way: tuple[str, ...]
    note: str | None = None


def ask(settings: Settings, asking: Asking, timeout: float = TIMEOUT_SECONDS) -> Outcome:
    """Write it into routing.yaml and wait until it is so. Raises `BridgeError` or `RoutingError` if
    nothing was written."""
    began = time.monotonic()
    domain = asking.domain
    with connected(native_url(settings), NATIVE) as native:
        has = phase_of(native, domain, config_of(settings, domain))
        reason = barred(has.phase, asking.phase)
        if reason or has.phase is Phase.RETIRED:
            wanted = str(asking.phase)
            return Outcome(domain, wanted, str(has), done=not reason, reason=reason, seconds=0)
        _require_commits(settings, native, domain)
        last = store.last_change(native)
        with _alone(native):
            text, after = _wish(settings, native, asking)
        digest = sha256(text.encode()).hexdigest()
        reason = None
        while not (done := _is_so(native, after, asking, digest)):
            if reason := _refusal(native, domain, last):
                break
            if time.monotonic() - began > timeout:
                reason = _late(native, digest, timeout)
                break
            time.sleep(POLL_SECONDS)
        if done and after.hold is not None and domain not in movable():
            done, reason = False, after.hold.reason
        return Outcome(
            domain=domain,
            wanted=str(asking.phase),
            phase=str(phase_of(native, domain, after)),
            done=done,
            reason=reason,
            seconds=round(time.monotonic() - began, 3),
            pause_seconds=_pause(native, domain, last),
        )


def _require_commits(settings: Settings, native: Connection, domain: str) -> None:
    """Where a commit waits for a standby in vain, nothing is asked for. After this none waits: a
    wish whose record is there, but not in the file, would be half of one."""
    end, left = End(native_url(settings), NATIVE), f"{settings.routing} is as it was"
    with limited_sessions([(end, native)], lambda: left):
        mark(native, domain)
    native.execute("SET synchronous_commit = 'local'")


def config_of(settings: Settings, domain: str) -> DomainConfig:
    """What the file says of it. Raises `RoutingError`."""
    path = settings.routing
    config = load(path, abilities(settings))
    if domain not in config.domains:
        with_phase(path.read_text("utf-8"), domain, Phase.LEGACY)  # it says where and what to add
    return config.domains[domain]


def put_into_file(settings: Settings, native: Connection, domain: str, phase: Phase) -> None:
    """What is so already: nobody is to carry it out. Raises `OSError`, `RoutingError`."""
    path = settings.routing
    with _alone(native):
        _write(path, with_phase(path.read_text("utf-8"), domain, phase))


def _wish(settings: Settings, native: Connection, asking: Asking) -> tuple[str, DomainConfig]:
    """Writes it down and into the file: the text, and what it says of the domain."""
    known, path = abilities(settings), settings.routing
    before = load(path, known)
    text = with_phase(path.read_text("utf-8"), asking.domain, asking.phase, asking.weight)
    after = parse(text, known, str(path)).domains[asking.domain]
    number = _note(native, asking, before)
    try:
        _write(path, text)
    except OSError as error:
        store.take_back(native, number, f"{path} cannot be written: {error.strerror}")
        raise
    return text, after


@contextmanager
def _alone(native: Connection) -> Iterator[None]:
    """Of all who ask for a phase of any domain: each writes the whole file."""
    try:
        native.execute("SELECT pg_advisory_lock(hashtext('strangler routing.yaml'))")
    except errors.LockNotAvailable:
        raise BridgeError(
            "another process has been writing routing.yaml for too long: look who waits for what "
            "in pg_stat_activity of the native database, then repeat this"
        ) from None
    try:
        yield
    finally:
        native.execute("SELECT pg_advisory_unlock(hashtext('strangler routing.yaml'))")


def phase_before(settings: Settings, domain: str) -> tuple[Phase, float | None]:
    """What the domain was in before the last flip that was not taken back. Raises `BridgeError` if
    there is nothing to go back to, `ForGoodError` where nothing leads back."""
    with connected(native_url(settings), NATIVE) as native:
        if read_owners(native).of(domain).retired:
            raise ForGoodError(FOR_GOOD)
        rows = native.execute(_FLIPS, [domain]).fetchall()
    before = left_to_take_back(rows)
    if before is None:
        raise BridgeError(
            f"no flip of {domain} is on record that was not taken back: name the phase, "
            "`strangler flip`"
        )
    phase, _, weight = before.partition(" ")
    return Phase(phase), float(weight.removesuffix(" %")) if weight else None


def left_to_take_back(flips: Iterable[tuple[str, str]]) -> str | None:
    """Of flips (before, after) in their order: what one goes back to. A flip to where the domain
    came from takes back all steps since, whoever made it and however it was called."""
    steps: list[str] = []
    for before, after in flips:
        if after in steps:
            del steps[steps.index(after) :]
        else:
            steps.append(before)
    return steps[-1] if steps else None


_FLIPS: LiteralString = """
SELECT before, after FROM ownership_changes
WHERE domain = %s AND action = 'phase' AND result = 'done' AND before <> after ORDER BY id
"""


def plan(settings: Settings, asking: Asking) -> Plan:
    """Changes nothing. Raises `BridgeError`, `RoutingError`."""
    text = with_phase(
        settings.routing.read_text("utf-8"), asking.domain, asking.phase, asking.weight
    )
    config = parse(text, abilities(settings), str(settings.routing))
    domain = config.domains[asking.domain]
    with connected(native_url(settings), NATIVE) as native:
        has = phase_of(native, asking.domain, domain)
        if reason := barred(has.phase, asking.phase):
            return Plan(asking.domain, str(asking.phase), steps=(), in_the_way=(reason,))
        owner = read_owners(native).of(asking.domain).owner
        moves = asking.domain in movable() and owner is not owner_for(asking.phase)
        reasons = _gates_in_the_way(settings, native, config, asking)
        if moves:
            reasons += _rows_in_the_way(settings, native, asking)
    hold = domain.hold if not moves else None
    return Plan(
        domain=asking.domain,
        phase=str(asking.phase),
        steps=HANDING_OVER if moves else ("every worker takes it over within a second",),
        in_the_way=reasons,
        note=f"it would be held at {hold.phase}: {hold.reason}" if hold else None,
    )


def _gates_in_the_way(
    settings: Settings, native: Connection, config: RoutingConfig, asking: Asking
) -> tuple[str, ...]:
    let = store.read_phases(native).get(asking.domain)
    wanted = config.domains[asking.domain].phase
    if let is None or up_to(wanted, let.placed.phase) is wanted:
        return ()
    gates = config.gates_of(asking.domain)
    measure = measure_by(ends_of(settings), native_tables())
    measures = measure(native, asking.domain, let, gates)
    judged = judge(measures, let.placed.phase, wanted, gates)
    return refusals(judged, forced=asking.force)


def _rows_in_the_way(settings: Settings, native: Connection, asking: Asking) -> tuple[str, ...]:
    ends = ends_of(settings)
    with connected(ends.legacy_url, LEGACY) as legacy:
        wanted = {asking.domain: movable()[asking.domain]}
        pairs = directed_pairs(legacy, native, wanted, Direction.FORWARD)
    return objections(ends, pairs, owner_for(asking.phase), forced=asking.force)


def phase_of(native: Connection, domain: str, config: DomainConfig) -> Placed:
    """Where a domain is, as far as the databases know."""
    owner = read_owners(native).of(domain).owner if domain in movable() else Owner.LEGACY
    let = store.read_phases(native).get(domain)
    standing = Standing(owner, allowed=let.placed if let else None)
    return placed(config.phase, config.held, config.weight, standing)


def _is_so(native: Connection, domain: DomainConfig, asking: Asking, digest: str) -> bool:
    """Every worker has the file, and the phase and the rows are as it wants."""
    if store.behind(native, digest):
        return False
    name = asking.domain
    if name in movable() and read_owners(native).of(name).owner is not owner_for(asking.phase):
        return False
    let, wanted = store.read_phases(native).get(name), target(domain)
    if let is None:
        return not store.leads(native)
    there = let.placed.phase is wanted.phase and let.placed.weight == wanted.weight
    return there and not store.unaware(native, name, let.placed)


def _refusal(native: Connection, domain: str, last: int) -> str | None:
    row = native.execute(
        "SELECT reason FROM ownership_changes WHERE domain = %s AND id > %s"
        " AND action IN ('owner', 'let') AND result = 'refused' ORDER BY id DESC LIMIT 1",
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


def _late(native: Connection, digest: str, timeout: float) -> str:
    waits = hanging(native)
    hung = f"; in the native database {waits}" if waits else ""
    if not store.leads(native):
        return f"not done within {timeout:g} s: {NOBODY}{hung}"
    behind = store.behind(native, digest)
    row = native.execute(
        "SELECT reason FROM ownership_changes WHERE result <> 'done' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    why = f"; the last attempt: {row[0]}" if row else ""
    slow = f"; {', '.join(behind)} have another file in force" if behind else ""
    return f"not done within {timeout:g} s, and still tried{slow}{why}{hung}"


def _note(native: Connection, asking: Asking, before: RoutingConfig) -> int:
    """Who asked for it, before anybody sees the file. `force` counts until the next asking."""
    domain = before.domains[asking.domain]
    return store.write_change(
        native,
        Change(
            domain=asking.domain,
            action="phase",
            before=str(Placed(domain.phase, domain.weight or 0.0)),
            after=str(Placed(asking.phase, asking.weight or domain.weight or 0.0)),
            made_by=asking.made_by,
            why=asking.why,
            result="done",
            reason=store.FORCED if asking.force else "",
        ),
    )


def _write(path: Path, text: str) -> None:
    """In one step, so that nobody reads half of it; a link stays one."""
    real = path.resolve()
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=real.parent, prefix=f".{real.name}.", delete=False
    ) as beside:
        beside.write(text)
    fresh = Path(beside.name)
    try:
        fresh.chmod(real.stat().st_mode & 0o777)
        fresh.replace(real)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def native_url(settings: Settings) -> str:
    """Raises `SettingsError` where it is not set."""
    return settings.require("database_url", "who owns what is written down there")


def ends_of(settings: Settings) -> Ends:
    legacy_url = settings.require("legacy_database_url", "the legacy side's rows are there")
    return Ends(legacy_url, native_url(settings))
