"""The two ends of a long body, on one loop: who sends it, and who takes it.

Both count what has passed, so that it can be seen whether one that pauses makes the other wait.
"""

import hashlib
import socket
from collections.abc import Callable, Iterator, Sequence

from proxy.bench.cases import BLANK_LINE
from proxy.bench.content import pieces
from proxy.bench.loop import IN, OUT, Loop
from proxy.wire.chunks import LAST_CHUNK, Body, ChunkedBody, SizedBody, framed
from proxy.wire.errors import MalformedError

BUFFER = 256 * 1024
"""Bytes that our own sockets may hold; those of the proxy are its own affair."""

AT_ONCE = 16
"""Pieces sent, or read, before the other end has its turn."""

LONGEST_HEAD = 16 * 1024
NOTHING = 0
"""Events of a socket that is left alone."""


class FlowError(Exception):
    """What came is not what was sent."""


class Sender:
    """A head, then `size` octets of content, as fast as they are taken. `sent` counts content."""

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        head: bytes,
        size: int,
        *,
        chunked: bool,
        then: Callable[[], None],
    ) -> None:
        """The socket is on the loop already, and does not block. `then`: when all is taken."""
        self.sent = 0
        self.error: str | None = None
        self._then = then
        self._loop = loop
        self._sock = sock
        self._chunked = chunked
        self._content = pieces(size)
        self._parts = self._framed(head)
        self._part = memoryview(b"")
        loop.change(sock.fileno(), OUT, self._write)

    def _framed(self, head: bytes) -> Iterator[bytes]:
        """Each part when the one before was taken."""
        yield head
        for piece in self._content:
            yield framed(piece) if self._chunked else piece
            self.sent += len(piece)
        if self._chunked:
            yield LAST_CHUNK

    def _write(self) -> None:
        for _ in range(AT_ONCE):
            if not self._part:
                self._part = memoryview(next(self._parts, b""))
            if not self._part:
                self._then()
                return
            try:
                self._part = self._part[self._sock.send(self._part) :]
            except BlockingIOError:
                return
            except OSError as error:
                self.error = str(error)
                self._loop.change(self._sock.fileno(), NOTHING, self._write)
                return


class Receiver:
    """Takes a message whose head has this framing line.

    Stops to read after as many octets as each of `pauses` says, until `resume`.
    """

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        framing: bytes,
        *,
        pauses: Sequence[int] = (),
        then: Callable[[], None],
    ) -> None:
        """The socket is on the loop already, and does not block.

        `then`: when all has come, or something that is wrong, which `error` says.
        """
        self.received = 0
        self.paused = False
        self.error: str | None = None
        self._head = b""
        self._body: Body | None = None
        self._digest = hashlib.sha256()
        self._loop = loop
        self._sock = sock
        self._framing = framing.lower()
        self._pauses = list(reversed(pauses))
        self._then = then
        self.resume()

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    def resume(self) -> None:
        self.paused = False
        self._loop.change(self._sock.fileno(), IN, self._read)

    def _read(self) -> None:
        try:
            for _ in range(AT_ONCE):
                if self._take(self._sock.recv(BUFFER)):
                    return
        except BlockingIOError:
            return
        except (OSError, FlowError, MalformedError) as error:
            self.error = str(error)
            self._loop.change(self._sock.fileno(), NOTHING, self._read)
            self._then()

    def _take(self, data: bytes) -> bool:
        """Whether to stop reading for now."""
        if not data:
            raise FlowError("the connection ended before the body did")
        if self._body is None:
            data = self._take_head(data)
            if self._body is None:
                return False
        content = self._body.feed(data)
        self._digest.update(content)
        self.received += len(content)
        if self._body.rest:
            raise FlowError("more came than the body")
        if self._body.done:
            self._then()
        elif self._pauses and self.received >= self._pauses[-1]:
            self._pauses.pop()
            self.paused = True
            self._loop.change(self._sock.fileno(), NOTHING, self._read)
        return self.paused or self._body.done

    def _take_head(self, data: bytes) -> bytes:
        """What follows the head, once that is whole."""
        head, blank, rest = (self._head + data).partition(BLANK_LINE)
        self._head = head
        if not blank:
            if len(head) > LONGEST_HEAD:
                raise FlowError("no end of the head")
            return b""
        if self._framing not in head.lower().split(b"\r\n"):
            raise FlowError(f"another framing: {head.decode('latin-1')}")
        name, _, value = self._framing.partition(b": ")
        self._body = ChunkedBody() if name == b"transfer-encoding" else SizedBody(int(value))
        return rest
