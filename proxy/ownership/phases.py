"""The phases of a domain and who answers in each: contract.md, "Phases", as one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Phase(StrEnum):
    """How far a domain has moved, in the order of its way from legacy to retired."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    CANARY = "canary"
    READS = "reads"
    NATIVE = "native"
    RETIRED = "retired"


class Side(StrEnum):
    """Who answers a request."""

    LEGACY = "legacy"
    NATIVE = "native"


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

ANSWERS: Mapping[Phase, tuple[Side, Side]] = MappingProxyType(
    {
        # phase: (safe methods, other methods)
        Phase.LEGACY: (Side.LEGACY, Side.LEGACY),
        Phase.SHADOW: (Side.LEGACY, Side.LEGACY),
        # Visitors outside the weight. Those inside are answered as in `reads` (canary.py).
        Phase.CANARY: (Side.LEGACY, Side.LEGACY),
        Phase.READS: (Side.NATIVE, Side.LEGACY),
        Phase.NATIVE: (Side.NATIVE, Side.NATIVE),
        Phase.RETIRED: (Side.NATIVE, Side.NATIVE),
    }
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A wanted phase is not carried out: `phase` is what holds instead, and `reason` says why."""

    phase: Phase
    reason: str


@dataclass(frozen=True, slots=True)
class Ability:
    """What a domain can do natively, as far as its phase depends on it.

    `shares_rows`: its pages write the legacy database, so that there is nothing to carry back.
    `lacking`: why its pages cannot be answered natively at all.
    """

    shares_rows: bool = False
    lacking: str | None = None


PLAIN = Ability()

_LEGACY_OWNS = "its rows are the legacy side's until they are handed over, and writes go there"
_NOT_RETIRED = "that is for good, so that the file alone does not do it — run `strangler retire`"

HELD: Mapping[Phase, Hold] = MappingProxyType(
    {
        Phase.NATIVE: Hold(Phase.READS, _LEGACY_OWNS),
        Phase.RETIRED: Hold(Phase.READS, _NOT_RETIRED),
    }
)


_SHARED = "its rows are in the legacy database until the last domain is retired"


def hold_of(phase: Phase, ability: Ability = PLAIN) -> Hold | None:
    """What keeps a domain from the phase that is wanted; None if nothing does."""
    if ability.lacking is not None and phase is not Phase.LEGACY:
        return Hold(Phase.LEGACY, ability.lacking)
    if ability.shares_rows and phase is Phase.NATIVE:
        return None
    if ability.shares_rows and phase is Phase.RETIRED:
        return Hold(Phase.NATIVE, _SHARED)
    return HELD.get(phase)


def held(phase: Phase, ability: Ability = PLAIN) -> Phase:
    """The phase that a domain has when `phase` is wanted, and it is not retired."""
    hold = hold_of(phase, ability)
    return hold.phase if hold else phase


FOR_GOOD = (
    "it is retired, for good: replication has ended, and the legacy side's rows are those of that "
    "moment, so that no phase leads back"
)


def barred(has: Phase, wanted: Phase) -> str | None:
    """Why no edit, flip or rollback leads from a phase to another one; None where the gates and the
    rows decide. Only `strangler retire` leads to `retired`, and nothing leads away."""
    if has is Phase.RETIRED:
        return None if wanted is Phase.RETIRED else FOR_GOOD
    return _NOT_RETIRED if wanted is Phase.RETIRED else None


def up_to(one: Phase, other: Phase) -> Phase:
    """The one of both that lets the native side answer less."""
    return one if _ORDER[one] <= _ORDER[other] else other


_ORDER: Mapping[Phase, int] = {phase: number for number, phase in enumerate(Phase)}


def side(phase: Phase, method: str, pinned: bool) -> Side:
    """Who answers in a phase that is `held`. A method counts as sent: `get` is not `GET`."""
    if pinned:
        return Side.LEGACY
    safe, other = ANSWERS[phase]
    return safe if method in SAFE_METHODS else other
