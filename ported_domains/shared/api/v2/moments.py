"""Dates and times as Django reads them in a filter."""

import re
from datetime import UTC, datetime, timedelta, timezone

_LOOSE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"[T ](?P<hour>\d{1,2}):(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?"
)


def parse_moment(text: str) -> datetime | None:
    """ISO 8601, or something close to it such as `2013-5-1 9:30`. None: it is no moment.

    Without a zone in the text the moment has none.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    found = _LOOSE.fullmatch(text)
    if found is None:
        return None
    parts = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(found[part] or 0) for part in parts)
    microsecond = int((found["fraction"] or "").ljust(6, "0"))
    try:
        zone = _zone(found["zone"])
        return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone)
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    if text is None or text == "Z":
        return UTC if text else None
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
