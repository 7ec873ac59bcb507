"""Which phase a domain has: by what the file wants, what is possible, how far it was let, and who
owns the rows."""

import pytest

from legacy_bridge.replication.owners import Owner
from proxy.ownership.phases import FOR_GOOD, Ability, Phase, barred, held
from proxy.ownership.standing import (
    LEGACY_OWNS,
    NOTHING_KNOWN,
    Placed,
    Standing,
    is_met,
    owner_for,
    placed,
)

LEGACY, SHADOW, CANARY, READS, NATIVE, RETIRED = Phase
NATIVE_OWNS = Standing(Owner.NATIVE)

HAS = {
    # wanted: (while the legacy side owns the rows, while the native side does)
    LEGACY: (LEGACY, NATIVE),
    SHADOW: (SHADOW, NATIVE),
    CANARY: (CANARY, NATIVE),
    READS: (READS, NATIVE),
    NATIVE: (READS, NATIVE),
    RETIRED: (READS, NATIVE),
}


def phase(wanted: Phase, standing: Standing, ability: Ability | None = None) -> Phase:
    possible = held(wanted, ability) if ability else held(wanted)
    return placed(wanted, possible, 10.0, standing).phase


@pytest.mark.parametrize("wanted", Phase)
def test_whoever_owns_the_rows_takes_the_writes(wanted: Phase) -> None:
    assert (phase(wanted, LEGACY_OWNS), phase(wanted, NATIVE_OWNS)) == HAS[wanted]


def test_a_domain_that_cannot_be_answered_natively_stays_with_the_legacy_side() -> None:
    assert phase(NATIVE, NATIVE_OWNS, Ability(lacking="no pages")) is LEGACY


def test_who_has_to_own_the_rows() -> None:
    assert {one for one in Phase if owner_for(one) is Owner.NATIVE} == {NATIVE, RETIRED}


@pytest.mark.parametrize("wanted", [LEGACY, SHADOW, CANARY, READS])
@pytest.mark.parametrize("let", [LEGACY, SHADOW, CANARY, READS])
def test_the_file_takes_back_and_only_what_was_let_goes_forward(wanted: Phase, let: Phase) -> None:
    has = phase(wanted, Standing(allowed=Placed(let, 10.0, 7)))
    assert has is min(wanted, let, key=list(Phase).index)


@pytest.mark.parametrize(
    ("wanted", "weight", "let", "share"),
    [
        (CANARY, 20.0, Placed(CANARY, 5.0), 5.0),
        (CANARY, 5.0, Placed(CANARY, 20.0), 5.0),
        (CANARY, 5.0, Placed(READS), 5.0),
        (READS, None, Placed(CANARY, 20.0), 20.0),
        (CANARY, 5.0, Placed(SHADOW), 0.0),
        (READS, None, Placed(READS), 0.0),
    ],
)
def test_the_lesser_weight_counts(
    wanted: Phase, weight: float | None, let: Placed, share: float
) -> None:
    assert placed(wanted, held(wanted), weight, Standing(allowed=let)).weight == share


def test_until_somebody_says_how_far_the_file_counts() -> None:
    assert placed(CANARY, CANARY, 10.0, LEGACY_OWNS) == Placed(CANARY, 10.0)


RETIRED_SINCE = Standing(Owner.NATIVE, allowed=Placed(RETIRED, epoch=7))


@pytest.mark.parametrize("wanted", Phase)
@pytest.mark.parametrize("ability", [Ability(), Ability(lacking="a setting"), Ability(True)])
def test_retired_is_for_good(wanted: Phase, ability: Ability) -> None:
    """Whatever the file wants, and though the domain could not be answered natively any more."""
    assert phase(wanted, RETIRED_SINCE, ability) is RETIRED
    assert is_met(Placed(wanted), Placed(RETIRED)) is (wanted in (NATIVE, RETIRED))
    assert barred(RETIRED, wanted) == (None if wanted is RETIRED else FOR_GOOD)


@pytest.mark.parametrize("has", [LEGACY, SHADOW, CANARY, READS, NATIVE])
def test_only_the_command_retires(has: Phase) -> None:
    reason = barred(has, RETIRED)
    assert reason is not None
    assert reason.endswith("run `strangler retire`")
    assert [barred(has, wanted) for wanted in Phase if wanted is not RETIRED] == [None] * 5
    assert not is_met(Placed(RETIRED), Placed(has))


def test_the_file_may_say_what_nobody_can_be_asked_for() -> None:
    """The legacy side's rows may be old: rather no page than one of them."""
    assert phase(RETIRED, NOTHING_KNOWN) is NATIVE
    assert phase(NATIVE, NOTHING_KNOWN) is SHADOW
