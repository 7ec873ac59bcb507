"""How a domain stands, as a worker knows it. Pure."""

from dataclasses import dataclass

from legacy_bridge.replication.owners import Owner
from proxy.ownership.phases import Phase


@dataclass(frozen=True, slots=True)
class Fence:
    """Requests that may write are held. `until` is in the terms of `time.monotonic`."""

    epoch: int
    until: float


@dataclass(frozen=True, slots=True)
class Standing:
    """`owner` of the rows since `epoch`."""

    owner: Owner = Owner.LEGACY
    epoch: int = 0
    fence: Fence | None = None


LEGACY_OWNS = Standing()


def carried_out(wanted: Phase, held: Phase, owner: Owner) -> Phase:
    """The phase that a domain has. `held` is what the installation can do of what is `wanted`.

    Whoever owns the rows takes the writes: until they are handed over, the file waits.
    """
    if owner is Owner.LEGACY:
        return held
    cannot = wanted in _NATIVE and held is Phase.LEGACY
    return held if cannot else Phase.NATIVE


_NATIVE = (Phase.NATIVE, Phase.RETIRED)


def owner_for(wanted: Phase) -> Owner:
    """Who has to own the rows for the phase that is wanted."""
    return Owner.NATIVE if wanted in _NATIVE else Owner.LEGACY
