"""Filters of numbers."""

from typing import Any

from legacy_bridge.templates.filters.library import filters

_UNITS = ("KB", "MB", "GB", "TB", "PB")
_NO_BREAK = "\u00a0"


@filters.filter("add")
def add(value: Any, other: Any) -> Any:
    try:
        return int(value) + int(other)
    except (ValueError, TypeError):
        try:
            return value + other
        except Exception:
            return ""


@filters.filter("get_digit")
def get_digit(value: Any, position: Any) -> Any:
    """The digit at `position`, counted from the right, from 1."""
    try:
        position = int(position)
        number = int(value)
    except ValueError:
        return value
    if position < 1:
        return number
    try:
        return int(str(number)[-position])
    except IndexError:
        return 0


@filters.filter("filesizeformat", is_safe=True, takes_context=True)
def filesizeformat(context: Any, size: Any) -> str:
    """Bytes as `12.3 MB`, with a space that does not break."""
    locale, language = context.environment.locale, context.language
    try:
        amount = abs(int(size))
        sign = "-" if int(size) < 0 else ""
    except (TypeError, ValueError, UnicodeDecodeError):
        amount, sign = 0, ""
    if amount < 1024:
        words = locale.translate_plural("%(size)d byte", "%(size)d bytes", amount, language)
        return str(sign + (words % {"size": amount}).replace(" ", _NO_BREAK))
    power = next((n for n in range(1, len(_UNITS)) if amount < 1024 ** (n + 1)), len(_UNITS))
    rounded = round(amount / 1024**power, 1)
    number = locale.format_number(rounded, 1, language, context.use_l10n)
    unit = locale.translate(f"%s {_UNITS[power - 1]}", language)
    return str(sign + (unit % number).replace(" ", _NO_BREAK))
