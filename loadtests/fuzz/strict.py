"""Requests and answers read to the letter of RFC 9112, forgiving nothing; shares no code with us.

It must take all that the proxy says, and notice all that the proxy must not say.
"""

from typing import NamedTuple

TOKEN = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
VALUE = frozenset([9, *range(0x20, 0x7F), *range(0x80, 0x100)])
TARGET = frozenset([*range(0x21, 0x7F), *range(0x80, 0x100)]) - frozenset(b"#")
DIGITS = frozenset(b"0123456789")
HEX = frozenset(b"0123456789abcdef")
LONGEST_LENGTH = 18

Fields = tuple[tuple[bytes, bytes], ...]


class StrictError(Exception):
    """Not what the proxy may say."""


class Message(NamedTuple):
    """One request or answer. `start` are the three parts of its first line.

    `complete` is False where the octets end before it does.
    """

    start: tuple[bytes, bytes, bytes]
    fields: Fields
    body: bytes
    complete: bool

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.fields if key.lower() == name]


PART_OF_A_HEAD = Message((b"", b"", b""), (), b"", complete=False)


def requests(octets: bytes) -> list[Message]:
    """All requests on one connection. Raises `StrictError`."""
    messages = []
    while octets:
        message, octets = request(octets)
        messages.append(message)
    return messages


def answers(octets: bytes, method: bytes) -> list[Message]:
    """Interim answers and one final one to a request with that method. Raises `StrictError`.

    Octets behind it are an error. A body without any framing is all that follows.
    """
    messages: list[Message] = []
    while octets:
        if messages and messages[-1].start[1] >= b"200":
            raise StrictError(f"more follows the answer: {octets[:60]!r}")
        message, octets = answer(octets, method)
        messages.append(message)
    return messages


def request(octets: bytes) -> tuple[Message, bytes]:
    """The first request, and what follows it. Raises `StrictError`."""
    parted = _parted(octets)
    if parted is None:
        return PART_OF_A_HEAD, b""
    line, fields, rest = parted
    start = _request_line(line)
    _check_request(fields)
    body, complete, rest = _body(fields, rest, bodiless=False, unsized=False)
    return Message(start, fields, body, complete), rest


def answer(octets: bytes, method: bytes) -> tuple[Message, bytes]:
    """The first answer, interim or final, and what follows it. Raises `StrictError`."""
    parted = _parted(octets)
    if parted is None:
        return PART_OF_A_HEAD, b""
    line, fields, rest = parted
    start = _status_line(line)
    final = start[1] >= b"200"
    bodiless = not final or start[1] in (b"204", b"304") or method == b"HEAD"
    body, complete, rest = _body(fields, rest, bodiless=bodiless, unsized=True)
    return Message(start, fields, body, complete), rest


def _parted(octets: bytes) -> tuple[bytes, Fields, bytes] | None:
    """First line, fields, and what follows the head; None where the head is not whole."""
    head, mark, rest = octets.partition(b"\r\n\r\n")
    if not mark:
        _check_unfinished(octets)
        return None
    line, *lines = head.split(b"\r\n")
    return line, tuple(_field(one) for one in lines), rest


def _check_unfinished(octets: bytes) -> None:
    """The proxy writes a head whole; only where it is cut off there is a part of one."""
    for line in octets.split(b"\r\n"):
        if not VALUE.issuperset(line.removesuffix(b"\r")):
            raise StrictError(f"a line with other octets: {line[:60]!r}")


def _request_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    method, target, version = _three(line)
    if not (method and target and TOKEN.issuperset(method) and TARGET.issuperset(target)):
        raise StrictError(f"request line {line[:80]!r}")
    if version != b"HTTP/1.1" or method == b"CONNECT":
        raise StrictError(f"request line {line[:80]!r}")
    if not target.startswith(b"/") and (method, target) != (b"OPTIONS", b"*"):
        raise StrictError(f"target {target[:60]!r}")
    return method, target, version


def _status_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    version, status, reason = _three(line)
    if version != b"HTTP/1.1" or len(status) != 3 or not DIGITS.issuperset(status):
        raise StrictError(f"status line {line[:80]!r}")
    if status < b"100" or not VALUE.issuperset(reason):
        raise StrictError(f"status line {line[:80]!r}")
    return version, status, reason


def _three(line: bytes) -> tuple[bytes, bytes, bytes]:
    parts = line.split(b" ", 2)
    if len(parts) != 3:
        raise StrictError(f"first line {line[:80]!r}")
    return parts[0], parts[1], parts[2]


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not (colon and name and TOKEN.issuperset(name) and VALUE.issuperset(value)):
        raise StrictError(f"field line {line[:80]!r}")
    return name, value.strip(b" \t")


def _check_request(fields: Fields) -> None:
    hosts = [value for name, value in fields if name.lower() == b"host"]
    if len(hosts) != 1 or not hosts[0]:
        raise StrictError(f"Host {hosts!r}")
    odd = [name for name, _ in fields if b"_" in name]
    if odd:
        raise StrictError(f"names that alias: {odd!r}")


def _body(
    fields: Fields, rest: bytes, *, bodiless: bool, unsized: bool
) -> tuple[bytes, bool, bytes]:
    """The body, whether it is whole, and what follows."""
    codings = [value for name, value in fields if name.lower() == b"transfer-encoding"]
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    if len(codings) + len(lengths) > 1 or codings not in ([], [b"chunked"]):
        raise StrictError(f"framing {codings!r} {lengths!r}")
    for length in lengths:
        if not (0 < len(length) <= LONGEST_LENGTH and DIGITS.issuperset(length)):
            raise StrictError(f"Content-Length {length!r}")
    if bodiless:
        if codings:
            raise StrictError("chunked where there is no body")
        return b"", True, rest
    if codings:
        return _chunks(rest)
    if lengths:
        length_ = int(lengths[0])
        return rest[:length_], len(rest) >= length_, rest[length_:]
    return (rest, True, b"") if unsized else (b"", True, rest)


def _chunks(rest: bytes) -> tuple[bytes, bool, bytes]:
    body = b""
    while True:
        line, mark, rest = rest.partition(b"\r\n")
        if not mark:
            return body, False, b""
        if not line or not HEX.issuperset(line) or (line.startswith(b"0") and line != b"0"):
            raise StrictError(f"chunk size {line[:40]!r}")
        size = int(line, 16)
        body += rest[:size]
        end, rest = rest[size : size + 2], rest[size + 2 :]
        if not b"\r\n".startswith(end):
            raise StrictError(f"{end!r} behind a chunk")
        if end != b"\r\n":
            return body, False, b""
        if size == 0:
            return body, True, rest
