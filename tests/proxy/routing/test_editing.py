"""A phase is written into routing.yaml; everything else in it stays as it was."""

import pytest

from proxy.ownership.phases import Phase
from proxy.routing.editing import with_phase
from proxy.routing.faults import RoutingError

BLOCK = """\
# who answers what
version: 1
domains:
  downloads:           # the files
    phase: legacy      # since May
    routes: [/downloads/**]
  users: {phase: "reads", routes: [/users/**]}
"""


def test_one_word_is_changed() -> None:
    assert with_phase(BLOCK, "downloads", Phase.NATIVE) == BLOCK.replace(
        "phase: legacy ", "phase: native "
    )
    assert with_phase(BLOCK, "users", Phase.LEGACY) == BLOCK.replace('"reads"', "legacy")


def test_a_weight_is_added_where_the_phase_is() -> None:
    assert with_phase(BLOCK, "downloads", Phase.CANARY, 12.5) == BLOCK.replace(
        "phase: legacy      # since May", "phase: canary      # since May\n    weight: 12.5"
    )
    assert with_phase(BLOCK, "users", Phase.CANARY, 5) == BLOCK.replace(
        '"reads"', "canary, weight: 5"
    )


def test_a_weight_that_is_there_is_changed() -> None:
    once = with_phase(BLOCK, "downloads", Phase.CANARY, 10)
    assert with_phase(once, "downloads", Phase.CANARY, 25) == once.replace(
        "weight: 10", "weight: 25"
    )


def test_the_last_line_needs_no_end() -> None:
    text = "version: 1\ndomains:\n  a:\n    phase: legacy"
    assert with_phase(text, "a", Phase.CANARY, 1) == (
        "version: 1\ndomains:\n  a:\n    phase: canary\n    weight: 1"
    )


def test_a_domain_that_is_not_there() -> None:
    with pytest.raises(RoutingError, match="the domain jobs has no phase here"):
        with_phase(BLOCK, "jobs", Phase.READS)


def test_what_cannot_be_edited_is_refused() -> None:
    text = "version: 1\ndomains:\n  a: &a {phase: legacy}\n  b: *a\n"
    with pytest.raises(RoutingError, match="cannot be edited for you"):
        with_phase(text, "b", Phase.READS)
