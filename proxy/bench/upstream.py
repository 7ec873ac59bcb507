"""The legacy site of the benchmark: takes any request, answers with octets made beforehand."""

import re
import socket

from proxy.bench.cases import BLANK_LINE
from proxy.bench.loop import Link, Loop

BACKLOG = 4096
LONGEST_HEAD = 16 * 1024
_scratch = bytearray(256 * 1024)
"""Shared by all connections: what is read is looked at before the next read."""

_view = memoryview(_scratch)

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_NO_LENGTH = b"HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Upstream:
    """Listens on a free port of 127.0.0.1. The answers may be changed between requests."""

    def __init__(self, loop: Loop, answer: bytes) -> None:
        self.answer = answer
        """To GET."""
        self.upload_answer = answer
        """To whatever else."""
        self._loop = loop
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self._listener.setblocking(False)
        loop.add(self._listener.fileno(), self._accept)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            _Served(self._loop, sock, self)


class _Served(Link):
    """One connection of a proxy's pool: one request after the other."""

    def __init__(self, loop: Loop, sock: socket.socket, upstream: Upstream) -> None:
        super().__init__(loop, sock)
        self._upstream = upstream
        self._head = b""
        self._body_left = 0
        self._answer = b""

    def read(self) -> None:
        try:
            count = self._receive_into(_scratch)
            if not count:
                self.close()
            elif self._body_left:
                self._take_body(count)
            elif (
                not self._head
                and _scratch.startswith(b"GET ")
                and _scratch.endswith(BLANK_LINE, 0, count)
            ):
                self.write(self._upstream.answer)
            else:
                self._take_head(count)
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def _take_head(self, count: int) -> None:
        """The head may come in pieces, and with it the beginning of the body."""
        come = len(self._head) + count
        self._head += _view[: min(count, LONGEST_HEAD)]
        end = self._head.find(BLANK_LINE)
        if end < 0:
            return
        get = self._head.startswith(b"GET ")
        length = _CONTENT_LENGTH.search(self._head, 0, end + 2)
        if length is None and not get:
            self.write(_NO_LENGTH)
            self.close()
            return
        self._answer = self._upstream.answer if get else self._upstream.upload_answer
        self._head = b""
        self._body_left = int(length[1]) if length else 0
        self._take_body(come - end - len(BLANK_LINE))

    def _take_body(self, count: int) -> None:
        self._body_left -= count
        if self._body_left == 0:
            self.write(self._answer)
        elif self._body_left < 0:
            self.close()
