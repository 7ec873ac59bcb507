"""Upcoming events are those that were recorded of the real site, at the times recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from ported_domains.events.content import upcoming_events
from tests.ported_domains.golden import recorded
from tests.ported_domains.tag_sessions import session_of

pytestmark = pytest.mark.golden
PAGES = {one["url"]: one for one in recorded("/events/") if one["as"] == "anonymous"}
WHEN_RECORDED = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALL = 1000
BEGIN_SOON = """
UPDATE occurring_rules SET dt_start = now() + interval '1 hour', dt_end = now() + interval '1 day'
"""


@pytest.fixture(scope="module")
def session(whole_dataset_url: str) -> Iterator[Session]:
    with session_of(whole_dataset_url) as session:
        yield session


def test_all_that_have_yet_to_begin(session: Session) -> None:
    """The page of all events shows the same ones, as often, by their next time. The order of those
    that begin at the same time is left to chance there."""
    keys = [event["pk"] for event in PAGES["/events/"]["context"]["upcoming_events"]]
    events = upcoming_events(session, ALL, only_featured=False, now=WHEN_RECORDED)
    assert sorted(event.id for event in events) == sorted(keys)
    begins = {event.id: event.next_time.dt_start for event in events if event.next_time}
    times = [begins[key] for key in keys]
    assert times == sorted(times)


def test_each_at_its_next_time(session: Session) -> None:
    """The page of an event names the time a week later."""
    events = {
        event.get_absolute_url(): event
        for event in upcoming_events(session, ALL, only_featured=False, now=WHEN_RECORDED)
    }
    compared = 0
    for page in PAGES.values():
        if week_later := page.get("context", {}).get("next_7"):
            time = events[page["url"]].next_time
            assert time is not None
            assert (time.dt_start + timedelta(days=7)).isoformat() == week_later
            compared += 1
    assert compared == 22


def test_those_of_a_calendar_begin_in_this_order(session: Session) -> None:
    """Its page shows the first six."""
    compared = 0
    for page in PAGES.values():
        slug = page["url"].removeprefix("/events/").removesuffix("/")
        if page.get("template") == "events/event_list.html" and slug and "/" not in slug:
            events = upcoming_events(session, ALL, only_featured=False, now=WHEN_RECORDED)
            own = [event for event in events if event.calendar.slug == slug]
            assert len(own) == page["context"]["paginator"]["count"]
            assert [{"model": "events.event", "pk": event.id} for event in own[:6]] == (
                page["context"]["object_list"]
            )
            compared += 1
    assert compared == 6


def test_some_only(session: Session) -> None:
    events = upcoming_events(session, ALL, only_featured=False, now=WHEN_RECORDED)
    first = upcoming_events(session, 5, only_featured=False, now=WHEN_RECORDED)
    assert first == events[:5]
    featured = upcoming_events(session, ALL, only_featured=True, now=WHEN_RECORDED)
    assert featured == [event for event in events if event.featured]
    assert 0 < len(featured) < len(events)


def test_of_now_if_no_time_is_given(session: Session) -> None:
    """The data set's own events will all be over one day."""
    with session.begin_nested() as moved:
        session.execute(text(BEGIN_SOON))
        events = upcoming_events(session, 5, only_featured=False)
        assert [event.next_time is not None for event in events] == [True] * 5
        moved.rollback()
