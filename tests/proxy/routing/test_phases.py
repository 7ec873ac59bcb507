"""Who answers in each phase, as the contract's table has it, as far as this version goes."""

import pytest

from proxy.ownership.phases import HELD, PLAIN, Ability, Phase, Side, held, hold_of, side

LEGACY, NATIVE = Side.LEGACY, Side.NATIVE

ANSWERED = {
    # wanted phase: (the phase in force, safe methods, other methods)
    Phase.LEGACY: (Phase.LEGACY, LEGACY, LEGACY),
    Phase.SHADOW: (Phase.SHADOW, LEGACY, LEGACY),
    Phase.CANARY: (Phase.CANARY, LEGACY, LEGACY),  # visitors that were not chosen
    Phase.READS: (Phase.READS, NATIVE, LEGACY),
    Phase.NATIVE: (Phase.READS, NATIVE, LEGACY),
    Phase.RETIRED: (Phase.READS, NATIVE, LEGACY),
}


def test_every_phase_is_listed() -> None:
    assert list(ANSWERED) == list(Phase)


SHARING = Ability(shares_rows=True)
LACKING = Ability(shares_rows=True, lacking="STRANGLER_LEGACY_SECRET_KEY is not set")
ABLE = {
    # what a domain is able to: the phases in force that differ from the table above
    PLAIN: {},
    SHARING: {Phase.NATIVE: Phase.NATIVE, Phase.RETIRED: Phase.NATIVE},
    LACKING: dict.fromkeys(list(Phase)[1:], Phase.LEGACY),
}


@pytest.mark.parametrize("phase", Phase)
def test_sides(phase: Phase) -> None:
    in_force, safe, other = ANSWERED[phase]
    assert held(phase) is in_force
    assert held(held(phase)) is in_force
    assert (phase in HELD) is (in_force is not phase)
    for method in ("GET", "HEAD", "OPTIONS"):
        assert side(in_force, method, pinned=False) is safe
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", ""):
        assert side(in_force, method, pinned=False) is other


@pytest.mark.parametrize("ability", ABLE)
@pytest.mark.parametrize("phase", Phase)
def test_what_a_domain_is_able_to(ability: Ability, phase: Phase) -> None:
    in_force = ABLE[ability].get(phase, ANSWERED[phase][0])
    assert held(phase, ability) is in_force
    assert held(in_force, ability) is in_force
    hold = hold_of(phase, ability)
    assert (hold is None) is (in_force is phase)
    if hold is not None and phase in ABLE[LACKING] and ability is LACKING:
        assert hold.reason == LACKING.lacking


def test_writes_are_native_where_rows_are_shared() -> None:
    assert side(held(Phase.NATIVE, SHARING), "POST", pinned=False) is NATIVE


@pytest.mark.parametrize("phase", Phase)
def test_a_pin_is_legacy_in_every_phase(phase: Phase) -> None:
    assert side(phase, "GET", pinned=True) is LEGACY
    assert side(phase, "POST", pinned=True) is LEGACY
