"""Visitors of a page whose octets nobody knows before: anonymous, each with a kept connection.

An answer is right when its status is 200, its Content-Length says how long it is, and it is as long
as the first one was; a page that changes meanwhile has to stay as long as it was.
"""

import re
import socket
from time import perf_counter

from proxy.bench.cases import BLANK_LINE, OK
from proxy.bench.loop import Loop
from proxy.bench.visitors import HEAD_ROOM, STATUS, Visitor, Visitors

HOST = "www.python.org"
LONGEST = 1024 * 1024
"""Octets of a page."""
_LENGTH = re.compile(rb"\r\nContent-Length: *([0-9]+)\r\n", re.IGNORECASE)
_FIELDS = (
    b"Host: " + HOST.encode() + b"\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    b"Accept: %b\r\n"
    b"Accept-Language: en-GB,en;q=0.5\r\n"
    b"Referer: https://www.python.org/\r\n"
    b"Connection: keep-alive\r\n"
)
_OF_BROWSERS = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_OF_PROGRAMS = b"application/json"


def request(page: str) -> bytes:
    """As a browser asks for a page, or a program asks the API."""
    accepted = _OF_PROGRAMS if page.startswith("/api/") else _OF_BROWSERS
    return b"GET %b HTTP/1.1\r\n%b\r\n" % (page.encode(), _FIELDS % accepted)


class Readers(Visitors):
    """They ask from now on until `leave`, as `Visitors` do."""

    def __init__(
        self, loop: Loop, address: tuple[str, int], *, connections: int, page: str
    ) -> None:
        self.length: int | None = None
        """Octets of the first answer's body."""
        super().__init__(loop, address, connections=connections, requests=[request(page)], body=b"")

    def visitor(self, sock: socket.socket) -> Visitor:
        return _Reader(self._loop, sock, self)


class _Reader(Visitor):
    def __init__(self, loop: Loop, sock: socket.socket, readers: Readers) -> None:
        super().__init__(loop, sock, readers)
        self._readers = readers
        self._buffer = bytearray(HEAD_ROOM + LONGEST)
        self._view = memoryview(self._buffer)
        self._size: int | None = None
        """Of the whole answer, once its head is there."""

    def read(self) -> None:
        try:
            count = self._receive_into(self._view[self._filled :])
        except BlockingIOError:
            return
        except OSError:
            self.fail("reset")
            return
        if not count:
            self.fail("closed")
            return
        self._filled += count
        if self._size is None and (wrong := self._begin(self._filled)):
            self.fail(wrong)
        elif self._size is not None and self._filled >= self._size:
            self._end(self._filled - self._size)

    def _end(self, more: int) -> None:
        if more:
            self.fail("more than Content-Length")
            return
        now = perf_counter()
        self._note(now - self.asked_at)
        self._filled, self._size, self.asked_at = 0, None, now
        if self._readers.asking:
            self.write(self._next_request())
        else:
            self.close()

    def _begin(self, filled: int) -> str | None:
        """Read the head, if it has come; what is wrong with it."""
        end = self._buffer.find(BLANK_LINE, 0, filled)
        if end < 0:
            return "head too long" if filled > HEAD_ROOM else None
        if not self._buffer.startswith(OK):
            status = STATUS.match(self._buffer)
            return f"status {status[1].decode()}" if status else "not HTTP/1.1"
        said = _LENGTH.search(self._buffer, 0, end + 2)
        if said is None:
            return "no Content-Length"
        length = int(said[1])
        if length > LONGEST:
            return "longer than a page"
        if self._readers.length is None:
            self._readers.length = length
        elif self._readers.length != length:
            return "another length than before"
        self._size = end + len(BLANK_LINE) + length
        return None
