"""Keys of rows as they stand in links: `uidb36` of allauth, `uidb64` of Django's own views."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MOST_DIGITS = 13
"""Enough for 64 bits; reading longer ones costs too much."""


def to_base36(number: int) -> str:
    """Raises ValueError for negative numbers."""
    if number < 0:
        raise ValueError("a negative number")
    text = ""
    while number >= len(_DIGITS):
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return _DIGITS[number] + text


def from_base36(text: str) -> int:
    """Raises ValueError. Takes whatever `int` takes, as Django does."""
    if len(text) > MOST_DIGITS:
        raise ValueError("too many digits")
    return int(text, len(_DIGITS))


def to_base64(content: bytes) -> str:
    """Without the padding."""
    return urlsafe_b64encode(content).rstrip(b"\n=").decode("ascii")


def from_base64(text: str) -> bytes:
    """Raises ValueError."""
    content = text.encode()
    # As much padding as Django gives it: never too little, and too much is no fault.
    return urlsafe_b64decode(content.ljust(len(content) + len(content) % 4, b"="))


def row_of_base36(text: str) -> int | None:
    """The key of a row, if it is one."""
    try:
        return from_base36(text)
    except ValueError:
        return None


def row_of_base64(text: str) -> int | None:
    """The key of a row, if it is one."""
    try:
        return int(from_base64(text).decode())
    except ValueError:
        return None
