"""How a domain stands for an operator: what is wanted, what is, and what is between both. Pure."""

from dataclasses import dataclass
from datetime import datetime

from legacy_bridge.replication.owners import Owner
from proxy.console.reading.state import State
from proxy.ownership import standing as serving
from proxy.ownership.phases import FOR_GOOD, Phase
from proxy.ownership.standing import Placed, is_met, placed
from proxy.ownership.store import Let
from proxy.routing.config import DomainConfig

ANSWERING = (Phase.READS, Phase.NATIVE, Phase.RETIRED)
"""Phases in which the native side answers all who read."""
_LEFT = "routing.yaml does not name it any more, and its rows are still the native side's"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`wanted` is None for a domain that routing.yaml does not name. `since` it has what it has.
    `reason` says why that is not what is wanted. `fenced`: requests that may write wait now."""

    wanted: Placed | None
    has: Placed
    owner: Owner
    since: datetime | None
    reason: str | None
    fenced: bool

    @property
    def settled(self) -> bool:
        return self.wanted is None or is_met(self.wanted, self.has)

    @property
    def answers(self) -> bool:
        """Whether native pages are what visitors read."""
        return self.has.phase in ANSWERING


def stand(domain: str, config: DomainConfig | None, state: State | None) -> Standing:
    """Without a native database (`state` None) the file alone says what is."""
    owner = state.owners.of(domain).owner if state else Owner.LEGACY
    let = state.let.get(domain) if state else None
    wanted = None if config is None else _wanted(config)
    has = _has(config, owner, let)
    return Standing(
        wanted=wanted,
        has=has,
        owner=owner,
        since=_since(domain, owner, state, let),
        reason=_reason(domain, config, has, owner, state, let),
        fenced=bool(state and domain in state.fenced),
    )


def _wanted(config: DomainConfig) -> Placed:
    canary = config.phase is Phase.CANARY
    return Placed(config.phase, (config.weight or 0.0) if canary else 0.0)


def _has(config: DomainConfig | None, owner: Owner, let: Let | None) -> Placed:
    known = serving.Standing(owner, 0, None, let.placed if let else None)
    if config is None and not known.retired:
        return Placed(Phase.NATIVE if owner is Owner.NATIVE else Phase.LEGACY)
    if config is None:
        return Placed(Phase.RETIRED)
    return placed(config.phase, config.held, config.weight, known)


def _since(domain: str, owner: Owner, state: State | None, let: Let | None) -> datetime | None:
    """A domain whose rows are native is what it is since they are."""
    if state is not None and (owner is Owner.NATIVE or let is None):
        return state.owned_since.get(domain)
    return let.since if let else None


def _reason(
    domain: str,
    config: DomainConfig | None,
    has: Placed,
    owner: Owner,
    state: State | None,
    let: Let | None,
) -> str | None:
    if config is None:
        return _LEFT if owner is Owner.NATIVE else None
    if has.phase is Phase.RETIRED:
        return None if is_met(_wanted(config), has) else FOR_GOOD
    if let is not None and let.trouble and owner is Owner.LEGACY:
        return let.trouble
    if has.phase is config.phase:
        return None
    if let is not None and owner is Owner.LEGACY and has.phase is let.placed.phase:
        waits = "it has not been let further yet"
    else:
        waits = f"its rows are still the {owner} side's"
    reason = config.hold.reason if config.hold else waits
    trouble = state.troubles.get(domain) if state else None
    return f"{reason}; the last attempt: {trouble}" if trouble else reason
