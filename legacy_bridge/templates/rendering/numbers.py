"""Numbers with a language's separators."""

from collections.abc import Sequence
from decimal import Decimal

_MOST_DIGITS = 200


def format_number(
    number: object,
    point: str,
    places: int | None = None,
    grouping: int | Sequence[int] = 0,
    separator: str = "",
) -> str:
    """`number` (or its text) with `places` decimals, cut rather than rounded."""
    if number is None or number == "":
        return str(number)
    text = _text(number)
    if text is None:
        return _scientific(Decimal(str(number)), point, places, grouping, separator)
    sign = "-" if text.startswith("-") else ""
    whole, _, fraction = text.lstrip("-").partition(".")
    if places is not None:
        fraction = fraction[:places].ljust(places, "0")
    tail = point + fraction if fraction else ""
    return sign + _grouped(whole, grouping, separator) + tail


def _text(number: object) -> str | None:
    """Digits without an exponent, or `None` where there would be too many of them."""
    text = str(number)
    if isinstance(number, float) and "e" in text.lower():
        number = Decimal(text)
    if isinstance(number, Decimal):
        if not number.is_finite():
            return str(number)
        _, digits, exponent = number.as_tuple()
        if abs(int(exponent)) + len(digits) > _MOST_DIGITS:
            return None
        text = f"{number:f}"
    return text


def _scientific(
    number: Decimal, point: str, places: int | None, grouping: int | Sequence[int], separator: str
) -> str:
    coefficient, _, exponent = f"{number:e}".partition("e")
    written = format_number(coefficient, point, places, grouping, separator)
    return f"{written}e{exponent}"


def _grouped(digits: str, grouping: int | Sequence[int], separator: str) -> str:
    sizes = list(grouping) if isinstance(grouping, Sequence) else [grouping, 0]
    size = sizes.pop(0) if sizes else 0
    if not size or not separator:
        return digits
    parts: list[str] = []
    rest = digits
    while size and len(rest) > size:
        parts.append(rest[-size:])
        rest = rest[:-size]
        following = sizes.pop(0) if sizes else size
        size = following or size
    parts.append(rest)
    return separator.join(reversed(parts))
