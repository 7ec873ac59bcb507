"""`floatformat`."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, getcontext
from decimal import Context as Arithmetic
from typing import Any

from legacy_bridge.templates.faults import RenderingError
from legacy_bridge.templates.filters.library import filters
from legacy_bridge.templates.safe import mark_safe

_MOST_DIGITS = 200


@filters.filter("floatformat", is_safe=True, takes_context=True)
def floatformat(context: Any, value: Any, given: Any = -1) -> str:
    """Rounded half up to so many places; a negative number drops them where they are zero.

    The letters `g` (group) and `u` (not in the language's format) may follow the number.
    """
    places, groups, localised = _options(given)
    text = str(value)
    number = _decimal(value)
    if number is None:
        return ""
    try:
        digits = int(places)
    except ValueError:
        return text
    if not number.is_finite() or _size(number) > _MOST_DIGITS:
        return text
    is_whole = number == number.to_integral_value()
    locale = context.environment.locale
    use_l10n = context.use_l10n if localised else False
    if is_whole and digits <= 0:
        whole = str(int(number))
        shown = locale.format_number(whole, 0, context.language, use_l10n, groups)
    else:
        rounded = _rounded(number, abs(digits), is_whole)
        shown = locale.format_number(rounded, abs(digits), context.language, use_l10n, groups)
    safe: str = mark_safe(shown)
    return safe


def _options(given: Any) -> tuple[Any, bool, bool]:
    if not isinstance(given, str):
        return given, False, True
    if not given:
        raise RenderingError("floatformat was given an empty text instead of a number")
    places, letters = given, ""
    while places and places[-1] in "gu" and len(letters) < 2 and places[-1] not in letters:
        letters += places[-1]
        places = places[:-1]
    return places or -1, "g" in letters, "u" not in letters


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        try:
            return Decimal(str(float(value)))
        except (ValueError, InvalidOperation, TypeError):
            return None


def _size(number: Decimal) -> int:
    _, digits, exponent = number.as_tuple()
    return len(digits) + abs(int(exponent))


def _rounded(number: Decimal, places: int, is_whole: bool) -> str:
    _, digits, exponent = number.as_tuple()
    units = len(digits) + (int(exponent) if is_whole else -int(exponent))
    precision = max(getcontext().prec, places + units + 1)
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Arithmetic(prec=precision))
    text = f"{rounded:f}"
    return text if rounded else text.lstrip("-")
