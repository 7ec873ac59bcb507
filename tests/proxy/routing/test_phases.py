"""Who answers in each phase, as the contract's table has it, as far as this version goes."""

import pytest

from proxy.ownership.phases import HELD, Phase, Side, held, side

LEGACY, NATIVE = Side.LEGACY, Side.NATIVE

ANSWERED = {
    # wanted phase: (the phase in force, safe methods, other methods)
    Phase.LEGACY: (Phase.LEGACY, LEGACY, LEGACY),
    Phase.SHADOW: (Phase.LEGACY, LEGACY, LEGACY),
    Phase.CANARY: (Phase.LEGACY, LEGACY, LEGACY),
    Phase.READS: (Phase.READS, NATIVE, LEGACY),
    Phase.NATIVE: (Phase.READS, NATIVE, LEGACY),
    Phase.RETIRED: (Phase.READS, NATIVE, LEGACY),
}


def test_every_phase_is_listed() -> None:
    assert list(ANSWERED) == list(Phase)


@pytest.mark.parametrize("phase", Phase)
def test_sides(phase: Phase) -> None:
    in_force, safe, other = ANSWERED[phase]
    assert held(phase) is in_force
    assert held(held(phase)) is in_force
    assert (phase in HELD) is (in_force is not phase)
    for method in ("GET", "HEAD", "OPTIONS"):
        assert side(phase, method, pinned=False) is safe
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", ""):
        assert side(phase, method, pinned=False) is other


@pytest.mark.parametrize("phase", Phase)
def test_a_pin_is_legacy_in_every_phase(phase: Phase) -> None:
    assert side(phase, "GET", pinned=True) is LEGACY
    assert side(phase, "POST", pinned=True) is LEGACY
