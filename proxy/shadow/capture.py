"""What a worker tells the shadow process of one request, and how it is written down between them.

    frame = length of what follows (4 octets, big-endian), one of these in MessagePack

Capture    a request that only reads, and its answer
Arrived    a request that writes, as soon as it is there
Answered   later, that the legacy side has answered it
"""

import msgspec

from proxy.parity.answer import Answer, Headers, Question

LENGTH = 4
LONGEST = 4 << 20
"""Octets of a frame: a body of 1 MiB, and heads of 64 KiB."""


class Capture(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A request that the legacy side at `url` has answered `at` (seconds since 1970).

    `head` is what it got; `passing`, whole lines, and `claims` what the visitor sent, as in a
    `Plan`. `start` is the answer's head with its status line, `body` whole.
    """

    domain: str
    route: str
    method: str
    target: bytes
    host: bytes
    passing: bytes
    claims: tuple[tuple[bytes, bytes], ...]
    scheme: str
    trusted: bool
    peer: str
    port: int
    url: str
    head: bytes
    at: float
    status: int
    start: bytes
    body: bytes

    @property
    def question(self) -> Question:
        return Question(
            self.method, self.target.decode("latin-1"), self.host.decode("latin-1"), self.at
        )

    @property
    def answer(self) -> Answer:
        return Answer(self.status, fields(self.start.partition(b"\r\n")[2]), self.body)


class Arrived(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """`request` has no answer yet; `body` is what came with it. `number` is the worker's own."""

    number: int
    request: Capture
    body: bytes


class Answered(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """To the request of that number; `status` 0 where there was no answer."""

    number: int
    status: int
    at: float


Told = Capture | Arrived | Answered


def fields(lines: bytes) -> Headers:
    """Whole lines with their ends, as pairs."""
    pairs = (line.partition(b":") for line in lines.split(b"\r\n") if line)
    return tuple((name.lower(), value.strip(b" \t")) for name, _, value in pairs)


_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Told] = msgspec.msgpack.Decoder(Told)


def framed(told: Told) -> bytes:
    octets = _encode(told)
    return len(octets).to_bytes(LENGTH, "big") + octets


def length_of(prefix: bytes) -> int:
    """Raises `ValueError` for what no worker writes."""
    length = int.from_bytes(prefix, "big")
    if length > LONGEST:
        raise ValueError(f"a capture of {length} octets")
    return length


def read(octets: bytes) -> Told:
    """Raises `ValueError` for what `framed` did not write."""
    try:
        return _decoder.decode(octets)
    except msgspec.MsgspecError as error:
        raise ValueError(f"this is no capture: {error}") from None
