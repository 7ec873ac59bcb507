"""The time between two moments in words: "1 year, 3 months"."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

Plural = Callable[[str, str, int], str]
Now = Callable[[tzinfo | None], datetime]

_NO_BREAK = "\u00a0"
_UNITS = ("year", "month", "week", "day", "hour", "minute")
_LENGTHS = (
    timedelta(weeks=1),
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=1),
)
# February has no 29th here, in any year: so does Django count.
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def elapsed(moment: Any, other: Any, is_ahead: bool, plural: Plural, between: str, now: Now) -> str:
    """From `moment` to `other` (now, if `None`), or back if `is_ahead`: two neighbouring units."""
    start = _moment(moment)
    end = _moment(other) if other is not None else now(start.tzinfo if _is_aware(start) else None)
    if other is not None and _is_aware(start) and _is_aware(end):
        end = end.astimezone(start.tzinfo)
    if is_ahead:
        start, end = end, start
    gap = end - start
    if gap.days * 86400 + gap.seconds <= 0:
        return _worded("minute", 0, plural)
    counts = _counts(start, end)
    first = next((at for at, count in enumerate(counts) if count), None)
    if first is None:
        return _worded("minute", 0, plural)
    words = []
    for unit, count in list(zip(_UNITS, counts, strict=True))[first : first + 2]:
        if not count:
            break
        words.append(_worded(unit, count, plural))
    return between.join(words)


def _counts(start: datetime, end: datetime) -> list[int]:
    months = (end.year - start.year) * 12 + end.month - start.month
    if (end.day, end.time()) < (start.day, start.time()):
        months -= 1
    rest = end - (_later(start, months) if months else start)
    counts = list(divmod(months, 12))
    for length in _LENGTHS:
        counts.append(int(rest.total_seconds() // length.total_seconds()))
        rest -= counts[-1] * length
    return counts


def _later(start: datetime, months: int) -> datetime:
    years, month = divmod(start.month - 1 + months, 12)
    day = min(_MONTH_DAYS[month], start.day)
    return datetime(  # as aware as `start` is
        start.year + years,
        month + 1,
        day,
        start.hour,
        start.minute,
        start.second,
        tzinfo=start.tzinfo,
    )


def _worded(unit: str, count: int, plural: Plural) -> str:
    text = plural(f"%(num)d {unit}", f"%(num)d {unit}s", count) % {"num": count}
    return text.replace(" ", _NO_BREAK)


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001  # midnight, unaware


def _is_aware(value: datetime) -> bool:
    return value.utcoffset() is not None
