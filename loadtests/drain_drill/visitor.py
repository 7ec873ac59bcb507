"""A client that asks again and again on a kept connection, and judges each answer.

Where it has several addresses it balances itself: when one refuses, or has closed the kept
connection before an octet of the answer to a request that may be asked twice, it asks the next.
That is what RFC 9110 §9.2.2 lets any client do, and it is counted. All else is a failure.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from loadtests.drain_drill.site import PAGE, PIECES, read_body, receipt

PATIENCE = 20.0
"""Seconds for one answer, with all that it takes to get it."""

LEAVING = 0.05
"""Share of answers after which a visitor goes and comes back: so all doors stay in use."""

THINKING = (0.0, 0.02, 0.1, 0.3, 0.6, 1.5)
"""Seconds between two requests, one of these at random. The longest outlasts the time that a
draining proxy gives its idle connections."""

UPLOAD_BODY = bytes(range(256)) * 40
LARGE_BODY = UPLOAD_BODY * 10
"""Too much for the proxy to gather before it asks the upstream."""


@dataclass(frozen=True, slots=True)
class Question:
    """`request` is whole; `body` what must be answered. `again`: it may be asked twice."""

    name: str
    request: bytes
    body: bytes
    again: bool


def _get(path: str, body: bytes) -> Question:
    request = f"GET {path} HTTP/1.1\r\nHost: www.python.org\r\n\r\n".encode()
    return Question(path, request, body, again=True)


def _post(name: str, framing: bytes, sent: bytes, body: bytes) -> Question:
    head = b"POST /upload HTTP/1.1\r\nHost: www.python.org\r\n" + framing + b"\r\n\r\n"
    return Question(name, head + sent, receipt(body), again=False)


def _sized(name: str, body: bytes) -> Question:
    return _post(name, b"Content-Length: %d" % len(body), body, body)


QUESTIONS = (
    *(_get("/quick", PAGE), _get("/slow", PAGE), _get("/stream", PAGE * PIECES)),
    _sized("upload", UPLOAD_BODY),
    _sized("large upload", LARGE_BODY),
    _post(
        "chunked upload",
        b"Transfer-Encoding: chunked",
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(UPLOAD_BODY), UPLOAD_BODY),
        UPLOAD_BODY,
    ),
)


@dataclass(slots=True)
class Tally:
    """What all visitors of one way have seen. Times in seconds.

    `refused` and `retried` are those that went on to the next address; each of `failures` has its
    reason, and `resets` is how many of them were a reset. `warm` is set once there are as many
    answers as visitors.
    """

    way: str
    connections: int
    requests: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    retried: int = 0
    resets: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    warm: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def total(self) -> int:
        return self.requests.total()

    def answered(self, name: str, seconds: float) -> None:
        self.requests[name] += 1
        self.slowest = max(self.slowest, seconds)
        if self.total == self.connections:
            self.warm.set()

    def failed(self, name: str, error: Exception) -> None:
        self.failures.append(f"{name}: {error!r}")
        self.resets += isinstance(error, ConnectionError)


class FailedError(Exception):
    """The answer is not what it must be; says what it was."""


class Visitor:
    """One connection at a time, to one of `ports` of 127.0.0.1; the next one at the next port."""

    def __init__(self, ports: Sequence[int], tally: Tally, number: int) -> None:
        self._ports = ports
        self._tally = tally
        self._random = Random(number)  # noqa: S311  # the same visitor each time
        self._turn = number
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def visit(self, over: asyncio.Event) -> None:
        """Until it is over; the request under way is finished."""
        while not over.is_set():
            question = self._random.choice(QUESTIONS)
            if question.again:
                # An upload comes at once: were the kept connection closed at that very moment,
                # nobody could tell whether it was taken, and no client may ask again.
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), self._random.choice(THINKING))
            await self.ask(question)
            if self._random.random() < LEAVING:
                await self.leave()
        await self.leave()

    async def ask(self, question: Question) -> None:
        """Until it is answered or has failed; either is noted."""
        began = monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self._answered(question):
                    pass
        except (FailedError, OSError, asyncio.IncompleteReadError) as error:
            self._tally.failed(question.name, error)
            await self.leave()
        else:
            self._tally.answered(question.name, monotonic() - began)

    async def _answered(self, question: Question) -> bool:
        """Ask at one port; False where the next may be asked."""
        if self._reader is not None and self._reader.at_eof():
            await self.leave()
        kept = self._reader is not None
        try:
            reader, writer = await self._connected()
        except ConnectionRefusedError:
            if len(self._ports) == 1:
                raise
            self._tally.refused += 1
            return False
        writer.write(question.request)
        try:
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial or not (kept and question.again and len(self._ports) > 1):
                raise
            self._tally.retried += 1
            await self.leave()
            return False
        await self._judge(head, reader, question)
        return True

    async def _judge(self, head: bytes, reader: asyncio.StreamReader, question: Question) -> None:
        line, *fields = head.lower().split(b"\r\n")
        body = await read_body(reader, fields)
        if not line.startswith(b"http/1.1 200 "):
            raise FailedError(f"{line.decode()}: {body[:60].decode(errors='replace')}")
        if body != question.body:
            raise FailedError(f"{len(body)} other octets instead of {len(question.body)}")
        if b"connection: close" in fields:
            await self.leave()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            self._turn += 1
            port = self._ports[self._turn % len(self._ports)]
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        return self._reader, self._writer

    async def leave(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
