"""Django's way of writing dates and sizes (language en-us)."""

from collections.abc import Callable, Mapping
from datetime import datetime

# Associated Press style, as Django's "N"
_MONTHS = (
    "Jan.",
    "Feb.",
    "March",
    "April",
    "May",
    "June",
    "July",
    "Aug.",
    "Sept.",
    "Oct.",
    "Nov.",
    "Dec.",
)
_UNITS = ("KB", "MB", "GB", "TB", "PB")
NO_BREAK_SPACE = "\u00a0"


def date(value: datetime) -> str:
    """`Oct. 9, 2025`: what Django's `date` filter prints without an argument."""
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"


def filesize(size: int) -> str:
    """Django's `filesizeformat`: bytes as `12.3 MB`, with a no-break space."""
    amount = abs(size)
    sign = "-" if size < 0 else ""
    if amount < 1024:
        return f"{sign}{amount}{NO_BREAK_SPACE}byte{'' if amount == 1 else 's'}"
    power = next((n for n in range(1, len(_UNITS)) if amount < 1024 ** (n + 1)), len(_UNITS))
    return f"{sign}{amount / 1024**power:.1f}{NO_BREAK_SPACE}{_UNITS[power - 1]}"


FORMATS: Mapping[str, Callable[..., object]] = {"date": date, "filesize": filesize}
