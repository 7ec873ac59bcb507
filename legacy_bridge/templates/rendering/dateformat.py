"""Dates and times by Django's format letters (those of PHP)."""

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, tzinfo
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

Translate = Callable[[str], str]
TranslateIn = Callable[[str, str], str]

_LETTERS = re.compile(r"(?<!\\)([aAbBcdDeEfFgGhHiIjlLmMnNoOPrsStTUuwWyYzZ])")
_TIME_LETTERS = frozenset("aAefgGhHiOPsTuZ")
_MONTHS = tuple(calendar.month_name)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# The style of the Associated Press
_AP_MONTHS = (
    *("", "Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept."),
    *("Oct.", "Nov.", "Dec."),
)


class _Moment:
    """The parts of one value by letter. What a value does not have raises `AttributeError`."""

    def __init__(self, value: Any, zone: tzinfo, words: "Words") -> None:
        self.value = value
        self._default = zone
        self.words = words
        self.zone: tzinfo | None = None
        if isinstance(value, datetime):
            self.zone = value.tzinfo if value.utcoffset() is not None else zone

    @property
    def hour12(self) -> int:
        hour: int = self.value.hour
        return hour % 12 or 12

    @property
    def short_time(self) -> str:
        if self.value.minute == 0:
            return str(self.hour12)
        return f"{self.hour12}:{self.value.minute:02d}"

    @property
    def time_of_day(self) -> str:
        if (self.value.hour, self.value.minute) == (0, 0):
            return self.words.translate("midnight")
        if (self.value.hour, self.value.minute) == (12, 0):
            return self.words.translate("noon")
        return f"{self.short_time} {self.half}"

    @property
    def half(self) -> str:
        return self.words.translate("p.m." if self.value.hour > 11 else "a.m.")

    @property
    def zone_name(self) -> str:
        if self.zone is None or self.value.tzinfo is None:
            return ""
        return self.value.tzname() or ""

    @property
    def offset(self) -> str:
        seconds = self.offset_seconds
        if seconds == "":
            return ""
        sign, rest = ("-", -int(seconds)) if int(seconds) < 0 else ("+", int(seconds))
        return f"{sign}{rest // 3600:02d}{rest // 60 % 60:02d}"

    @property
    def offset_seconds(self) -> str:
        if self.zone is None or not self._exists:
            return ""
        offset = self.zone.utcoffset(self._naive)
        return "" if offset is None else str(offset.days * 86400 + offset.seconds)

    @property
    def summer(self) -> str:
        if self.zone is None or not self._exists:
            return ""
        return "1" if self.zone.dst(self._naive) else "0"

    @property
    def zone_short(self) -> str:
        if self.zone is None or not self._exists:
            return ""
        return str(self.zone.tzname(self._naive))

    @property
    def _naive(self) -> datetime:
        value: datetime = self.value
        return value if value.tzinfo is None else value.replace(tzinfo=None, fold=value.fold)

    @property
    def _exists(self) -> bool:
        """Not so in the hour that a clock skips or has twice, for a time without a zone."""
        if self.value.tzinfo is not None or self.zone is None:
            return True
        return _is_plain(self.value, self.zone)

    @property
    def rfc(self) -> str:
        value = self.value
        if not isinstance(value, datetime):
            value = datetime.combine(value, time.min)
        return format_datetime(value if value.tzinfo else value.replace(tzinfo=self._default))

    @property
    def timestamp(self) -> int:
        value = self.value
        if not isinstance(value, datetime):
            value = datetime.combine(value, time.min)
        return int(value.timestamp())

    @property
    def ordinal(self) -> str:
        day: int = self.value.day
        if day in (11, 12, 13):
            return "th"
        return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _is_plain(value: datetime, zone: tzinfo) -> bool:
    first = zone.utcoffset(value.replace(fold=0, tzinfo=None))
    return first == zone.utcoffset(value.replace(fold=1, tzinfo=None))


class Words:
    """Names of months and days in a language."""

    def __init__(self, translate: Translate, translate_in: TranslateIn) -> None:
        self.translate = translate
        self.translate_in = translate_in


_PARTS: Mapping[str, Callable[[_Moment], object]] = {
    "a": lambda m: m.half,
    "A": lambda m: m.words.translate("PM" if m.value.hour > 11 else "AM"),
    "b": lambda m: m.words.translate(_MONTHS[m.value.month][:3].lower()),
    "c": lambda m: m.value.isoformat(),
    "d": lambda m: f"{m.value.day:02d}",
    "D": lambda m: m.words.translate(_DAYS[m.value.weekday()][:3]),
    "e": lambda m: m.zone_name,
    "E": lambda m: m.words.translate_in("alt. month", _MONTHS[m.value.month]),
    "f": lambda m: m.short_time,
    "F": lambda m: m.words.translate(_MONTHS[m.value.month]),
    "g": lambda m: m.hour12,
    "G": lambda m: m.value.hour,
    "h": lambda m: f"{m.hour12:02d}",
    "H": lambda m: f"{m.value.hour:02d}",
    "i": lambda m: f"{m.value.minute:02d}",
    "I": lambda m: m.summer,
    "j": lambda m: m.value.day,
    "l": lambda m: m.words.translate(_DAYS[m.value.weekday()]),
    "L": lambda m: calendar.isleap(m.value.year),
    "m": lambda m: f"{m.value.month:02d}",
    "M": lambda m: m.words.translate(_MONTHS[m.value.month][:3].lower()).title(),
    "n": lambda m: m.value.month,
    "N": lambda m: m.words.translate_in("abbrev. month", _AP_MONTHS[m.value.month]),
    "o": lambda m: m.value.isocalendar()[0],
    "O": lambda m: m.offset,
    "P": lambda m: m.time_of_day,
    "r": lambda m: m.rfc,
    "s": lambda m: f"{m.value.second:02d}",
    "S": lambda m: m.ordinal,
    "t": lambda m: calendar.monthrange(m.value.year, m.value.month)[1],
    "T": lambda m: m.zone_short,
    "u": lambda m: f"{m.value.microsecond:06d}",
    "U": lambda m: m.timestamp,
    "w": lambda m: m.value.isoweekday() % 7,
    "W": lambda m: m.value.isocalendar()[1],
    "y": lambda m: f"{m.value.year % 100:02d}",
    "Y": lambda m: f"{m.value.year:04d}",
    "z": lambda m: m.value.timetuple().tm_yday,
    "Z": lambda m: m.offset_seconds,
}


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> tuple[tuple[bool, str], ...]:
    pieces = _LETTERS.split(pattern)
    return tuple(
        (True, piece) if index % 2 else (False, re.sub(r"\\(.)", r"\1", piece))
        for index, piece in enumerate(pieces)
        if piece
    )


def format_moment(value: object, pattern: Any, zone: tzinfo, words: Words) -> str:
    """`value` by `pattern`. `zone` is that of datetimes without one.

    Raises `AttributeError` for letters that a value of this type has nothing for, `TypeError` for
    letters of the time of day in a date.
    """
    moment = _Moment(value, zone, words)
    is_date = type(value) is date
    written = []
    for is_letter, piece in _compiled(str(pattern)):
        if is_letter:
            _check(piece, is_date)
            written.append(str(_PARTS[piece](moment)))
        else:
            written.append(piece)
    return "".join(written)


def is_time_pattern(pattern: Any) -> bool:
    """Whether all its letters are of the time of day."""
    return all(piece in _TIME_LETTERS for is_letter, piece in _compiled(str(pattern)) if is_letter)


def _check(letter: str, is_date: bool) -> None:
    if is_date and letter in _TIME_LETTERS:
        raise TypeError(
            "The format for date objects may not contain time-related "
            f"format specifiers (found {letter!r})."
        )
