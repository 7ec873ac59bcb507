"""The head of the upstream's request, from an ASGI scope. Pure."""

import re
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from proxy.forwarding.asgi import Scope
from proxy.forwarding.faults import Cause, Fault, ForwardingError, Side, Stage
from proxy.forwarding.fields import TOKEN, Kind, kind_of, named_by_connection
from proxy.forwarding.origin import Claims, origin_lines

IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))
"""Methods that may be asked twice (RFC 9110 §9.2.2)."""

CHUNKED = -1
"""The length of a body that ends when it ends."""

_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]+)(?::[0-9]{0,5})?")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_NOT_IN_TARGET = re.compile(rb"[\x00-\x20\x7f]")
_END = (b"", b"")
_SLASH = ord("/")
_PATH_SAFE = "/:@!$&'()*+,;=~-._%"

_CONNECTION_MAY_NAME = frozenset((Kind.COOKIE, Kind.EXPECT, Kind.MAX_FORWARDS))
"""Of those that need thought: routing, framing and origin do not go away on a client's word."""

_CLAIMS = (Kind.FORWARDED_FOR, Kind.FORWARDED_PROTO, Kind.FORWARDED_HOST, Kind.FORWARDED)

Values = dict[Kind, list[bytes]]


class ForwardContext(NamedTuple):
    """What the edge knows of a request. `trusted`: the peer is one of our own front servers."""

    request_id: str
    trusted: bool


class Identity(NamedTuple):
    """Us, towards the upstream. `pseudonym` is unique to this worker: it finds loops."""

    pseudonym: bytes
    authority: bytes


class RequestHead(NamedTuple):
    """`data` ends with the blank line. `length` of the body in bytes, or `CHUNKED`."""

    method: str
    data: bytes
    length: int
    expects_continue: bool = False


class LastHopError(Exception):
    """This hop is the request's last (Max-Forwards): answer `status` without asking upstream."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def request_head(
    scope: Scope,
    context: ForwardContext,
    identity: Identity,
    *,
    body_follows: bool | None = None,
    extra: tuple[bytes, ...] = (),
) -> RequestHead:
    """What to send. Raises `ForwardingError` (not to be forwarded) or `LastHopError` (ends here).

    `body_follows` says whether there is a body where the fields do not (HTTP/2); `extra` are more
    header lines.
    """
    method: str = scope.get("method", "GET")
    version: str = scope.get("http_version", "1.1")
    passing, values = _sorted(scope)
    target, authority = request_target(scope)
    host = _host(values, authority, version, identity)
    length = body_length(values, body_follows=body_follows)
    lines = [_method(method) + b" " + target + b" HTTP/1.1", b"host: " + host]
    lines += passing
    if Kind.COOKIE in values:  # RFC 9113 §8.2.3: crumbs are one Cookie before HTTP/1.1 sees them
        lines.append(b"cookie: " + b"; ".join(values[Kind.COOKIE]))
    if Kind.MAX_FORWARDS in values:
        lines.append(_hops_left(method, values[Kind.MAX_FORWARDS][0]))
    lines.append(_via(version, identity.pseudonym, tuple(values.get(Kind.VIA, ()))))
    lines += _origin(scope, host, values, context)
    lines.append(b"x-request-id: " + context.request_id.encode("latin-1"))
    if length == CHUNKED:
        lines.append(b"transfer-encoding: chunked")
    elif length or Kind.CONTENT_LENGTH in values:
        lines.append(b"content-length: %d" % length)
    expects_continue = Kind.EXPECT in values and _expects_continue(version, values, length)
    if expects_continue:
        lines.append(b"expect: 100-continue")
    lines += extra
    return RequestHead(method, _joined(lines), length, expects_continue)


def _sorted(scope: Scope) -> tuple[list[bytes], Values]:
    """The lines that pass as they are, in order; and the values of those that need thought."""
    passing: list[bytes] = []
    values: Values = {}
    for name, value in scope["headers"]:
        kind = kind_of(name)
        if kind is Kind.PASS:
            passing.append(name + b": " + value)
        elif kind is Kind.ORIGIN:
            values.setdefault(kind, []).append(name + b": " + value)
        elif kind is not Kind.DROP:
            values.setdefault(kind, []).append(value)
    if Kind.INVALID in values:
        raise _invalid()
    if Kind.CONNECTION in values:
        passing = _without_named(passing, values)
    return passing, values


def _without_named(passing: list[bytes], values: Values) -> list[bytes]:
    """RFC 9110 §7.6.1: what Connection names goes no further."""
    named = named_by_connection(b",".join(values[Kind.CONNECTION]))
    if not named:
        return passing
    for name in named:
        if kind_of(name) in _CONNECTION_MAY_NAME:
            values.pop(kind_of(name), None)
    return [line for line in passing if line.partition(b":")[0].lower() not in named]


def request_target(scope: Scope) -> tuple[bytes, bytes | None]:
    """The target, byte for byte, and the authority where it came in absolute form.

    Servers differ: `raw_path` may hold the query, or be absent.
    """
    raw = scope.get("raw_path")
    target: bytes = raw or quote(scope["path"], safe=_PATH_SAFE).encode("ascii")
    query: bytes = scope.get("query_string") or b""
    if query and b"?" not in target:
        target = target + b"?" + query
    authority = None
    if target[0] != _SLASH and target != b"*":
        absolute = _ABSOLUTE.fullmatch(target)
        if absolute is None:
            raise _invalid()
        authority, target = absolute[1], absolute[2]
        if not target.startswith(b"/"):
            target = b"/" + target
    if _NOT_IN_TARGET.search(target):
        raise _invalid()
    return target, authority


def body_length(values: Values, *, body_follows: bool | None) -> int:
    """RFC 9112 §6.3: one valid length or chunked, never both, never a guess."""
    lengths = values.get(Kind.CONTENT_LENGTH)
    codings = values.get(Kind.TRANSFER_ENCODING)
    if codings:
        if lengths or [coding.strip().lower() for coding in codings] != [b"chunked"]:
            raise _invalid()
        return CHUNKED
    if lengths:
        if any(length != lengths[0] for length in lengths) or not _LENGTH.fullmatch(lengths[0]):
            raise _invalid()
        return int(lengths[0])
    return CHUNKED if body_follows else 0


def _host(values: Values, authority: bytes | None, version: str, identity: Identity) -> bytes:
    """RFC 9112 §3.2: exactly one, valid. HTTP/1.0 may leave it out; then the upstream's stands in.

    Servers may stand in an empty one for a missing one.
    """
    hosts = values.get(Kind.HOST, (b"",))
    host = hosts[0] if authority is None else authority  # §3.2.2: an absolute target replaces it
    if len(hosts) == 1 and valid_host(host):
        return host
    if host == b"" and version in ("1", "1.0"):
        return identity.authority
    raise _invalid()


@lru_cache(maxsize=1024)
def valid_host(host: bytes) -> bool:
    return _HOST.fullmatch(host) is not None


@lru_cache(maxsize=256)
def _method(method: str) -> bytes:
    encoded = method.encode("latin-1", "replace")
    if not TOKEN.fullmatch(encoded) or encoded == b"CONNECT":
        raise _invalid()
    return encoded


def _hops_left(method: str, value: bytes) -> bytes:
    """RFC 9110 §7.6.2."""
    if method not in ("TRACE", "OPTIONS"):
        return b"max-forwards: " + value
    if not _LENGTH.fullmatch(value):
        raise _invalid()
    if int(value) == 0:
        status = HTTPStatus.OK if method == "OPTIONS" else HTTPStatus.METHOD_NOT_ALLOWED
        raise LastHopError(status)
    return b"max-forwards: %d" % (int(value) - 1)


@lru_cache(maxsize=1024)
def _via(version: str, pseudonym: bytes, before: tuple[bytes, ...]) -> bytes:
    """RFC 9110 §7.6.3; `version` is what the client spoke."""
    if any(pseudonym in hop for hop in before):
        raise ForwardingError(Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.LOOP))
    received = b"1.0" if version == "1" else version.encode("ascii")
    return b"via: " + b", ".join((*before, received + b" " + pseudonym))


def _origin(
    scope: Scope, host: bytes, values: Values, context: ForwardContext
) -> tuple[bytes, ...]:
    client = scope.get("client")
    peer, scheme = client[0] if client else None, scope.get("scheme", "http")
    if not context.trusted:
        return origin_lines(peer, scheme, host)
    claims = Claims(*(b", ".join(values.get(kind, ())) or None for kind in _CLAIMS))
    return (*origin_lines(peer, scheme, host, claims), *values.get(Kind.ORIGIN, ()))


def _expects_continue(version: str, values: Values, length: int) -> bool:
    """RFC 9110 §10.1.1: end to end, where there is a body; ignored from HTTP/1.0."""
    if length == 0 or version in ("1", "1.0"):
        return False
    return values[Kind.EXPECT][0].strip().lower() == b"100-continue"


def _joined(lines: list[bytes]) -> bytes:
    """RFC 9110 §5.5: a CR, LF or NUL that came in a value would start a line of its own."""
    lines += _END
    data = b"\r\n".join(lines)
    breaks = len(lines) - 1
    if data.count(b"\r") != breaks or data.count(b"\n") != breaks or b"\0" in data:
        raise _invalid()
    return data


def _invalid() -> ForwardingError:
    return ForwardingError(Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.INVALID))
