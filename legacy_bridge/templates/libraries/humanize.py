"""`{% load humanize %}`: numbers and times as people say them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from legacy_bridge.templates.faults import RenderingError
from legacy_bridge.templates.filters.dates import date as formatted_date
from legacy_bridge.templates.filters.floats import floatformat
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.rendering.elapsed import elapsed
from legacy_bridge.templates.safe import SafeString

humanize = Library("humanize")

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MILLION = 1_000_000
_POWERS = (
    (6, "million"),
    (9, "billion"),
    (12, "trillion"),
    (15, "quadrillion"),
    (18, "quintillion"),
    (21, "sextillion"),
    (24, "septillion"),
    (27, "octillion"),
    (30, "nonillion"),
    (33, "decillion"),
    (100, "googol"),
)
_NO_BREAK = "\u00a0"


@humanize.filter("ordinal", is_safe=True, takes_context=True)
def ordinal(context: Context, value: Any) -> Any:
    try:
        number = int(value)
    except (TypeError, ValueError):
        return value
    if number < 0:
        return str(number)
    if number % 100 in (11, 12, 13):
        where, pattern = "ordinal 11, 12, 13", "{}th"
    else:
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        where, pattern = f"ordinal {number % 10}", f"{{}}{ending}"
    translated = context.environment.locale.translate(pattern, context.language, where)
    return SafeString(translated.format(number))


@humanize.filter("intcomma", is_safe=True, takes_context=True)
def intcomma(context: Context, value: Any, use_l10n: Any = True) -> str:
    if use_l10n:
        try:
            number = value if isinstance(value, (float, Decimal)) else int(value)
        except (TypeError, ValueError):
            return _with_commas(value)
        locale = context.environment.locale
        return locale.format_number(number, None, context.language, None, force_grouping=True)
    return _with_commas(value)


def _with_commas(value: Any) -> str:
    text = str(value)
    digits = re.match(r"(-?)(\d+)", text)
    if digits is None:
        return text
    grouped = re.sub(r"\d{3}(?=\d)", r"\g<0>,", digits[2][::-1])[::-1]
    return f"{digits[1]}{grouped}{text[digits.end() :]}"


@humanize.filter("intword", takes_context=True)
def intword(context: Context, value: Any) -> Any:
    """`1.2 million`; numbers below a million as they are."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        return value
    if abs(number) < _MILLION:
        return number
    for power, name in _POWERS:
        if abs(number) < 10**power * 1000:
            shortened = number / 10**power
            pattern = context.environment.locale.translate_plural(
                f"%(value)s {name}", f"%(value)s {name}", _away(shortened), context.language
            )
            return pattern % {"value": floatformat(context, shortened, 1)}
    return number


def _away(number: float) -> int:
    """Rounded so that only one itself is one."""
    return abs(int(Decimal(number).quantize(Decimal(1), rounding="ROUND_UP")))


@humanize.filter("apnumber", is_safe=True, takes_context=True)
def apnumber(context: Context, value: Any) -> Any:
    try:
        number = int(value)
    except (TypeError, ValueError):
        return value
    if not 0 < number < 10:
        return number
    return context.environment.locale.translate(_WORDS[number - 1], context.language)


@humanize.filter("naturalday", expects_localtime=True, takes_context=True)
def naturalday(context: Context, value: Any, pattern: Any = None) -> Any:
    try:
        day = date(value.year, value.month, value.day)
    except AttributeError:
        return value
    locale = context.environment.locale
    today = datetime.now(getattr(value, "tzinfo", None)).date()
    word = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((day - today).days)
    if word is not None:
        return locale.translate(word, context.language)
    return formatted_date(context, day, pattern)


@humanize.filter("naturaltime", takes_context=True)
def naturaltime(context: Context, value: Any) -> Any:
    """`3 minutes ago`, `an hour from now`, `2 days, 4 hours ago`."""
    if not isinstance(value, date):
        return value
    if not isinstance(value, datetime):
        raise RenderingError("naturaltime was given a date, which has no time of day")
    now = datetime.now(UTC if value.utcoffset() is not None else None)
    is_past = value < now
    gap = now - value if is_past else value - now
    if gap.days:
        return _in_days(context, value, now, is_past)
    locale = context.environment.locale
    if gap.seconds == 0:
        return locale.translate("now", context.language)
    count, unit, article = _largest(gap.seconds)
    ending = "ago" if is_past else "from now"
    pattern = locale.translate_plural(
        f"{article} {unit} {ending}",
        f"%(count)s{_NO_BREAK}{unit}s {ending}",
        count,
        context.language,
    )
    return pattern % {"count": count} if "%" in pattern else pattern


def _largest(seconds: int) -> tuple[int, str, str]:
    if seconds < 60:
        return seconds, "second", "a"
    if seconds < 3600:
        return seconds // 60, "minute", "a"
    return seconds // 3600, "hour", "an"


def _in_days(context: Context, value: datetime, now: datetime, is_past: bool) -> str:
    locale, language = context.environment.locale, context.language
    where = f"naturaltime-{'past' if is_past else 'future'}"
    gap = elapsed(
        value,
        now,
        not is_past,
        lambda one, many, count: locale.translate_plural(one, many, count, language, where),
        locale.translate(", ", language),
        datetime.now,
    )
    pattern = locale.translate(f"%(delta)s {'ago' if is_past else 'from now'}", language)
    return pattern % {"delta": gap}
