"""The time zone that a visitor sees times in, as projects keep it by Django's own recipe: its name
in the session, under a key of theirs.

What a page does with times (`{% load tz %}`, and every value that it prints) is here too.
"""

from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SESSION_KEY: Final = "django_timezone"
"""What Django's documentation calls it."""
LONGEST_NAME: Final = 64
"""Characters; the longest name there is has 32."""


class FinalTime(datetime):
    """A time that a filter has already put into a zone: printed as it is."""


def zone_named(name: object) -> ZoneInfo | None:
    """None for what is no name of a zone, whatever a session or a page has there."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return None
    try:
        return ZoneInfo(name)
    # ValueError: a path out of the folder of zones; OSError: a folder in it.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of_visitor(kept: object, default: ZoneInfo) -> ZoneInfo:
    """`kept` is what the session has under the key; `default` is TIME_ZONE.

    A name that is no longer known must not cost the page.
    """
    return zone_named(kept) or default


def name_of(zone: tzinfo) -> str:
    """TIME_ZONE in a template (`{% get_current_timezone %}`): `Europe/Paris`, or `UTC`, `-05`."""
    return zone.tzname(None) or str(zone)


def as_printed(value: object, zone: tzinfo, *, use_tz: bool = True) -> object:
    """What a page prints of any value: aware times in `zone`, the visitor's; others as they are.

    `use_tz` is USE_TZ, or what `{% localtime on/off %}` around it says.
    """
    if not use_tz or not isinstance(value, datetime) or isinstance(value, FinalTime):
        return value
    return value if value.utcoffset() is None else value.astimezone(zone)


def in_zone(value: object, zone: object, default: tzinfo) -> FinalTime | str:
    """The filters `timezone` (a zone or its name), `localtime` (the visitor's) and `utc`.

    Naive times are in `default`, TIME_ZONE. Empty for what is no time, or no zone. The second of
    two equal hours, when clocks go back, is not told from the first, as in Django.
    """
    where = zone if isinstance(zone, tzinfo) else zone_named(zone)
    if where is None or not isinstance(value, datetime):
        return ""
    aware = value.replace(tzinfo=default) if value.utcoffset() is None else value
    there = aware.astimezone(where)
    return FinalTime.combine(there.date(), there.time().replace(fold=0), where)


def in_utc(value: object, default: tzinfo) -> FinalTime | str:
    """The filter `utc`."""
    return in_zone(value, UTC, default)
