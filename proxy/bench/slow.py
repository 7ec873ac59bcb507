"""A client that is slow in all it does: a POST octet by octet, body and all, then its page.

The page that answers it is read in small pieces, and so again and again on the same connection.
"""

import socket

from proxy.bench.cases import BLANK_LINE, OK, text

PACE = 0.1
"""Seconds between two octets that a slow client sends, and between two pieces that it reads. A head
is whole after seven seconds: proxies give it ten or more."""

PIECE = 2048
RECEIVE_BUFFER = 4096
"""Bytes that wait for it at its own end: nearly all of its page has to wait at the proxy."""

PAGE = text(64 * 1024)
REQUEST = b"POST /crowd/ HTTP/1.1\r\nHost: www.python.org\r\nContent-Length: 8\r\n\r\nslow=yes"
TAIL = BLANK_LINE + PAGE
MOVES = len(REQUEST) + len(PAGE) // PIECE
"""From one request to the next."""


class SlowError(Exception):
    """What a slow client met instead of what it should."""


class Slow:
    """One octet or one piece a move. `phase`, from 0 to 1, is how far along it begins."""

    def __init__(self, sock: socket.socket, phase: float) -> None:
        sock.setblocking(False)
        self._sock: socket.socket | None = sock
        self._come = bytearray()
        moves = int(phase * MOVES)
        self._sent = min(moves, len(REQUEST))
        self._to_read = (moves - self._sent) * PIECE
        sock.send(REQUEST[: self._sent])

    @property
    def behind(self) -> bool:
        """It has not yet read as much as it should have to begin with."""
        return self._sock is not None and len(self._come) < self._to_read

    def move(self) -> bool:
        """Whether this completed a right answer. Raises `SlowError`, and is gone then."""
        if self._sock is None:
            return False
        try:
            if self._sent < len(REQUEST):
                self._sock.send(REQUEST[self._sent : self._sent + 1])
                self._sent += 1
                return False
            return self._read(self._sock.recv(PIECE))
        except BlockingIOError:
            return False
        except OSError as error:
            self.close()
            raise SlowError("reset") from error

    def _read(self, data: bytes) -> bool:
        self._come += data
        if not data:
            self.close()
            raise SlowError("closed")
        if not self._come.startswith(OK[: len(self._come)]):
            self.close()
            raise SlowError(self._come[9:12].decode("latin-1") + " instead of 200")
        if not self._come.endswith(TAIL):
            return False
        self._come.clear()
        self._sent = self._to_read = 0
        return True

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None
