"""Every model of Django's admin is edited while `sync run` runs, and every native row besides."""

import pytest

from tests.legacy_bridge.replication.admin import latencies, working
from tests.legacy_bridge.replication.admin.bridged import NO_CONFLICTS, BridgedSite
from tests.legacy_bridge.replication.admin.working import Work
from tests.legacy_bridge.replication.sides import MAPPINGS
from tests.longer import LONGER

pytestmark = LONGER

MODELS = 77
UNCHANGEABLE = {"sponsors_genericasset"}
"""All its fields are shown only: an asset is changed on the page of its kind."""
NEVER_ADDED = {
    # Made by signing up.
    "users_user",
    # The one row that says which year it is.
    "sponsors_sponsorshipcurrentyear",
    # Made with what they belong to.
    "sponsors_fileasset",
    "sponsors_imgasset",
    "sponsors_responseasset",
    "sponsors_textasset",
}


@pytest.fixture(scope="module")
def by_hand(bridged: BridgedSite) -> Work:
    return working.by_hand(bridged)


@pytest.fixture(scope="module")
def astray(by_hand: Work) -> Work:
    return working.astray(by_hand)


@pytest.fixture(scope="module")
def natively_owned(astray: Work) -> Work:
    return working.natively_owned(astray)


def test_every_model_that_has_a_form_is_edited(by_hand: Work) -> None:
    assert len(by_hand.site.pages) == MODELS
    assert by_hand.unchangeable.keys() == UNCHANGEABLE
    assert by_hand.edits.keys() - by_hand.added.keys() == NEVER_ADDED


def test_edits_in_the_admin_are_on_the_native_side(by_hand: Work) -> None:
    assert by_hand.site.unequal(*MAPPINGS) == []
    assert by_hand.site.conflicts() == NO_CONFLICTS


def test_stray_native_writes_are_on_the_legacy_side_and_edited_there(astray: Work) -> None:
    assert astray.site.conflicts() == NO_CONFLICTS


def test_the_same_when_the_native_side_owns_the_rows(natively_owned: Work) -> None:
    assert natively_owned.site.unequal(*MAPPINGS) == []
    assert natively_owned.site.conflicts() == NO_CONFLICTS


def test_changes_come_while_they_are_still_news(natively_owned: Work) -> None:
    """Printed with -s; `arrives` has the bound."""
    print(f"\n{latencies.table(natively_owned.seconds)}")
    counts = {what: len(found) for what, found in natively_owned.seconds.items()}
    edits, added = MODELS - len(UNCHANGEABLE), MODELS - len(UNCHANGEABLE) - len(NEVER_ADDED)
    assert list(counts.values()) == [edits, added, added, edits, edits, edits, edits]
