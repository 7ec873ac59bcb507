"""The head of the upstream's request: what passes, and what we say of where it came from. Pure."""

from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.forwarding.origin import Claims, origin_lines
from proxy.wire.fields import CHUNKED
from proxy.wire.request import Plan, hops_left, via_line

LOOP = Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.LOOP)
INVALID = Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.INVALID)

_NAMES = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded")
_CONTINUE = b"expect: 100-continue\r\n"
_UPGRADE = b"upgrade: websocket\r\nconnection: Upgrade\r\n"


def upstream_fields(
    plan: Plan, minor: int, peer: str, pseudonym: bytes, authority: bytes, *, trusted: bool
) -> bytes:
    """All lines but the request's id. `authority` stands in for the Host of an HTTP/1.0 client."""
    host = plan.host or authority
    parts = [plan.passing] if plan.host else [b"Host: ", authority, b"\r\n", plan.passing]
    parts.append(via_line(minor, pseudonym, plan.via))
    if trusted:
        parts += (line + b"\r\n" for line in _claimed(plan, peer, host))
    else:
        parts += (line + b"\r\n" for line in origin_lines(peer, "http", host))
    if plan.length == CHUNKED:
        parts.append(b"transfer-encoding: chunked\r\n")
    elif plan.sized:
        parts.append(b"content-length: %d\r\n" % plan.length)
    if plan.expects_continue:
        parts.append(_CONTINUE)
    if plan.websocket:
        parts.append(_UPGRADE)
    return b"".join(parts)


def _claimed(plan: Plan, peer: str, host: bytes) -> tuple[bytes, ...]:
    """What a trusted peer said, appended to; what else it said, as it is."""
    chains = (b", ".join(v for n, v in plan.claims if n == name and v) or None for name in _NAMES)
    others = tuple(name + b": " + value for name, value in plan.claims if name not in _NAMES)
    claims = Claims(*chains)
    short = sum(len(value) for value in claims if value) <= 256  # else it would fill the cache
    lines = origin_lines if short else origin_lines.__wrapped__
    return (*lines(peer, "http", host, claims), *others)


def came_back(plan: Plan, pseudonym: bytes) -> bool:
    """RFC 9110 §7.6.3: our own name in Via is our own request."""
    hops = (hop.split() for value in plan.via for hop in value.split(b","))
    return any(len(hop) > 1 and hop[1] == pseudonym for hop in hops)


def last_hop(method: bytes, plan: Plan) -> int:
    """RFC 9110 §7.6.2: the status to answer with where this hop is the last; else 0."""
    if plan.max_forwards is None or method not in (b"TRACE", b"OPTIONS"):
        return 0
    if hops_left(plan.max_forwards) > 0:
        return 0
    return 200 if method == b"OPTIONS" else 405


def hops_line(method: bytes, plan: Plan) -> bytes:
    """Max-Forwards with one hop less for TRACE and OPTIONS, else as it came.

    Raises `MalformedError`.
    """
    value = plan.max_forwards
    if value is None:
        return b""
    if method in (b"TRACE", b"OPTIONS"):
        value = b"%d" % (hops_left(value) - 1)
    return b"Max-Forwards: " + value + b"\r\n"
