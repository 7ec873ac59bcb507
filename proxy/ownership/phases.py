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
        # Visitors outside the weight; no visitor is inside while canary is held at legacy.
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


_ONE_WAY = "rows are copied from legacy to native only, so writes must stay on the legacy side"

HELD: Mapping[Phase, Hold] = MappingProxyType(
    {
        Phase.SHADOW: Hold(Phase.LEGACY, "this version compares no answers yet"),
        Phase.CANARY: Hold(Phase.LEGACY, "this version does not divide visitors yet"),
        Phase.NATIVE: Hold(Phase.READS, _ONE_WAY),
        Phase.RETIRED: Hold(Phase.READS, _ONE_WAY),
    }
)


def held(phase: Phase) -> Phase:
    """The phase that holds when `phase` is wanted."""
    hold = HELD.get(phase)
    return hold.phase if hold else phase


def side(phase: Phase, method: str, pinned: bool) -> Side:
    """Who answers when `phase` is wanted. A method counts as sent: `get` is not the safe `GET`."""
    if pinned:
        return Side.LEGACY
    safe, other = ANSWERS[held(phase)]
    return safe if method in SAFE_METHODS else other
