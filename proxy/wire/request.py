"""The head of a request: the request line, and the plan made of its fields.

Reading is strict: an octet that two readers could take differently is refused (RFC 9112 §11.2).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.fields import (
    CHUNKED,
    LAST_PASSING,
    PSEUDONYM,
    REQUEST_LINES,
    Kind,
    options_of,
    read_length,
    without_named,
)

LONGEST_LINE = 16 * 1024
LONGEST_FIELDS = 64 * 1024
"""Octets, with all line ends but that of the empty line behind the fields."""

MOST_FIELDS = 128
LONGEST_HOST = 260
"""Octets, with the port."""

IDEMPOTENT = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"))
"""Methods that may be asked twice (RFC 9110 §9.2.2)."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
ORDINARY_LINE = re.compile(
    rb"(?!CONNECT )(" + _TOKEN + rb") (/[^\x00-\x20\x7f#]*) HTTP/1\.([0-9])\r\n"
)
"""What almost every request begins with: method, target in origin form, minor version."""

_ANY_LINE = re.compile(rb"(" + _TOKEN + rb") ([^\x00-\x20\x7f#]+) HTTP/([0-9])\.([0-9])\r\n")
_ABSOLUTE = re.compile(rb"https?://([^/?]*)(.*)", re.IGNORECASE | re.DOTALL)
_CLEAN = rb"[^\x00-\x08\x0a-\x1f\x7f]*"
_LINES = re.compile(rb"(?:" + _CLEAN + rb"\r\n)*" + _CLEAN + rb"\r?")
_HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]{0,5})?"
)
_DIGITS = re.compile(rb"[0-9]{1,18}")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")

# As plain numbers: looked up in an Enum they would cost as much again as the fields themselves.
HOST, COOKIE, DROP, ORIGIN = map(int, (Kind.HOST, Kind.COOKIE, Kind.DROP, Kind.ORIGIN))
CONNECTION, EXPECT, MAX_FORWARDS = map(int, (Kind.CONNECTION, Kind.EXPECT, Kind.MAX_FORWARDS))
CONTENT_LENGTH, CODING = int(Kind.CONTENT_LENGTH), int(Kind.TRANSFER_ENCODING)
UPGRADE, VIA, REQUEST_ID, FORCE = map(int, (Kind.UPGRADE, Kind.VIA, Kind.REQUEST_ID, Kind.FORCE))

NO_OPTIONS: frozenset[bytes] = frozenset()
ORDINARY_OPTIONS = frozenset((b"close", b"keep-alive", b"upgrade", b"host", b"te"))
"""Connection may name these without taking a field away from what passes."""

Values = dict[int, list[bytes]]


class RequestLine(NamedTuple):
    """`authority` is given where the target came in absolute form; `size` with the line end."""

    method: bytes
    target: bytes
    minor: int
    authority: bytes | None
    size: int


class Plan(NamedTuple):
    """What the fields of a request mean, and which of them pass.

    `passing` are whole lines with their ends, without framing and origin. `length` is that of the
    body in octets, or `CHUNKED`. `plain`: nothing about it needs a second look before it is
    forwarded. `claims` are what the peer says of where the request came from
    (lower-case name, value).
    """

    passing: bytes
    host: bytes
    length: int
    sized: bool
    close: bool
    expects_continue: bool
    websocket: bool
    via: tuple[bytes, ...]
    max_forwards: bytes | None
    claims: tuple[tuple[bytes, bytes], ...]
    request_id: bytes | None
    force: bytes | None
    plain: bool


def read_unusual_line(head: bytes) -> RequestLine:
    """A request line that `ORDINARY_LINE` did not take. Raises `MalformedError`."""
    line = _ANY_LINE.match(head)
    if line is None:
        if head.find(b"\r\n", 0, LONGEST_LINE) < 0 and len(head) >= LONGEST_LINE:
            raise TooLargeError("the request line is too long", 414)
        raise MalformedError("the request line is not METHOD TARGET HTTP/VERSION")
    method, target, major, minor = line.groups()
    if major != b"1":
        raise MalformedError("the version is not HTTP/1.x", 505)
    if method == b"CONNECT":
        raise MalformedError("CONNECT is not for a gateway", 501)
    authority = None
    if target == b"*":
        if method != b"OPTIONS":
            raise MalformedError("the target * is for OPTIONS only")
    elif not target.startswith(b"/"):
        authority, target = _from_absolute(method, target)
    return RequestLine(method, target, min(int(minor), 1), authority, line.end())


def _from_absolute(method: bytes, target: bytes) -> tuple[bytes, bytes]:
    """RFC 9112 §3.2.2: authority, and the target in origin form."""
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or not valid_host(absolute[1]):
        raise MalformedError("the target is neither a path nor an http URL")
    rest = absolute[2]
    if method == b"OPTIONS" and not rest:
        return absolute[1], b"*"  # §3.2.4: of the server, not of a page
    return absolute[1], rest if rest.startswith(b"/") else b"/" + rest


def check_unfinished(head: bytes, seen: int = 0) -> None:
    """Refuse a head at once that cannot become one, rather than wait for its end.

    The first `seen` octets were looked at before.
    """
    start = seen - 1 if head[seen - 1 : seen] == b"\r" else seen
    if not _LINES.fullmatch(head, start):
        raise MalformedError("a line does not end with CR LF, or there is a control octet in it")
    end = head.find(b"\r\n", 0, LONGEST_LINE)
    if end < 0 and len(head) >= LONGEST_LINE:
        raise TooLargeError("the request line is too long", 414)
    if end >= 0 and len(head) - end - 2 > LONGEST_FIELDS + 1:  # 1: half of the empty line
        raise TooLargeError("the fields are too long", 431)


def read_plan(block: bytes, minor: int, authority: bytes | None = None) -> Plan:
    """What the fields mean; `block` is all lines with their ends. Raises `MalformedError`."""
    passing: list[bytes] = []
    values: Values = {}
    claims: list[tuple[bytes, bytes]] = []
    _sort(block, passing, values, claims)
    options = NO_OPTIONS
    if CONNECTION in values:
        options = options_of(values[CONNECTION])
        if not options <= ORDINARY_OPTIONS:
            passing = _without_named(passing, values, options)
    host = _host(values, minor, authority, passing)
    length = 0
    if CODING in values or CONTENT_LENGTH in values:
        length = _length(values, minor)
    if len(values.get(COOKIE, ())) > 1:
        passing = _one_cookie(passing, values[COOKIE])
    passing.append(b"")
    websocket = UPGRADE in values and _websocket(values[UPGRADE], options, minor, length)
    return Plan(
        b"\r\n".join(passing),
        host,
        length,
        CONTENT_LENGTH in values,
        minor == 0 or b"close" in options,
        EXPECT in values and _expects_continue(values[EXPECT], minor, length),
        websocket,
        tuple(values[VIA]) if VIA in values else (),
        b", ".join(values[MAX_FORWARDS]) if MAX_FORWARDS in values else None,
        tuple(claims),
        _request_id(values[REQUEST_ID][0]) if REQUEST_ID in values else None,
        values[FORCE][0] if FORCE in values else None,
        not (websocket or VIA in values or MAX_FORWARDS in values),
    )


def _sort(
    block: bytes, passing: list[bytes], values: Values, claims: list[tuple[bytes, bytes]]
) -> None:
    """Lines that pass as they are, in order; values of those that need thought."""
    if len(block) > LONGEST_FIELDS:
        raise TooLargeError("the fields are too long", 431)
    lines = block[:-2].split(b"\r\n") if block else []
    if len(lines) > MOST_FIELDS:
        raise TooLargeError("there are too many fields", 431)
    known, read = REQUEST_LINES.get, REQUEST_LINES.read
    for raw in lines:
        line = known(raw) or read(raw)
        kind = line[0]
        if kind <= LAST_PASSING:
            passing.append(raw)
        elif kind == ORIGIN:
            claims.append((line[1], line[2]))
        elif kind in values:
            values[kind].append(line[2])
        elif kind != DROP:
            values[kind] = [line[2]]
            if kind in (HOST, COOKIE):
                passing.append(raw)


def _without_named(passing: list[bytes], values: Values, options: frozenset[bytes]) -> list[bytes]:
    named = options - ORDINARY_OPTIONS
    if b"cookie" in named:
        values.pop(COOKIE, None)
    if b"expect" in named:
        values.pop(EXPECT, None)
    if b"max-forwards" in named:
        values.pop(MAX_FORWARDS, None)
    return without_named(passing, named, REQUEST_LINES)


def _one_cookie(passing: list[bytes], values: list[bytes]) -> list[bytes]:
    """RFC 6265 §5.4: one Cookie line; crumbs (RFC 9113 §8.2.3) are put together in its place."""
    joined = b"Cookie: " + b"; ".join(values)
    return [joined if line[:7].lower() == b"cookie:" else line for line in passing]


def _host(values: Values, minor: int, authority: bytes | None, passing: list[bytes]) -> bytes:
    """RFC 9112 §3.2: exactly one, valid. HTTP/1.0 may leave it out: then it is empty."""
    hosts = values.get(HOST)
    if hosts is None:
        if minor == 0 and authority is None:
            return b""
        if minor:
            raise MalformedError("there is no Host")
    elif len(hosts) > 1 or not valid_host(hosts[0]):
        raise MalformedError("Host is not one valid name")
    elif authority is None:
        return hosts[0]
    passing[:] = [line for line in passing if line[:5].lower() != b"host:"]
    passing.insert(0, b"Host: " + (authority or b""))
    return authority or b""


def valid_host(host: bytes) -> bool:
    """Names have at most 253 octets (RFC 1035 §2.3.4); longer ones would fill caches."""
    return len(host) <= LONGEST_HOST and _matches_host(host)


@lru_cache(maxsize=1024)
def _matches_host(host: bytes) -> bool:
    return _HOST.fullmatch(host) is not None


def _length(values: Values, minor: int) -> int:
    """RFC 9112 §6.3: one valid length or chunked, never both, never a guess."""
    codings = values.get(CODING)
    lengths = values.get(CONTENT_LENGTH)
    if codings is not None:
        if lengths is not None or minor == 0 or [one.lower() for one in codings] != [b"chunked"]:
            raise MalformedError("Transfer-Encoding is not chunked alone")
        return CHUNKED
    return 0 if lengths is None else read_length(lengths)


def _expects_continue(expected: list[bytes], minor: int, length: int) -> bool:
    """RFC 9110 §10.1.1: where there is a body; ignored from HTTP/1.0."""
    if minor and any(value.lower() != b"100-continue" for value in expected):
        raise MalformedError("Expect is not 100-continue", 417)
    return minor == 1 and length != 0


def _websocket(upgrade: list[bytes], options: frozenset[bytes], minor: int, length: int) -> bool:
    """RFC 9110 §7.8: Upgrade counts with Connection: upgrade only, and not from HTTP/1.0.

    No other protocol passes: h2c would carry requests past us.
    """
    asked = b"upgrade" in options and minor == 1 and length == 0
    return asked and options_of(upgrade) == {b"websocket"}


def _request_id(value: bytes) -> bytes | None:
    return value if _REQUEST_ID.fullmatch(value) else None


def hops_left(value: bytes) -> int:
    """RFC 9110 §7.6.2, for TRACE and OPTIONS. Raises `MalformedError`."""
    if not _DIGITS.fullmatch(value):
        raise MalformedError("Max-Forwards is not one number")
    return int(value)


def via_line(minor: int, pseudonym: bytes, before: tuple[bytes, ...]) -> bytes:
    """RFC 9110 §7.6.3; `minor` is what the client spoke."""
    line = _via_line.__wrapped__ if before else _via_line
    return line(minor, pseudonym, before)


@lru_cache(maxsize=16)
def _via_line(minor: int, pseudonym: bytes, before: tuple[bytes, ...]) -> bytes:
    return b"via: " + b", ".join((*before, b"1.%d %b" % (minor, pseudonym))) + b"\r\n"


def pseudonym_of(instance: str) -> bytes:
    """Our name in Via towards the upstream; unique to a proxy, so that a loop is seen."""
    return b"%b-%b" % (PSEUDONYM, instance.encode("ascii"))
