"""The head of an answer from the upstream, and what of it the client sees.

Lenient only where RFC 9112 asks a proxy to repair (§5.1, §5.2); framing is never guessed.
"""

import re
import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import (
    ANSWER_LINES,
    CHUNKED,
    LAST_PASSING,
    PSEUDONYM,
    Kind,
    options_of,
    read_length,
    without_named,
)

LONGEST_HEAD = 64 * 1024
MOST_FIELDS = 200

UNSIZED = -2
"""The length of a body that ends when the upstream closes (RFC 9112 §6.3, rule 8)."""

_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?\r\n")
_SPACE_BEFORE_COLON = re.compile(rb"^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]+:", re.MULTILINE)
_FOLD = re.compile(rb"\r\n[ \t]++")
_NOT_A_HEAD = re.compile(rb"(?<!\r)\n|\0")
_VIA = (b"Via: 1.0 " + PSEUDONYM + b"\r\n", b"Via: 1.1 " + PSEUDONYM + b"\r\n")

# As plain numbers: looked up in an Enum they would cost as much again as the fields themselves.
CONNECTION, UPGRADE, DATE, DROP = map(int, (Kind.CONNECTION, Kind.UPGRADE, Kind.DATE, Kind.DROP))
CONTENT_LENGTH, CODING = int(Kind.CONTENT_LENGTH), int(Kind.TRANSFER_ENCODING)

NO_OPTIONS: frozenset[bytes] = frozenset()
ORDINARY_OPTIONS = frozenset((b"close", b"keep-alive", b"upgrade", b"content-length", b"date"))
"""Connection may name these without taking a field away from what passes."""

_PHRASES = {413: "Content Too Large", 414: "URI Too Long"}
"""RFC 9110's, where those of Python differ from version to version."""

Values = dict[int, list[bytes]]


class AnswerPlan(NamedTuple):
    """`start` is the status line and the fields that pass, with line ends, no framing but length.

    `length` in octets, `CHUNKED` or `UNSIZED`, as the fields say; whether there is a body at all
    hangs on the request's method and the status. `undated`: a Date must be added. `keeps`: the
    upstream keeps the connection.
    """

    status: int
    start: bytes
    length: int
    keeps: bool
    undated: bool


def read_answer(head: bytes) -> AnswerPlan:
    """`head` ends with the line end of its last line. Raises `MalformedError`."""
    line = _STATUS_LINE.match(head)
    if line is None:
        raise MalformedError("the status line is not HTTP/1.x STATUS REASON")
    minor, status = 0 if line[1] == b"0" else 1, int(line[2])
    passing: list[bytes] = []
    values: Values = {}
    _sort(head[line.end() : -2], passing, values)
    options = NO_OPTIONS
    if CONNECTION in values:
        options = options_of(values[CONNECTION])
        if not options <= ORDINARY_OPTIONS:
            passing = without_named(passing, options - ORDINARY_OPTIONS, ANSWER_LINES)
    length = UNSIZED
    if CODING in values or CONTENT_LENGTH in values:
        length = _length(values, minor, status, passing)
    if status == 101 and options_of(values.get(UPGRADE, [])) == {b"websocket"}:
        passing += (b"Upgrade: websocket", b"Connection: Upgrade")
    start = b"HTTP/1.1 %b %b\r\n" % (line[2], line[3] or b"")
    passing.append(_VIA[minor])
    return AnswerPlan(
        status,
        start + b"\r\n".join(passing),
        length,
        minor == 1 and b"close" not in options,
        DATE not in values and status >= 200,
    )


def _sort(block: bytes, passing: list[bytes], values: Values) -> None:
    lines = block.split(b"\r\n") if block else []
    if len(lines) > MOST_FIELDS:
        raise TooLargeError("there are too many fields")
    known = ANSWER_LINES.get
    for raw in lines:
        line = known(raw)
        if line is None:
            try:
                line = ANSWER_LINES.read(raw)
            except MalformedError:
                passing.clear()
                values.clear()
                return _sort_repaired(block, passing, values)
        kind = line[0]
        if kind <= LAST_PASSING:
            passing.append(raw)
        elif kind in values:
            values[kind].append(line[2])
        elif kind != DROP:
            values[kind] = [line[2]]
            if kind == DATE:
                passing.append(raw)
    return None


def _sort_repaired(block: bytes, passing: list[bytes], values: Values) -> None:
    """RFC 9112 §5.1 and §5.2: white space before the colon goes, folded lines become one."""
    repaired = _SPACE_BEFORE_COLON.sub(rb"\1:", _FOLD.sub(b" ", block))
    if repaired == block:
        raise MalformedError("a field line is not NAME: VALUE")
    _sort(repaired, passing, values)


def _length(values: Values, minor: int, status: int, passing: list[bytes]) -> int:
    """RFC 9112 §6.3. The line that says it passes, but where no length may be (RFC 9110 §8.6)."""
    codings = values.get(CODING)
    lengths = values.get(CONTENT_LENGTH, [])
    if codings is not None:
        if lengths or minor == 0 or [one.lower() for one in codings] != [b"chunked"]:
            raise MalformedError("Transfer-Encoding is not chunked alone")
        return CHUNKED
    length = read_length(lengths[:1])
    if any(other != lengths[0] for other in lengths):
        raise MalformedError("lengths differ")
    if status >= 200 and status != 204:
        passing.append(b"Content-Length: %d" % length)
    return length


def check_unfinished(head: bytes, seen: int = 0) -> None:
    """Refuse at once what cannot become a head. The first `seen` octets were looked at before."""
    if head[:7] != b"HTTP/1."[: len(head)] or _NOT_A_HEAD.search(head, max(seen - 1, 0)):
        raise MalformedError("this is not HTTP/1.x")
    if len(head) > LONGEST_HEAD + 1:  # 1: half of the empty line
        raise TooLargeError("the head is too long")


def date_line() -> bytes:
    """RFC 9110 §6.6.1."""
    return _date(int(time.time()))


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return b"Date: " + formatdate(second, usegmt=True).encode("ascii") + b"\r\n"


def own_answer(status: int, extra: bytes = b"") -> tuple[bytes, bytes]:
    """Start (with the lines `extra`) and body. It names no stage and no side: those are logged."""
    start, body = _plain_answer(status)
    return start + extra + date_line(), body


@lru_cache(maxsize=128)
def _plain_answer(status: int) -> tuple[bytes, bytes]:
    phrase = _PHRASES.get(status) or HTTPStatus(status).phrase
    body = f"{status} {phrase}\n".encode("ascii")
    start = (
        f"HTTP/1.1 {status} {phrase}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
    )
    return start.encode("ascii"), body
