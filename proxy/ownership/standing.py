"""How a domain stands, as a worker knows it. Pure."""

from dataclasses import dataclass

from legacy_bridge.replication.owners import Owner
from proxy.ownership.phases import Phase, up_to


@dataclass(frozen=True, slots=True)
class Fence:
    """Requests that may write are held. `until` is in the terms of `time.monotonic`."""

    epoch: int
    until: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A phase, and in canary the percent of visitors that the native side answers. `epoch`: since
    when, as a number; it stays the same while only the weight changes."""

    phase: Phase
    weight: float = 0.0
    epoch: int = 0

    def __str__(self) -> str:
        weight = f" {self.weight:g} %" if self.phase is Phase.CANARY else ""
        return f"{self.phase}{weight}"


@dataclass(frozen=True, slots=True)
class Standing:
    """`owner` of the rows since `epoch`. `allowed`: how far the domain has been let; where nobody
    has said, as far as the file wants."""

    owner: Owner = Owner.LEGACY
    epoch: int = 0
    fence: Fence | None = None
    allowed: Placed | None = None

    @property
    def retired(self) -> bool:
        return self.allowed is not None and self.allowed.phase is Phase.RETIRED


LEGACY_OWNS = Standing()
NEW = Standing(allowed=Placed(Phase.LEGACY))
"""Of a domain that is new in the file of an installation whose other domains are known."""
NOTHING_KNOWN = Standing(allowed=Placed(Phase.SHADOW))
"""While nobody could be asked: visitors are answered as before anything was moved."""


def placed(wanted: Phase, held: Phase, weight: float | None, standing: Standing) -> Placed:
    """Where a domain is now. `held` is what the installation can do of what is `wanted`.

    Whoever owns the rows takes the writes: until they are handed over, the file waits. Of two
    phases the lesser counts: the file can always take back, and only what was let goes forward. A
    retired domain stays so whatever is wanted or possible: the legacy side's rows are old.
    """
    if standing.retired:
        assert standing.allowed is not None  # noqa: S101  # it says so
        return standing.allowed
    if standing is NOTHING_KNOWN and wanted is Phase.RETIRED:
        return Placed(
            Phase.NATIVE
        )  # most likely it is, and no page at all is better than an old one
    if standing.owner is Owner.NATIVE:
        cannot = wanted in _NATIVE and held is Phase.LEGACY
        return Placed(held if cannot else Phase.NATIVE)
    allowed = standing.allowed
    if allowed is None:
        return Placed(held, weight or 0.0)
    phase = up_to(held, allowed.phase)
    return Placed(phase, _share(phase, held, weight, allowed), allowed.epoch)


def _share(phase: Phase, held: Phase, weight: float | None, allowed: Placed) -> float:
    if phase is not Phase.CANARY:
        return 0.0
    weights = [allowed.weight] if allowed.phase is Phase.CANARY else []
    if held is Phase.CANARY:
        weights.append(weight or 0.0)
    return min(weights)


def is_met(wanted: Placed, has: Placed) -> bool:
    """Whether a domain is where the file wants it: of a retired one `native` says the same."""
    as_retired = has.phase is Phase.RETIRED and wanted.phase in _NATIVE
    return as_retired or str(wanted) == str(has)


_NATIVE = (Phase.NATIVE, Phase.RETIRED)


def owner_for(wanted: Phase) -> Owner:
    """Who has to own the rows for the phase that is wanted."""
    return Owner.NATIVE if wanted in _NATIVE else Owner.LEGACY
