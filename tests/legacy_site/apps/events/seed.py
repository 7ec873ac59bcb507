from datetime import UTC, datetime

from legacy_site.apps.cms.seeding import put
from legacy_site.apps.events.models import (
    Alarm,
    Calendar,
    Event,
    EventCategory,
    EventLocation,
    OccurringRule,
    RecurringRule,
)


def seed() -> None:
    conferences = put(
        Calendar,
        {"slug": "python-events-calendar"},
        name="Python Events Calendar",
        description="Conferences and workshops",
        rss="https://calendars.example.org/events.rss",
    )
    groups = put(
        Calendar,
        {"slug": "python-user-group-calendar"},
        name="Python User Group Calendar",
        description="Meetings of user groups",
    )
    conference = put(EventCategory, {"slug": "conference"}, name="Conference", calendar=conferences)
    meeting = put(EventCategory, {"slug": "meeting"}, name="Meeting", calendar=groups)
    hall = put(
        EventLocation,
        {"name": "Harbour Hall, Gothenburg, Sweden", "calendar": conferences},
        address="Kajen 3",
        url="https://hall.example.org/",
    )
    pub = put(EventLocation, {"name": "The Parrot, Leeds, UK", "calendar": groups})
    _once("PyCon Northern Lights", conferences, hall, conference, (2030, 6, 3), featured=True)
    _once("PyCon Northern Lights 2025", conferences, hall, conference, (2025, 6, 5))
    evening = _once("Lightning talks", groups, pub, meeting, (2030, 2, 12))
    put(Alarm, {"event": evening}, trigger=48)
    _every_week("Open evening", groups, pub, meeting)


def _event(title: str, calendar, venue, category, **values) -> Event:
    event = put(
        Event,
        {"title": title, "calendar": calendar},
        description=f"{title}: *everybody* is welcome.",
        venue=venue,
        uid=f"{title.lower().replace(' ', '-')}@calendars.example.org",
        **values,
    )
    event.categories.set([category])
    return event


def _once(title: str, calendar, venue, category, day: tuple[int, int, int], **values) -> Event:
    event = _event(title, calendar, venue, category, **values)
    put(
        OccurringRule,
        {"event": event},
        dt_start=datetime(*day, 9, tzinfo=UTC),
        dt_end=datetime(*day, 17, 30, tzinfo=UTC),
    )
    return event


def _every_week(title: str, calendar, venue, category) -> None:
    put(
        RecurringRule,
        {"event": _event(title, calendar, venue, category)},
        begin=datetime(2025, 1, 8, 18, tzinfo=UTC),
        finish=datetime(2035, 1, 3, 18, tzinfo=UTC),
        duration="3 hours",
        frequency=RecurringRule.Frequency.WEEKLY,
    )
