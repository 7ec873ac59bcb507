"""Calendars, their events, and when these take place (behaviour/events.md §2)."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, SmallInteger, String, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Named, Record
from ported_domains.shared.columns import MarkupType, refers_to


def _not_negative(name: str) -> CheckConstraint:
    return CheckConstraint(column(name) >= 0, name=f"{name}_not_negative")


class Calendar(Keyed, Authored, Record):
    """`url` is where its events are imported from."""

    __tablename__ = "calendars"

    url: Mapped[str | None] = mapped_column(String(200))
    rss: Mapped[str | None] = mapped_column(String(200))
    embed: Mapped[str | None] = mapped_column(String(200))
    twitter: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(100))
    slug: Mapped[str] = mapped_column(String(50), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))


class EventCategory(Keyed, Named, Record):
    __tablename__ = "event_categories"

    calendar_id: Mapped[int | None] = mapped_column(refers_to(Calendar.id), index=True)


class EventLocation(Keyed, Record):
    __tablename__ = "event_locations"

    calendar_id: Mapped[int | None] = mapped_column(refers_to(Calendar.id), index=True)
    name: Mapped[str] = mapped_column(String(255))
    address: Mapped[str | None] = mapped_column(String(255))
    url: Mapped[str | None] = mapped_column(String(200))


class Event(Keyed, Authored, Record):
    """Found again by `uid` at the next import; nothing keeps that unique."""

    __tablename__ = "events"

    uid: Mapped[str | None] = mapped_column(String(200), index=True)
    title: Mapped[str] = mapped_column(String(200))
    calendar_id: Mapped[int] = mapped_column(refers_to(Calendar.id), index=True)
    description: Mapped[str]
    description_markup_type: Mapped[MarkupType]
    description_rendered: Mapped[str]
    venue_id: Mapped[int | None] = mapped_column(refers_to(EventLocation.id), index=True)
    featured: Mapped[bool] = mapped_column(index=True)


class EventCategoryAssociation(Keyed, Record):
    __tablename__ = "event_category_associations"
    __table_args__ = (UniqueConstraint("event_id", "eventcategory_id"),)

    event_id: Mapped[int] = mapped_column(refers_to(Event.id))
    eventcategory_id: Mapped[int] = mapped_column(refers_to(EventCategory.id), index=True)


class OccurringRule(Keyed, Record):
    """An event takes place once at most by such a rule."""

    __tablename__ = "occurring_rules"

    event_id: Mapped[int] = mapped_column(refers_to(Event.id), unique=True)
    dt_start: Mapped[datetime] = mapped_column(index=True)
    dt_end: Mapped[datetime]
    all_day: Mapped[bool]


class RecurringRule(Keyed, Record):
    """Every `interval` years (`frequency` 0), months (1), weeks (2) or days (3), from `begin` until
    `finish`. Rows with other frequencies exist. `duration_internal` is what `duration` says."""

    __tablename__ = "recurring_rules"
    __table_args__ = (_not_negative("interval"), _not_negative("frequency"))

    event_id: Mapped[int] = mapped_column(refers_to(Event.id), index=True)
    begin: Mapped[datetime]
    finish: Mapped[datetime]
    duration: Mapped[str] = mapped_column(String(50))
    duration_internal: Mapped[timedelta]
    interval: Mapped[int] = mapped_column(SmallInteger)
    frequency: Mapped[int] = mapped_column(SmallInteger)
    all_day: Mapped[bool]


class EventAlarm(Keyed, Authored, Record):
    """`trigger` is in hours before the event. Nothing sends them."""

    __tablename__ = "event_alarms"
    __table_args__ = (_not_negative("trigger"),)

    event_id: Mapped[int] = mapped_column(refers_to(Event.id), index=True)
    trigger: Mapped[int] = mapped_column(SmallInteger)
