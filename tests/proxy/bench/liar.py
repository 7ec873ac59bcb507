"""A server of one answer that lies now and then, for those who have to notice."""

import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

Pieces = tuple[bytes, ...]
"""What is sent as the answer to one request, piece by piece; afterwards HANG_UP or STAY."""

HANG_UP = b"<hang up>"
STAY = b"<stay>"


class Liar:
    """Answers one request after the other as the script says, then rightly for ever.

    One connection at a time, which suits one visitor.
    """

    def __init__(self, script: Sequence[Pieces], *, asked: bytes, right: bytes) -> None:
        """`asked` is each request, `right` the right answer to it."""
        self.right = 0
        self.over = threading.Event()
        self._script = [*script]
        self._request = len(asked)
        self._right = right
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                while self._take_request(connection) and self._answer(connection):
                    pass

    def _take_request(self, connection: socket.socket) -> bool:
        left = self._request
        while left:
            try:
                data = connection.recv(min(left, 65536))
            except ConnectionError:
                return False
            if not data:
                return False
            left -= len(data)
        return True

    def _answer(self, connection: socket.socket) -> bool:
        if not self._script:
            self.over.set()
            connection.sendall(self._right)
            self.right += 1
            return True
        *pieces, then = self._script.pop(0)
        for piece in pieces:
            connection.sendall(piece)
        self.right += b"".join(pieces) == self._right
        return then == STAY
