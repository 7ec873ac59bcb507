"""Times of "now": a value of an answer that is the time at which it was asked for.

What is written is read in the formats pages use, and becomes `{now}` where it is within the skew of
the request. A time without a zone may be any whole number of quarter hours away, and then keeps the
distance (`{now+2:00}`): a page that shows another time zone than the other side stays different.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

QUARTER = 900
FARTHEST_ZONE = 14 * 3600
MINUTE = 60.0
"""A time without seconds may be so much older than it says."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{0}_mon>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?"
    r"|July?|Aug(?:ust|\.)?|Sep(?:tember|t\.?|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?"
    r"|Dec(?:ember|\.)?)"
)
_ISO = (
    r"(?P<iso_y>\d{4})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d)"
    r"(?:[T ](?P<iso_H>\d\d):(?P<iso_M>\d\d)(?::(?P<iso_S>\d\d)(?:[.,]\d{1,6})?)?"
    r" ?(?P<iso_z>Z|UTC|[+-]\d\d:?\d\d)?)?"
)
"""ISO 8601, also as str(datetime) has it; without a time it is a date."""
_MAIL = (
    r"(?P<mail_d>\d{1,2})[ -]" + _MONTH.format("mail") + r"[ -](?P<mail_y>\d{4})"
    r"(?: (?P<mail_H>\d\d):(?P<mail_M>\d\d)(?::(?P<mail_S>\d\d))?"
    r"(?: (?P<mail_z>GMT|UTC|[+-]\d{4}))?)?"
)
"""HTTP, mail and feeds; the day's name before it stays text."""
_PAGE = (
    _MONTH.format("page") + r" (?P<page_d>\d{1,2}), (?P<page_y>\d{4})"
    r"(?:,? (?:(?P<page_H>\d{1,2})(?::(?P<page_M>\d\d))? (?P<page_half>[ap])\.?m\.?"
    r"|(?P<page_word>noon|midnight)))?"
)
"""Django's DATE_FORMAT and DATETIME_FORMAT in English."""
_UNIX = r"(?P<unix>\d{10})(?:(?P<unix_ms>\d{3})|\.\d{1,7})?"

_ANY = re.compile(rf"(?<![\w.-])(?:{_ISO}|{_MAIL}|{_PAGE}|{_UNIX})(?![\w-]|\.\d)", re.IGNORECASE)
_DAY_NAME = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? (?=\{(?:now|today))")


def without_now(text: str, at: float, skew: float) -> str:
    """`text` with every "now" replaced; `at` in seconds since 1970, `skew` in seconds."""
    changed = _ANY.sub(lambda found: _named(found, at, skew), text)
    return text if changed == text else _DAY_NAME.sub("", changed)


def _named(found: re.Match[str], at: float, skew: float) -> str:
    try:
        return _READERS[_kind(found)](found, at, skew) or found[0]
    except (ValueError, OverflowError):
        return found[0]  # looks like a time, but is none


def _kind(found: re.Match[str]) -> str:
    return next(kind for kind, first in _FIRST.items() if found[first] is not None)


def _iso(found: re.Match[str], at: float, skew: float) -> str | None:
    return _numbered(found, "iso", int(found["iso_m"]), at, skew)


def _mail(found: re.Match[str], at: float, skew: float) -> str | None:
    return _numbered(found, "mail", _month(found["mail_mon"]), at, skew)


def _numbered(found: re.Match[str], kind: str, month: int, at: float, skew: float) -> str | None:
    year, day, hour, minute, second = (found[f"{kind}_{part}"] for part in "ydHMS")
    date = int(year), month, int(day)
    if hour is None:
        return _today(date, at, skew)
    clock = int(hour), int(minute), int(second or 0)
    return _now(date, clock, found[f"{kind}_z"], second is not None, at, skew)


def _page(found: re.Match[str], at: float, skew: float) -> str | None:
    day = int(found["page_y"]), _month(found["page_mon"]), int(found["page_d"])
    if word := found["page_word"]:
        return _now(day, (12 if word.lower() == "noon" else 0, 0, 0), None, False, at, skew)
    if found["page_H"] is None:
        return _today(day, at, skew)
    hour = int(found["page_H"]) % 12 + (12 if found["page_half"].lower() == "p" else 0)
    return _now(day, (hour, int(found["page_M"] or 0), 0), None, False, at, skew)


def _unix(found: re.Match[str], at: float, skew: float) -> str | None:
    value = int(found["unix"])
    if abs(value - at) > skew + 1:
        return None
    return "{now in ms}" if found["unix_ms"] else "{now in s}"


Day = tuple[int, int, int]
Reader = Callable[[re.Match[str], float, float], str | None]

_READERS: dict[str, Reader] = {"iso": _iso, "mail": _mail, "page": _page, "unix": _unix}
_FIRST = {"iso": "iso_y", "mail": "mail_d", "page": "page_mon", "unix": "unix"}


def _now(
    day: Day, clock: Day, zone: str | None, to_the_second: bool, at: float, skew: float
) -> str | None:
    moment = datetime(*day, *clock, tzinfo=_zone(zone)).timestamp()
    coarse = 0.0 if to_the_second else MINUTE
    distance = moment + coarse / 2 - at
    slack = skew + 1 + coarse / 2
    if zone is not None:
        return "{now}" if abs(distance) <= slack else None
    quarters = round(distance / QUARTER) * QUARTER
    if abs(distance - quarters) > slack or abs(quarters) > FARTHEST_ZONE:
        return None
    if not quarters:
        return "{now}"
    hours, seconds = divmod(abs(quarters), 3600)
    return f"{{now{'+' if quarters > 0 else '-'}{hours}:{seconds // 60:02}}}"


def _today(day: Day, at: float, skew: float) -> str | None:
    """Only where the date changes within the skew: else both sides must say the same day."""
    written = datetime(*day, tzinfo=UTC).date()
    dates = {moment.date() for moment in _around(at, skew)}
    return "{today}" if len(dates) > 1 and written in dates else None


def _around(at: float, skew: float) -> Iterator[datetime]:
    yield datetime.fromtimestamp(at - skew, UTC)
    yield datetime.fromtimestamp(at + skew, UTC)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _zone(written: str | None) -> timezone:
    if written is None or written[0] not in "+-":
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    return timezone(timedelta(minutes=minutes if written[0] == "+" else -minutes))
