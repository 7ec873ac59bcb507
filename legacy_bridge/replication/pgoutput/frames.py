"""What travels inside CopyData while a stream runs: WAL data and keepalives to us, status back."""

from dataclasses import dataclass
from datetime import datetime
from struct import Struct
from typing import NamedTuple

from legacy_bridge.replication.pgoutput.lsn import Lsn, microseconds
from legacy_bridge.replication.pgoutput.messages import PgoutputError
from legacy_bridge.replication.pgoutput.reading import Reader


class XLogData(NamedTuple):
    """One message of the output plugin in `data`.

    `start` is a position of its transaction: not that of one row, nor in order from one
    transaction to the next, and 0 for a description of a table.
    """

    start: Lsn
    data: bytes


@dataclass(frozen=True, slots=True)
class Keepalive:
    """Every transaction that was committed before `position` has been sent already."""

    position: Lsn
    sent_at: datetime
    reply_requested: bool


_XLOG = Struct("!cQ16x")
"""For logical decoding the sixteen bytes are the start again, and the server's clock."""


def message_in(data: bytes) -> bytes | None:
    """The message in a frame of WAL data, as nearly all are; None for any other."""
    return data[_XLOG.size :] if data[:1] == b"w" and len(data) >= _XLOG.size else None


def decode_frame(data: bytes) -> XLogData | Keepalive:
    """Raises `PgoutputError`."""
    if (message := message_in(data)) is not None:
        return XLogData(Lsn(_XLOG.unpack_from(data)[1]), message)
    reader = Reader(data, at=1)
    match reader.data[:1]:
        case b"w":
            reader.take(_XLOG.size - 1)  # there is less
        case b"k":
            position, sent_at = reader.lsn(), reader.moment()
            requested = reader.flag(true=b"\1", false=b"\0")
            reader.end()
            return Keepalive(position, sent_at, requested)
    raise PgoutputError(0, f"{reader.data[:1]!r} is no kind of frame")


UNSTATED = 0
"""As `flushed`: no statement. A server that shuts down waits for its readers to have flushed all
that they wrote, unless they do not say: a stuck applier would keep it from ever shutting down."""
_STATUS = Struct("!cQQQqB")


def encode_status(
    *, written: int, flushed: int, applied: int, at: datetime, reply: bool = False
) -> bytes:
    """Standby status update. What is `flushed` the server may forget, and never sends again.

    `reply` asks for a keepalive at once.
    """
    return _STATUS.pack(b"r", written, flushed, applied, microseconds(at), reply)
