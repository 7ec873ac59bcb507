"""A cursor over the bytes of one message; whatever is not there is a `PgoutputError`."""

import struct
from datetime import datetime

from legacy_bridge.replication.pgoutput.lsn import Lsn, moment
from legacy_bridge.replication.pgoutput.messages import (
    UNCHANGED,
    Binary,
    PgoutputError,
    Row,
    Value,
)

_SIZES = {
    size: struct.Struct(f"!{code}") for size, code in ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))
}
_SIGNED = {size: struct.Struct(f"!{code}") for size, code in ((4, "i"), (8, "q"))}

_LENGTH = _SIZES[4]


class Reader:
    """`at` is the offset of the next byte."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def unsigned(self, size: int) -> int:
        return self._number(_SIZES[size])

    def signed(self, size: int) -> int:
        return self._number(_SIGNED[size])

    def _number(self, form: struct.Struct) -> int:
        try:
            (value,) = form.unpack_from(self.data, self.at)
        except struct.error:
            raise self._short(form.size) from None
        self.at += form.size
        number: int = value
        return number

    def fields(self, form: struct.Struct) -> tuple[int, ...]:
        """Several numbers at once: one call for all of a message that comes often."""
        try:
            found = form.unpack_from(self.data, self.at)
        except struct.error:
            raise self._short(form.size) from None
        self.at += form.size
        return found

    def lsn(self) -> Lsn:
        return Lsn(self.unsigned(8))

    def moment(self) -> datetime:
        start = self.at
        return moment_at(start, self.signed(8))

    def flag(self, true: bytes, false: bytes) -> bool:
        """One byte that is one of two."""
        found = self.data[self.at : self.at + 1]
        if found not in (true, false):
            raise PgoutputError(self.at, f"found {found!r}, expected {true!r} or {false!r}")
        self.at += 1
        return found == true

    def text(self) -> str:
        """Up to the next zero byte, which is left behind as well."""
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise PgoutputError(self.at, "a text without an end")
        try:
            text = self.data[self.at : end].decode()
        except UnicodeDecodeError as error:
            raise PgoutputError(self.at + error.start, "a text that is not UTF-8") from None
        self.at = end + 1
        return text

    def take(self, length: int) -> bytes:
        if length > len(self.data) - self.at:
            raise self._short(length)
        self.at += length
        return self.data[self.at - length : self.at]

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)

    def row(self) -> Row:
        """A counted tuple of values."""
        try:
            row, self.at = values(self.data, self.at + 2, self.unsigned(2))
        except struct.error:
            raise PgoutputError(len(self.data), "a value without all of its length") from None
        return row

    def end(self) -> None:
        """Nothing may be left over."""
        if left := len(self.data) - self.at:
            raise PgoutputError(self.at, f"{left} bytes more than the message has")

    def _short(self, wanted: int) -> PgoutputError:
        left = max(len(self.data) - self.at, 0)
        return PgoutputError(self.at, f"the message ends here: {wanted} bytes wanted, {left} left")


def moment_at(offset: int, value: int) -> datetime:
    """Of the microseconds that were found there."""
    try:
        return moment(value)
    except OverflowError:
        raise PgoutputError(offset, f"{value} µs since 2000 is in no year") from None


def values(data: bytes, at: int, count: int) -> tuple[Row, int]:
    """And where they end. The hot loop of the decoder: no calls for the bytes of a value, and kinds
    by their numbers. Raises `struct.error` where a length is cut off."""
    row: list[Value] = []
    put, length, size = row.append, _LENGTH.unpack_from, len(data)
    for _ in range(count):
        kind = data[at] if at < size else 0
        at += 1
        if kind in _WITH_LENGTH:
            start = at + 4
            at = start + length(data, at)[0]
            if at > size:
                raise PgoutputError(start, "a value that is longer than the message")
            put(data[start:at] if kind == _TEXT else Binary(data[start:at]))
        elif kind == _NULL:
            put(None)
        elif kind == _UNCHANGED:
            put(UNCHANGED)
        else:
            raise PgoutputError(at - 1, f"{data[at - 1 : at]!r} is no kind of value")
    return tuple(row), at


_WITH_LENGTH = b"tb"  # text, binary
_TEXT, _NULL, _UNCHANGED = b"tnu"
