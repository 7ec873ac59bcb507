"""Filters of dates and times."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from legacy_bridge.templates.filters.library import filters
from legacy_bridge.templates.rendering.dateformat import format_moment, is_time_pattern
from legacy_bridge.templates.rendering.elapsed import elapsed


@filters.filter("date", expects_localtime=True, takes_context=True)
def date(context: Any, value: Any, pattern: Any = None) -> str:
    if value in (None, ""):
        return ""
    locale = context.environment.locale
    try:
        return str(locale.format_date(value, pattern, context.language, context.use_l10n))
    except AttributeError:
        try:
            return format_moment(value, pattern, locale.zone, locale.words(context.language))
        except AttributeError:
            return ""


@filters.filter("time", expects_localtime=True, takes_context=True)
def time(context: Any, value: Any, pattern: Any = None) -> str:
    """Only letters of the time of day; another letter leaves nothing."""
    if value in (None, ""):
        return ""
    locale = context.environment.locale
    words = locale.words(context.language)
    # First as the name of a format, then as it is.
    for is_name in (True, False):
        with suppress(AttributeError, TypeError):
            chosen = pattern
            if is_name:
                named = pattern or "TIME_FORMAT"
                chosen = locale.format(named, context.language, context.use_l10n)
            if is_time_pattern(chosen):
                return format_moment(value, chosen, locale.zone, words)
    return ""


@filters.filter("timesince", takes_context=True)
def timesince(context: Any, value: Any, since: Any = None) -> str:
    return _elapsed(context, value, since, is_ahead=False)


@filters.filter("timeuntil", takes_context=True)
def timeuntil(context: Any, value: Any, since: Any = None) -> str:
    return _elapsed(context, value, since, is_ahead=True)


def _elapsed(context: Any, value: Any, since: Any, is_ahead: bool) -> str:
    if not value:
        return ""
    locale = context.environment.locale
    plural = locale.translate_plural
    try:
        return elapsed(
            value,
            since or None,
            is_ahead,
            lambda one, many, count: plural(one, many, count, context.language),
            locale.translate(", ", context.language),
            datetime.now,
        )
    except (ValueError, TypeError):
        return ""
