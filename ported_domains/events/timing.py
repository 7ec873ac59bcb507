"""When events take place (behaviour/events.md §3). Pure, and all in UTC.

A rule whose numbers make no series (an interval of 0, a frequency beyond those of iCalendar) takes
place at its beginning only; the legacy site fails there, or never ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dateutil.rrule import MONTHLY, YEARLY, rrule  # type: ignore[import-untyped]

_STEPS: Final = {
    2: timedelta(weeks=1),
    3: timedelta(days=1),
    4: timedelta(hours=1),
    5: timedelta(minutes=1),
    6: timedelta(seconds=1),
}
"""Frequencies that are equally far apart. Years (0) and months (1) are not."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an event takes place."""

    dt_start: datetime
    dt_end: datetime
    all_day: bool

    @property
    def single_day(self) -> bool:
        return self.dt_start.date() == self.dt_end.date()


@dataclass(frozen=True, slots=True)
class RecurringRule:
    """A series from `begin` until `finish`, each time for `duration`."""

    begin: datetime
    finish: datetime
    duration: timedelta
    frequency: int
    interval: int
    all_day: bool

    def next_after(self, now: datetime) -> Occurrence:
        """What comes after `now`; after the last of the series, a time that begins now."""
        start = self._start_after(now) or now
        return Occurrence(start, start + self.duration, self.all_day)

    def _start_after(self, now: datetime) -> datetime | None:
        first = self.begin.replace(microsecond=0)
        if first > now:
            return first if first <= self.finish else None
        if self.interval == 0:
            return None
        if step := _STEPS.get(self.frequency):
            step *= self.interval
            start = first + ((now - first) // step + 1) * step
            return start if start <= self.finish else None
        if self.frequency not in (YEARLY, MONTHLY):
            return None
        # Months without that day are left out, not shortened.
        series = rrule(self.frequency, first, self.interval, until=self.finish)
        start_after: datetime | None = series.after(now)
        return start_after


def next_time(
    single: Occurrence | None, recurring: Iterable[RecurringRule], now: datetime
) -> Occurrence | None:
    """The next time that an event begins, of its rules that are not over; None if all are."""
    times = [rule.next_after(now) for rule in recurring if rule.finish > now]
    if single is not None and single.dt_start > now:
        times.append(single)
    return min(times, key=lambda time: time.dt_start, default=None)
