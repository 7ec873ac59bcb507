"""Visitor and upstream of one long body: one program, so that it knows how far both are."""

import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from time import perf_counter

from proxy.bench.cases import BLANK_LINE, CASES, answer
from proxy.bench.content import digest_of
from proxy.bench.flow import BUFFER, Receiver, Sender
from proxy.bench.loop import IN, Loop
from proxy.bench.passage import Passage, Passed

QUIET = 0.2
"""Seconds without anything sent after which the sender is said to have been made to wait."""

PATIENCE = 30.0
"""Seconds without any progress, where nobody pauses."""

STEP = 0.05
LONGEST_HEAD = 16 * 1024
REQUEST = b"%b /long/ HTTP/1.1\r\nHost: www.python.org\r\n"
STATUS = b"HTTP/1.1 200 OK\r\n"
DONE = b"done"


class Ends:
    """Listens as the upstream, on a free port; the visitor comes in `pass_through`."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.passage: Passage | None = None
        self.size = 0
        self.pauses: Sequence[int] = ()
        self.sender: Sender | None = None
        self.receiver: Receiver | None = None
        self.served: set[_Served] = set()
        self._answer: Receiver | None = None
        self._over = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._listener.setblocking(False)
        loop.add(self._listener.fileno(), self._accept)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def _accept(self) -> None:
        self.served.add(_Served(self, self._listener.accept()[0]))

    def close(self) -> None:
        for served in tuple(self.served):
            served.close()
        self.loop.remove(self._listener.fileno())
        self._listener.close()

    def pass_through(
        self, port: int, passage: Passage, size: int, pauses: Sequence[int] = ()
    ) -> Passed:
        """One body of `size` octets through whoever listens on `port`.

        Who takes it stops after each of `pauses` octets, until the sender waits.
        """
        self.passage, self.size, self.pauses = passage, size, pauses
        self.sender = self.receiver = self._answer = None
        self._over = False
        with closing(_connected(port)) as sock:
            self.loop.add(sock.fileno(), self.finish)
            self._visit(sock, passage)
            passed = self._watched(perf_counter())
            self.loop.remove(sock.fileno())
        self.passage = None
        return passed

    def _visit(self, sock: socket.socket, passage: Passage) -> None:
        if passage.direction == "down":
            sock.send(REQUEST % b"GET" + b"\r\n")
            self.receive(sock, passage, self.finish)
        else:
            self.send(sock, passage, REQUEST % b"POST", lambda: self._await_answer(sock))

    def _await_answer(self, sock: socket.socket) -> None:
        """The upstream's, to an upload; its octets are not looked at, but they must come."""
        self._answer = Receiver(
            self.loop, sock, b"Content-Length: %d" % len(DONE), then=self.finish
        )

    def send(
        self, sock: socket.socket, passage: Passage, start: bytes, then: Callable[[], None]
    ) -> None:
        head = start + passage.framing_line(self.size) + BLANK_LINE
        self.sender = Sender(self.loop, sock, head, self.size, chunked=passage.chunked, then=then)

    def receive(self, sock: socket.socket, passage: Passage, then: Callable[[], None]) -> None:
        line = passage.framing_line(self.size)
        self.receiver = Receiver(self.loop, sock, line, pauses=self.pauses, then=then)

    def finish(self) -> None:
        self._over = True
        self.loop.stop()

    def _watched(self, began: float) -> Passed:
        """Run until it is over, or nothing moves any more."""
        ahead: list[int] = []
        waits = 0
        before, moved_at = (0, 0), began
        errors: list[str] = []
        while not self._over:
            self.loop.run(until=perf_counter() + STEP, wait=STEP)
            now, progress = perf_counter(), self._progress()
            if self.receiver is not None and self.receiver.paused:
                sent, received = self._standstill()
                ahead.append(sent - received)
                waits += sent < self.size
                self.receiver.resume()
            elif progress != before:
                before, moved_at = progress, now
            elif now - moved_at > PATIENCE:
                errors.append(f"nothing moved for {PATIENCE:.0f} s after {progress} octets")
                break
        return Passed(
            octets=self._progress()[1],
            seconds=perf_counter() - began,
            pauses=len(ahead),
            waits=waits,
            ahead=max(ahead, default=0),
            errors=(*errors, *self._errors()),
        )

    def _progress(self) -> tuple[int, int]:
        sent = 0 if self.sender is None else self.sender.sent
        return sent, 0 if self.receiver is None else self.receiver.received

    def _standstill(self) -> tuple[int, int]:
        """How far both are once the sender has been standing still for a while."""
        before = None
        while (progress := self._progress()) != before:
            before = progress
            self.loop.run(until=perf_counter() + QUIET, wait=QUIET)
        return progress

    def _errors(self) -> list[str]:
        ends = (self.sender, self.receiver, self._answer)
        errors = [one.error for one in ends if one is not None and one.error is not None]
        if self.receiver is None:
            return [*errors, "nothing came"]
        if self.receiver.received != self.size:
            errors.append(f"{self.receiver.received} octets came of {self.size}")
        elif self.receiver.digest != digest_of(self.size):
            errors.append("other octets came than were sent")
        return errors


class _Served:
    """A connection of the proxy's pool: one request after the other, answered as is its turn."""

    def __init__(self, ends: Ends, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self._ends = ends
        self._sock = sock
        self._head = b""
        ends.loop.add(sock.fileno(), self._ready)

    def _ready(self) -> None:
        passage = self._ends.passage
        try:
            ended = not self._sock.recv(1, socket.MSG_PEEK)
        except OSError:
            ended = True
        if ended:
            self.close()
        elif passage is not None and passage.direction == "up":
            self._ends.receive(self._sock, passage, self._answer_upload)
        else:
            self._take_head(passage)

    def _take_head(self, passage: Passage | None) -> None:
        self._head += self._sock.recv(LONGEST_HEAD)
        if not self._head.endswith(BLANK_LINE):
            return
        self._head = b""
        if passage is None:  # somebody asks whether we are up
            self._sock.send(answer(CASES[0]))
        else:
            self._ends.send(self._sock, passage, STATUS, self._again)

    def _answer_upload(self) -> None:
        self._sock.send(STATUS + b"Content-Length: %d" % len(DONE) + BLANK_LINE + DONE)
        self._again()

    def close(self) -> None:
        self._ends.served.discard(self)
        self._ends.loop.remove(self._sock.fileno())
        self._sock.close()

    def _again(self) -> None:
        self._ends.loop.change(self._sock.fileno(), IN, self._ready)


def _connected(port: int) -> socket.socket:
    """Its buffer is set before it connects: the window is agreed upon then."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    sock.connect(("127.0.0.1", port))
    sock.setblocking(False)
    return sock
