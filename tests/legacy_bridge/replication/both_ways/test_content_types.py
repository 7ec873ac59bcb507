"""Content types that both sides have made, each with a number of its own."""

from collections.abc import Iterator

import pytest

from legacy_bridge.replication.beginning import begin
from legacy_bridge.replication.copy import Unwatched
from legacy_bridge.replication.owners import Owner
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, other
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import MAPPINGS, ask, run
from tests.longer import sampled

TABLES = {Owner.LEGACY: "django_content_type", Owner.NATIVE: "content_types"}


@pytest.fixture(params=sampled(Owner, short=1))
def owner(request: pytest.FixtureRequest) -> Owner:
    who: Owner = request.param
    return who


@pytest.fixture
def whole(
    stack: EmbeddedStack, legacy_template: str, native_template: str, owner: Owner
) -> Iterator[TwoWay]:
    """All tables of the bundled site, those of users owned by `owner`."""
    two = TwoWay(
        stack.create_database(f"types_legacy_{owner}", template=legacy_template),
        stack.create_database(f"types_native_{owner}", template=native_template),
    )
    begin(two.legacy, two.native, MAPPINGS, Unwatched())
    two.settle()
    if owner is Owner.NATIVE:
        two.hand_over("users", owner)
    yield two
    for url in (two.legacy, two.native):
        drop_slots(url)


def made(two: TwoWay, side: Owner) -> list[tuple[int]]:
    return ask(two.url(side), f"SELECT id FROM {TABLES[side]} WHERE app_label = 'polls'")


def test_the_owners_number_stays(whole: TwoWay, owner: Owner) -> None:
    """Django makes one for each model that it meets anew, with whatever number is next."""
    stray = other(owner)
    for side in Owner:
        run(
            whole.url(side),
            f"INSERT INTO {TABLES[side]} (app_label, model) VALUES ('polls', 'vote')",
        )
    ((number,),), ((lost,),) = made(whole, owner), made(whole, stray)
    assert number != lost
    whole.settle()
    whole.settle()
    assert made(whole, owner) == made(whole, stray) == [(number,)]
    assert whole.unequal(*MAPPINGS) == []
    ((table, key, _, _),) = whole.conflicts(owner)
    assert (table, key) == (TABLES[owner], {"id": lost})
