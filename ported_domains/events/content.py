"""What the tag of the library `events` shows (behaviour/events.md §7)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ported_domains.events import models
from ported_domains.events.timing import Occurrence, RecurringRule, next_time
from ported_domains.shared.lasting import holds_for
from ported_domains.shared.markup_text import MarkupText

GOOD_SECONDS = 60
"""That a page with upcoming events is kept at most: no row tells when one begins."""

_events = models.Event.__table__.c
_calendars = models.Calendar.__table__.c
_single = models.OccurringRule.__table__.c
_recurring = models.RecurringRule.__table__.c

_UPCOMING = (
    select(
        _events.id,
        _events.title,
        _events.featured,
        _events.description,
        _events.description_markup_type,
        _events.description_rendered,
        _calendars.name.label("calendar_name"),
        _calendars.slug.label("calendar_slug"),
        _single.dt_start,
        _single.dt_end,
        _single.all_day,
    )
    .select_from(models.Event.__table__)
    .join(models.Calendar.__table__, _calendars.id == _events.calendar_id)
    .outerjoin(models.OccurringRule.__table__, _single.event_id == _events.id)
    # An event is there once for each rule that is not over, and its list as long, as on the
    # legacy site
    .outerjoin(models.RecurringRule.__table__, _recurring.event_id == _events.id)
    .where((_single.dt_start > bindparam("now")) | (_recurring.finish > bindparam("now")))
    .order_by(_single.dt_start.asc().nulls_last(), _events.id)
    .limit(bindparam("length"))
)
_UPCOMING_FEATURED = _UPCOMING.where(_events.featured)
_RULES = (
    select(
        _recurring.event_id,
        _recurring.begin,
        _recurring.finish,
        _recurring.duration_internal,
        _recurring.frequency,
        _recurring.interval,
        _recurring.all_day,
    )
    .where(_recurring.event_id.in_(bindparam("events", expanding=True)))
    .order_by(_recurring.id)
)


@dataclass(frozen=True, slots=True)
class Calendar:
    name: str
    slug: str

    def get_absolute_url(self) -> str:
        return f"/events/{self.slug}/"


@dataclass(frozen=True, slots=True)
class Event:
    """With the next time that it takes place, as of when it was asked for."""

    id: int
    title: str
    featured: bool
    description: MarkupText
    calendar: Calendar
    next_time: Occurrence | None

    def get_absolute_url(self) -> str:
        return f"{self.calendar.get_absolute_url()}{self.id}/"


def upcoming_events(
    session: Session, limit: int, only_featured: bool, now: datetime | None = None
) -> list[Event]:
    """At most `limit` events that have yet to begin, or whose series goes on: by the beginning of
    those that take place once, then the others. One with several rules may be there repeatedly."""
    holds_for(GOOD_SECONDS)
    now = now or datetime.now(UTC)
    asked = _UPCOMING_FEATURED if only_featured else _UPCOMING
    rows = session.execute(asked, {"now": now, "length": limit}).all()
    rules = _rules_of(session, {row.id for row in rows})
    return [_event(row, rules.get(row.id, ()), now) for row in rows]


def _rules_of(session: Session, events: Iterable[int]) -> Mapping[int, list[RecurringRule]]:
    rules: dict[int, list[RecurringRule]] = defaultdict(list)
    for event, begin, finish, *rest in session.execute(_RULES, {"events": sorted(events)}):
        rules[event].append(RecurringRule(begin.astimezone(UTC), finish.astimezone(UTC), *rest))
    return rules


def _event(row: Any, rules: Iterable[RecurringRule], now: datetime) -> Event:
    single = None
    if row.dt_start is not None:
        single = Occurrence(row.dt_start.astimezone(UTC), row.dt_end.astimezone(UTC), row.all_day)
    return Event(
        id=row.id,
        title=row.title,
        featured=row.featured,
        description=MarkupText(
            row.description, row.description_markup_type, row.description_rendered
        ),
        calendar=Calendar(row.calendar_name, row.calendar_slug),
        next_time=next_time(single, rules, now),
    )
