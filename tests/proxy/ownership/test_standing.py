"""Which phase a domain has, by what the file wants, what is possible, and who owns the rows."""

import pytest

from legacy_bridge.replication.owners import Owner
from proxy.ownership.phases import Ability, Phase, held
from proxy.ownership.standing import carried_out, owner_for

HAS = {
    # wanted: (while the legacy side owns the rows, while the native side does)
    Phase.LEGACY: (Phase.LEGACY, Phase.NATIVE),
    Phase.SHADOW: (Phase.LEGACY, Phase.NATIVE),
    Phase.CANARY: (Phase.LEGACY, Phase.NATIVE),
    Phase.READS: (Phase.READS, Phase.NATIVE),
    Phase.NATIVE: (Phase.READS, Phase.NATIVE),
    Phase.RETIRED: (Phase.READS, Phase.NATIVE),
}


@pytest.mark.parametrize("wanted", Phase)
def test_whoever_owns_the_rows_takes_the_writes(wanted: Phase) -> None:
    has = tuple(carried_out(wanted, held(wanted), owner) for owner in Owner)
    assert has == HAS[wanted]


def test_a_domain_that_cannot_be_answered_natively_stays_with_the_legacy_side() -> None:
    lacking = held(Phase.NATIVE, Ability(lacking="no pages"))
    assert carried_out(Phase.NATIVE, lacking, Owner.NATIVE) is Phase.LEGACY


def test_who_has_to_own_the_rows() -> None:
    native = {phase for phase in Phase if owner_for(phase) is Owner.NATIVE}
    assert native == {Phase.NATIVE, Phase.RETIRED}
