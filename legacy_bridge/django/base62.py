"""Numbers in base 62, as `django.core.signing` writes the time."""

from typing import Final

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def written(number: int) -> str:
    if number == 0:
        return "0"
    sign, rest = ("-", -number) if number < 0 else ("", number)
    digits = ""
    while rest:
        rest, digit = divmod(rest, 62)
        digits = DIGITS[digit] + digits
    return sign + digits


def read(digits: str) -> int:
    """The number; `ValueError` if it is none."""
    if not digits:
        raise ValueError("no digits")
    number = 0
    for digit in digits.removeprefix("-"):
        number = number * 62 + DIGITS.index(digit)
    return -number if digits.startswith("-") else number
