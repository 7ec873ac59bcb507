"""Heads and bodies read by the rules of RFC 9112, by a reader that forgives nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
REQUEST_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^\x00-\x20\x7f]+ HTTP/1\.1")
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-9][0-9]{2}) ([^\x00-\x08\x0a-\x1f\x7f]*)")
LENGTH = re.compile(rb"[0-9]+")
CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]+")

ADDED_TO_REQUESTS = frozenset(
    (
        b"via",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
        b"forwarded",
        b"x-request-id",
        b"content-length",
        b"transfer-encoding",
    )
)
ADDED_TO_ANSWERS = frozenset(
    (
        b"via",
        b"x-request-id",
        b"strangler-owner",
        b"strangler-domain",
        b"transfer-encoding",
        b"connection",
    )
)
"""What the proxy writes itself, so that a test of what passes looks past it."""


class MalformedError(AssertionError):
    """The proxy said something that is no HTTP/1.1."""


@dataclass(frozen=True, slots=True)
class Head:
    """`fields` in order, names as they were sent, values without the whitespace around them."""

    raw: bytes
    start: bytes
    fields: tuple[tuple[bytes, bytes], ...]

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def value(self, name: bytes) -> bytes:
        """Of a field that must be there exactly once."""
        values = self.values(name)
        assert len(values) == 1, f"{name!r} {len(values)} times in {self.raw!r}"
        return values[0]

    def without(self, names: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
        return [(name, value) for name, value in self.fields if name.lower() not in names]


@dataclass(frozen=True, slots=True)
class RequestHead(Head):
    @property
    def method(self) -> bytes:
        return self.start.split(b" ")[0]

    @property
    def target(self) -> bytes:
        return self.start.split(b" ")[1]

    @property
    def passed(self) -> list[tuple[bytes, bytes]]:
        """The fields that came from the client, in order."""
        return self.without(ADDED_TO_REQUESTS)


@dataclass(frozen=True, slots=True)
class AnswerHead(Head):
    @property
    def status(self) -> int:
        return int(self.start[9:12])

    @property
    def reason(self) -> bytes:
        return self.start[13:]

    @property
    def passed(self) -> list[tuple[bytes, bytes]]:
        """The fields that came from the upstream, in order."""
        return self.without(ADDED_TO_ANSWERS)


@dataclass(frozen=True, slots=True)
class Answer:
    """`framing` is none, length, chunked or close; `interim` are the 1xx before it."""

    head: AnswerHead
    body: bytes
    framing: str
    interim: tuple[AnswerHead, ...] = ()

    @property
    def status(self) -> int:
        return self.head.status

    def values(self, name: bytes) -> list[bytes]:
        return self.head.values(name)

    def value(self, name: bytes) -> bytes:
        return self.head.value(name)


def request_head(raw: bytes) -> RequestHead:
    """Raises `MalformedError`."""
    start, fields = _parted(raw)
    if not REQUEST_LINE.fullmatch(start):
        raise MalformedError(f"request line {start!r}")
    return RequestHead(raw, start, fields)


def answer_head(raw: bytes) -> AnswerHead:
    """Raises `MalformedError`."""
    start, fields = _parted(raw)
    if not STATUS_LINE.fullmatch(start):
        raise MalformedError(f"status line {start!r}")
    return AnswerHead(raw, start, fields)


def framing_of(head: Head, *, bodiless: bool, otherwise: str) -> tuple[str, int]:
    """How the body ends (RFC 9112 §6.3), and its length; `otherwise` where no field says it."""
    codings, lengths = head.values(b"transfer-encoding"), head.values(b"content-length")
    if len(codings) + len(lengths) > 1:
        raise MalformedError(f"more than one framing: {head.raw!r}")
    if codings and codings[0].lower() != b"chunked":
        raise MalformedError(f"transfer-encoding {codings[0]!r}")
    if lengths and not LENGTH.fullmatch(lengths[0]):
        raise MalformedError(f"content-length {lengths[0]!r}")
    if bodiless:
        return "none", 0
    if codings:
        return "chunked", 0
    return ("length", int(lengths[0])) if lengths else (otherwise, 0)


def chunk_size(line: bytes) -> int:
    """Of a chunk that the proxy framed: it adds no extensions."""
    if not CHUNK_SIZE.fullmatch(line):
        raise MalformedError(f"chunk size {line!r}")
    return int(line, 16)


def _parted(raw: bytes) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    if not raw.endswith(b"\r\n\r\n"):
        raise MalformedError(f"a head without end: {raw!r}")
    start, *lines = raw[:-4].split(b"\r\n")
    fields = []
    for line in lines:
        match = FIELD.fullmatch(line)
        if match is None:
            raise MalformedError(f"field line {line!r}")
        fields.append((match[1], match[2]))
    return start, tuple(fields)
