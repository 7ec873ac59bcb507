"""Numbers of rows that the admin adds before, while and after the native side adds some."""

from collections.abc import Iterator
from typing import LiteralString

import pytest

from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.sequences import GAP, STRAYS_FROM
from tests.legacy_bridge.replication.admin.bridged import NO_CONFLICTS, BridgedSite
from tests.legacy_bridge.replication.admin.editing import send

LEGACY, NATIVE = Owner
HALF = STRAYS_FROM["integer"]


@pytest.fixture
def site(bridged: BridgedSite) -> Iterator[BridgedSite]:
    """The legacy side owns the rows that are added."""
    bridged.hand_over(LEGACY, "downloads", "events")
    yield bridged
    bridged.settle()
    assert bridged.unequal("downloads", "events") == []
    assert bridged.conflicts() == NO_CONFLICTS


def in_admin(site: BridgedSite, name: str) -> int:
    """The number that an operating system gets that is added there."""
    page = f"{site.pages['downloads_os']}add/"
    assert send(site, page, site.form(page), {"name": [name], "slug": [name]}) == {}
    return number(site, LEGACY, name)


def natively(site: BridgedSite, name: str) -> int:
    site.at[NATIVE].execute(ADD, [name, name])
    return number(site, NATIVE, name)


def number(site: BridgedSite, side: Owner, name: str) -> int:
    query: LiteralString = "SELECT id FROM downloads_os WHERE name = %s"
    if side is NATIVE:
        query = "SELECT id FROM operating_systems WHERE name = %s"
    ((found,),) = site.at[side].execute(query, [name]).fetchall()
    return int(found)


ADD: LiteralString = """
INSERT INTO operating_systems (name, slug, created, updated) VALUES (%s, %s, now(), now())
"""


def test_rows_are_added_on_both_sides_by_turns(site: BridgedSite) -> None:
    """What the owner adds goes on from the largest number, the other side's are far above."""
    first = in_admin(site, "a1")
    stray = natively(site, "a2")
    assert first < HALF <= stray
    site.hand_over(NATIVE, "downloads")
    owners = natively(site, "a3")
    assert first + GAP < owners < HALF
    astray = in_admin(site, "a4")
    assert astray >= HALF
    assert astray != stray
    site.hand_over(LEGACY, "downloads")
    last = in_admin(site, "a5")
    assert owners + GAP < last < HALF
    site.settle()
    assert number(site, NATIVE, "a5") == last
    assert number(site, LEGACY, "a2") == stray


def test_numbers_of_transactions_that_came_to_nothing_and_of_rows_that_went(
    site: BridgedSite,
) -> None:
    site.hand_over(NATIVE, "downloads")
    kept = natively(site, "b1")
    with site.at[NATIVE].transaction(force_rollback=True):
        given_up = natively(site, "b2")
    deleted = natively(site, "b3")
    site.at[NATIVE].execute("DELETE FROM operating_systems WHERE name = 'b3'")
    assert kept < given_up < deleted
    site.hand_over(LEGACY, "downloads")
    assert deleted < in_admin(site, "b4") < HALF


def test_a_table_without_rows(site: BridgedSite) -> None:
    """Its numbers go on as well: links to rows that are gone must not lead to others."""
    site.at[LEGACY].execute("DELETE FROM events_alarm")
    site.hand_over(NATIVE, "events")
    add: LiteralString = """
        INSERT INTO event_alarms (created, updated, event_id, trigger)
        SELECT now(), now(), min(id), 24 FROM events RETURNING id
    """
    ((added,),) = site.at[NATIVE].execute(add).fetchall()
    assert 0 < added < HALF
    site.hand_over(LEGACY, "events")
    page = f"{site.pages['events_alarm']}add/"
    form = site.form(page)
    ((event,),) = site.at[LEGACY].execute("SELECT min(id)::text FROM events_event").fetchall()
    assert send(site, page, form, {"event": [event], "trigger": ["12"]}) == {}
    found = site.at[LEGACY].execute("SELECT id FROM events_alarm ORDER BY id").fetchall()
    assert found[0] == (added,)
    assert added < found[1][0] < HALF
