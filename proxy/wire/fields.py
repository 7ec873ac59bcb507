"""Field lines: read once, known by heart after that.

A site sees few different lines, millions of times: `User-Agent: …`, `Accept: …`, `Vary: Cookie`.
What a line means is looked up by its octets; only a line not seen before is taken apart. Lines that
hold a secret (Cookie, Authorization, …) or are long are never kept.
"""

import re
from collections.abc import Callable
from enum import IntEnum, auto
from functools import lru_cache
from typing import NamedTuple

from proxy.wire.errors import MalformedError

PSEUDONYM = b"strangler"
"""Our name in Via (RFC 9110 §7.6.3)."""

CHUNKED = -1
"""The length of a body that says itself where it ends."""

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""Fields for one connection only (RFC 9110 §7.6.1)."""

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROLS = bytes(octet for octet in range(0x20) if octet != 0x09) + b"\x7f"
"""What no field line may hold (RFC 9110 §5.5); a tab is white space."""

MOST_DIGITS = 18
_KNOWN_LINES = 8192
_KNOWN_NAMES = 1024
_LONGEST_KNOWN = 256
_LONGEST_NAME = 64


class Kind(IntEnum):
    """What to do with a field of a certain name. Those up to `LAST_PASSING` pass as they are."""

    PASS = 0
    SECRET = auto()  # and is not kept
    DROP = auto()
    HOST = auto()
    CONNECTION = auto()
    CONTENT_LENGTH = auto()
    TRANSFER_ENCODING = auto()
    UPGRADE = auto()
    EXPECT = auto()
    MAX_FORWARDS = auto()
    COOKIE = auto()
    VIA = auto()
    ORIGIN = auto()  # what only our own front servers may say of where a request came from
    REQUEST_ID = auto()
    FORCE = auto()
    DATE = auto()


LAST_PASSING = int(Kind.SECRET)


class Line(NamedTuple):
    """`kind` is a `Kind`; `name` in lower case, `value` without white space around it."""

    kind: int
    name: bytes
    value: bytes


_SECRETS = frozenset((b"authorization", b"proxy-authorization", b"referer", b"set-cookie"))
"""Referer and Set-Cookie: hardly ever the same twice, and may carry tokens."""

_OF_REQUESTS = {
    b"host": Kind.HOST,
    b"connection": Kind.CONNECTION,
    b"content-length": Kind.CONTENT_LENGTH,
    b"transfer-encoding": Kind.TRANSFER_ENCODING,
    b"upgrade": Kind.UPGRADE,
    b"expect": Kind.EXPECT,
    b"max-forwards": Kind.MAX_FORWARDS,
    b"cookie": Kind.COOKIE,
    b"via": Kind.VIA,
    b"forwarded": Kind.ORIGIN,
    b"x-real-ip": Kind.ORIGIN,
    b"x-request-id": Kind.REQUEST_ID,
    b"strangler-force": Kind.FORCE,
    b"proxy": Kind.DROP,  # CGI would make it HTTP_PROXY
}

_OF_ANSWERS = {
    b"connection": Kind.CONNECTION,
    b"content-length": Kind.CONTENT_LENGTH,
    b"transfer-encoding": Kind.TRANSFER_ENCODING,
    b"upgrade": Kind.UPGRADE,
    b"date": Kind.DATE,
    b"x-request-id": Kind.DROP,
}


def _kind_in_request(name: bytes) -> Kind:
    if (kind := _OF_REQUESTS.get(name)) is not None:
        return kind
    # WSGI turns X_Forwarded_For and X-Forwarded-For into the same key.
    if name in HOP_BY_HOP or name.startswith(b"strangler-") or b"_" in name:
        return Kind.DROP
    if name.startswith(b"x-forwarded-"):
        return Kind.ORIGIN
    return Kind.SECRET if name in _SECRETS else Kind.PASS


def _kind_in_answer(name: bytes) -> Kind:
    if (kind := _OF_ANSWERS.get(name)) is not None:
        return kind
    if name in HOP_BY_HOP or name.startswith(b"strangler-"):
        return Kind.DROP
    return Kind.SECRET if name in _SECRETS else Kind.PASS


class KnownLines:
    """The lines of one direction that were seen, each with its meaning."""

    __slots__ = ("_kind_of", "_known", "_names", "get")

    get: Callable[[bytes], Line | None]
    """The line if it is known: the way that almost every line goes."""

    def __init__(self, kind_of: Callable[[bytes], Kind]) -> None:
        self._kind_of = kind_of
        self._known: dict[bytes, Line] = {}
        self._names: dict[bytes, tuple[int, bytes]] = {}
        self.get = self._known.get

    def read(self, raw: bytes) -> Line:
        """Take a line apart that is not known (RFC 9112 §5). Raises `MalformedError`."""
        given, colon, value = raw.partition(b":")
        if not colon or len(raw.translate(None, _CONTROLS)) != len(raw):
            raise MalformedError("a field line is not NAME: VALUE")
        kind, name = self._names.get(given) or self._read_name(given)
        line = Line(kind, name, value.strip(b" \t"))
        if kind not in _NEVER_KEPT and len(raw) <= _LONGEST_KNOWN:
            if len(self._known) >= _KNOWN_LINES:
                self._known.clear()  # seldom; what matters is back after a few requests
            self._known[raw] = line
        return line

    def _read_name(self, given: bytes) -> tuple[int, bytes]:
        if not TOKEN.fullmatch(given):
            raise MalformedError("the name of a field is not a token")
        name = given.lower()
        read = int(self._kind_of(name)), name
        if len(given) <= _LONGEST_NAME:
            if len(self._names) >= _KNOWN_NAMES:
                self._names.clear()
            self._names[given] = read
        return read


_NEVER_KEPT = (int(Kind.SECRET), int(Kind.COOKIE))
REQUEST_LINES = KnownLines(_kind_in_request)
ANSWER_LINES = KnownLines(_kind_in_answer)


def read_length(values: list[bytes]) -> int:
    """RFC 9112 §6.3. Raises `MalformedError` where it is not one number."""
    if len(values) != 1 or not (values[0].isdigit() and len(values[0]) <= MOST_DIGITS):
        raise MalformedError("Content-Length is not one number of at most 18 digits")
    return int(values[0])


def options_of(values: list[bytes]) -> frozenset[bytes]:
    """The options of Connection or Upgrade, in lower case."""
    value = values[0] if len(values) == 1 else b",".join(values)
    return _options(value) if len(value) <= _LONGEST_KNOWN else _options.__wrapped__(value)


@lru_cache(maxsize=1024)
def _options(value: bytes) -> frozenset[bytes]:
    listed = (option.strip(b" \t").lower() for option in value.split(b","))
    return frozenset(option for option in listed if option)


def without_named(lines: list[bytes], named: frozenset[bytes], known: KnownLines) -> list[bytes]:
    """RFC 9110 §7.6.1: what Connection names goes no further."""
    return [line for line in lines if (known.get(line) or known.read(line)).name not in named]


def field(lines: bytes, name: bytes) -> bytes:
    """The value of the first field of this (lower-case) name; empty where there is none."""
    found = _line_of(name).search(lines)
    return bytes(found[1]) if found else b""


@lru_cache(maxsize=64)
def _line_of(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?im:^" + re.escape(name) + rb"):[ \t]*([^\r\n]*)")
