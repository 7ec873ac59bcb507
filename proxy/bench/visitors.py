"""Visitors who ask again as soon as they are answered, and look at every octet's place.

An answer is right when its status is 200, its Content-Length is the one expected, its body is the
one expected, and nothing follows it. All else is an error, counted by what was wrong, and the
visitor connects anew.
"""

import re
import socket
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle
from time import perf_counter

from proxy.bench.cases import BLANK_LINE, OK
from proxy.bench.loop import Link, Loop

PATIENCE = 10.0
"""Seconds that a visitor waits for an answer, and for a connection."""

HEAD_ROOM = 16 * 1024
STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3})[ \r]")


class Visitors:
    """`connections` visitors of one address; they ask from now on until `leave`."""

    def __init__(
        self,
        loop: Loop,
        address: tuple[str, int],
        *,
        connections: int,
        requests: Sequence[bytes],
        body: bytes,
    ) -> None:
        """Whoever asks next asks the next of `requests`, after the last the first again."""
        self.latencies = array("d")
        """Seconds from sending a request to the last octet of its right answer."""
        self.errors: Counter[str] = Counter()
        self.next_request: Callable[[], bytes] = cycle(requests).__next__
        self.tail = BLANK_LINE + body
        self.length_line = b"ength: %d\r\n" % len(body)
        self.asking = True
        self._loop = loop
        self._address = address
        self.present: set[Visitor] = set()
        for _ in range(connections):
            self.connect()

    def connect(self) -> None:
        """One more visitor, asking at once; where nobody listens, an error and no visitor."""
        try:
            sock = socket.create_connection(self._address, timeout=PATIENCE)
        except OSError as error:
            self.errors[f"connect: {type(error).__name__}"] += 1
            return
        visitor = self.visitor(sock)
        self.present.add(visitor)
        visitor.ask()

    def visitor(self, sock: socket.socket) -> "Visitor":
        return Visitor(self._loop, sock, self)

    def gone(self, visitor: "Visitor") -> None:
        self.present.discard(visitor)
        if not self.present:
            self._loop.stop()

    def ask_until(self, moment: float) -> None:
        """Run until this moment of `perf_counter`, counting an answer too late as an error."""
        while perf_counter() < moment and self.present:
            self._loop.run(until=min(moment, perf_counter() + PATIENCE / 10))
            self._give_up_the_late()

    def leave(self) -> None:
        """Await the answers under way, ask no more."""
        self.asking = False
        while self.present:
            self._loop.run(until=perf_counter() + PATIENCE / 10)
            self._give_up_the_late()

    def _give_up_the_late(self) -> None:
        before = perf_counter() - PATIENCE
        for visitor in [one for one in self.present if one.asked_at < before]:
            visitor.fail("no answer in time")


class Visitor(Link):
    """One kept connection with one request under way."""

    def __init__(self, loop: Loop, sock: socket.socket, visitors: Visitors) -> None:
        super().__init__(loop, sock)
        self.asked_at = 0.0
        self._visitors = visitors
        self._tail = visitors.tail
        self._length_line = visitors.length_line
        self._next_request = visitors.next_request
        self._buffer = bytearray(HEAD_ROOM + len(self._tail))
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._note: Callable[[float], None] = visitors.latencies.append

    def ask(self) -> None:
        self.asked_at = perf_counter()
        self.write(self._next_request())

    def read(self) -> None:
        filled = self._filled
        try:
            count = self._receive_into(self._view[filled:] if filled else self._buffer)
        except BlockingIOError:
            return
        except OSError:
            self.fail("reset")
            return
        if not count:
            self.fail("closed")
            return
        filled += count
        buffer, tail = self._buffer, self._tail
        end = buffer.find(BLANK_LINE, 0, filled)
        if (
            end + len(tail) == filled
            and buffer.startswith(OK)
            and buffer.startswith(tail, end)
            and buffer.find(self._length_line, 0, end + 2) > 0
        ):
            now = perf_counter()
            self._note(now - self.asked_at)
            self._filled = 0
            self.asked_at = now
            if self._visitors.asking:
                self.write(self._next_request())
            else:
                self.close()
        elif wrong := self._wrong(end, filled):
            self.fail(wrong)
        else:
            self._filled = filled

    def _wrong(self, end: int, filled: int) -> str | None:
        """What is wrong with the answer so far; None while the rest may still come."""
        if end < 0:
            return "head too long" if filled == len(self._buffer) else None
        status = STATUS.match(self._buffer)
        if status is None:
            return "not HTTP/1.1"
        if status[1] != b"200":
            return f"status {status[1].decode()}"
        if self._buffer.find(self._length_line, 0, end + 2) < 0:
            return "wrong or no Content-Length"
        missing = end + len(self._tail) - filled
        if missing < 0:
            return "more than Content-Length"
        return None if missing else "wrong body"

    def fail(self, reason: str) -> None:
        """Count one error; come back on a new connection while there is something to ask."""
        self._visitors.errors[reason] += 1
        self.close()
        if self._visitors.asking:
            self._visitors.connect()

    def close(self) -> None:
        super().close()
        self._visitors.gone(self)
