"""Positions in the write-ahead log, and the clock that PostgreSQL's protocols count by."""

from datetime import UTC, datetime, timedelta
from typing import Self

LARGEST = 2**64 - 1
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Lsn(int):
    """A position in the write-ahead log: a number of bytes, written "0/16B3748"."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of the text that PostgreSQL writes. Raises `ValueError`."""
        high, slash, low = text.partition("/")
        value = (int(high, 16) << 32) + int(low, 16) if slash else -1
        if not 0 <= value <= LARGEST or len(high) > 8 or len(low) > 8:
            raise ValueError(f"{text!r} is not a position like 0/16B3748")
        return cls(value)

    def __str__(self) -> str:
        return f"{int(self) >> 32:X}/{int(self) & 0xFFFFFFFF:X}"

    __repr__ = __str__


def moment(microseconds: int) -> datetime:
    """`microseconds` since the first moment of 2000. Raises `OverflowError` outside of years."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


EARLIEST = microseconds(datetime.min.replace(tzinfo=UTC))
LATEST = microseconds(datetime.max.replace(tzinfo=UTC))
"""What `moment` takes: in between."""
