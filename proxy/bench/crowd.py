"""A crowd beside the visitors: many who ask nothing, and some who are slow in all they do.

An idle client asks once, is answered, and keeps its connection; slow.py tells of the others.
Whatever else happens to either is an error, counted by what it was, and that client is gone.
"""

import socket
from collections import Counter
from collections.abc import Iterator
from time import perf_counter

from proxy.bench.cases import BLANK_LINE, CASES, OK, answer_body, requests
from proxy.bench.loop import Link, Loop
from proxy.bench.slow import PACE, RECEIVE_BUFFER, Slow, SlowError

STEP = 0.01
"""Seconds between two moves of the crowd: in each a tenth of the slow clients has its turn."""

AT_ONCE = 64
"""Idle clients that ask at the same time, fewer than a proxy has connections to the upstream."""

PATIENCE = 20.0
"""Seconds that connecting, and the first answers to all the idle, may take."""

IDLE_REQUEST = requests(CASES[0])[0]
IDLE_TAIL = BLANK_LINE + answer_body(CASES[0])


class Crowd:
    """`idle` and `slow` clients of one address. Call `settle`, then `step` every `STEP` seconds."""

    def __init__(self, loop: Loop, address: tuple[str, int], *, idle: int, slow: int) -> None:
        self.errors: Counter[str] = Counter()
        self.slow_answers = 0
        self._unsettled: set[_Idle] = set()
        self._waiting: list[_Idle] = []
        self._loop = loop
        self._address = address
        self._idle = [_Idle(loop, sock, self) for sock in self._connected("idle", idle)]
        connected = self._connected("slow", slow, RECEIVE_BUFFER)
        self.slow = [Slow(sock, number / slow) for number, sock in enumerate(connected)]
        self._began = perf_counter()
        self._moves = 0

    def _connected(self, kind: str, count: int, receive_buffer: int = 0) -> Iterator[socket.socket]:
        for _ in range(count):
            try:
                yield _connected(self._address, receive_buffer)
            except OSError as error:
                self.errors[f"{kind}: connect: {type(error).__name__}"] += 1

    def settle(self) -> None:
        """Return once all the idle have been answered, and each slow one is where it should be.

        Those that do not come that far are errors.
        """
        until = perf_counter() + PATIENCE
        self._waiting = list(self._idle)
        for _ in self._idle[:AT_ONCE]:
            self._next_idle()
        behind = [one for one in self.slow if one.behind]
        while (self._unsettled or behind) and perf_counter() < until:
            self._loop.run(until=perf_counter() + STEP, wait=STEP)
            for one in behind:
                self._move(one)
            behind = [one for one in behind if one.behind]
        for late in tuple(self._unsettled):
            late.fail("no answer in time")
        if behind:
            self.errors["slow: no answer in time"] += len(behind)
        self._began = perf_counter()

    def _next_idle(self) -> None:
        if self._waiting:
            one = self._waiting.pop()
            self._unsettled.add(one)
            one.write(IDLE_REQUEST)

    def settled(self, one: "_Idle") -> None:
        if one in self._unsettled:
            self._unsettled.discard(one)
            self._next_idle()

    def step(self) -> None:
        """Move those slow clients whose turn has come."""
        count = len(self.slow)
        due = int((perf_counter() - self._began) / PACE * count)
        for number in range(max(self._moves, due - count), due):
            self._move(self.slow[number % count])
        self._moves = due

    def _move(self, one: Slow) -> None:
        try:
            self.slow_answers += one.move()
        except SlowError as error:
            self.errors[f"slow: {error}"] += 1

    def leave(self) -> None:
        for idle in self._idle:
            idle.close()
        for slow in self.slow:
            slow.close()


class _Idle(Link):
    """Asks once; is counted as an error where more comes than the answer, or the end."""

    def __init__(self, loop: Loop, sock: socket.socket, crowd: Crowd) -> None:
        super().__init__(loop, sock)
        self._crowd = crowd
        self._come = b""
        self._gone = False

    def read(self) -> None:
        try:
            data = self._sock.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            self.fail("reset")
            return
        self._come += data
        if not data:
            self.fail("closed")
        elif len(self._come) > 2 * len(IDLE_TAIL) or not self._come.startswith(OK):
            self.fail("wrong answer")
        elif self._come.endswith(IDLE_TAIL):
            self._crowd.settled(self)

    def fail(self, reason: str) -> None:
        self._crowd.errors[f"idle: {reason}"] += 1
        self.close()

    def close(self) -> None:
        if not self._gone:
            self._gone = True
            super().close()
            self._crowd.settled(self)


def _connected(address: tuple[str, int], receive_buffer: int) -> socket.socket:
    """The size is set before it connects: the window is agreed upon then. Raises `OSError`."""
    sock = socket.socket()
    try:
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock
