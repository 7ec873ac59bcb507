"""Figures and times as operators read them. What is not known is a dash, never a zero."""

from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

NONE = "—"
_SPACE = "\N{NO-BREAK SPACE}"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def rate(value: float | None) -> str:
    """Requests a second."""
    if value is None:
        return NONE
    return f"{value:,.0f}/s" if value >= 100 or value == 0 else f"{value:.1f}/s"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return NONE
    if seconds < 0.0095:
        return f"{1000 * seconds:.1f}{_SPACE}ms"
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f}{_SPACE}ms"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.1f}{_SPACE}s"
    return age(seconds)


def age(seconds: float) -> str:
    """A longer time, in the unit that tells enough."""
    if seconds < 2 * _MINUTE:
        return f"{max(0, int(seconds))}{_SPACE}s"
    if seconds < 2 * _HOUR:
        return f"{int(seconds // _MINUTE)}{_SPACE}min"
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)}{_SPACE}h"
    return f"{int(seconds // _DAY)}{_SPACE}days"


def percent(share: float | None) -> str:
    """Never 100 % or 0 % where that is only nearly so."""
    if share is None:
        return NONE
    if share in (0.0, 1.0):
        return f"{100 * share:.0f}{_SPACE}%"
    if 0.1 <= share < 0.99:
        return f"{100 * share:.0f}{_SPACE}%"
    return f"{min(max(100 * share, 0.01), 99.99):.2f}{_SPACE}%"


def count(number: float | None) -> str:
    if number is None:
        return NONE
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def moment(at: datetime | None) -> Markup:
    """An exact time, in UTC."""
    if at is None:
        return escape(NONE)
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        utc.isoformat(timespec="seconds"), f"{utc:%Y-%m-%d %H:%M:%S}"
    )


def ago(at: datetime | None, now: datetime) -> Markup:
    """How long ago; the exact time is its title."""
    if at is None:
        return Markup("never")
    utc = at.astimezone(UTC)
    passed = max(timedelta(), now - at).total_seconds()
    text = "just now" if passed < 5 else f"{age(passed)} ago"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        utc.isoformat(timespec="seconds"), f"{utc:%Y-%m-%d %H:%M:%S}", text
    )
