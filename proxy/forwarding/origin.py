"""Where a request came from, as told to the upstream: X-Forwarded-* and Forwarded (RFC 7239)."""

from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

_SCHEMES = {"ws": b"http", "wss": b"https", "http": b"http", "https": b"https"}


class Claims(NamedTuple):
    """What a trusted peer said already: raw values, repeated lines joined with a comma."""

    chain: bytes | None = None  # X-Forwarded-For
    scheme: bytes | None = None  # X-Forwarded-Proto
    host: bytes | None = None  # X-Forwarded-Host
    forwarded: bytes | None = None


NOTHING_CLAIMED = Claims()


@lru_cache(maxsize=4096)
def origin_lines(
    peer: str | None, scheme: str, host: bytes, claims: Claims = NOTHING_CLAIMED
) -> tuple[bytes, ...]:
    """The header lines. `peer` is the address of the other end, None for a Unix socket.

    The chain grows by the peer; scheme and host stay as the first trusted server saw them, because
    Django believes the first value it reads.
    """
    protocol = _SCHEMES.get(scheme, b"http")
    node = b"for=%b;host=%b;proto=%b" % (_node(peer), _quoted(host), protocol)
    lines = []
    if chain := _appended(claims.chain, peer.encode("latin-1") if peer else None):
        lines.append(b"x-forwarded-for: " + chain)
    lines.append(b"x-forwarded-proto: " + (claims.scheme or protocol))
    lines.append(b"x-forwarded-host: " + (claims.host or host))
    lines.append(b"forwarded: " + (_appended(claims.forwarded, node) or node))
    return tuple(lines)


def _appended(before: bytes | None, added: bytes | None) -> bytes | None:
    return b", ".join(part for part in (before, added) if part) or None


def _node(peer: str | None) -> bytes:
    """RFC 7239 §6: IPv6 in brackets and quotes; a name that is no address is unknown."""
    try:
        address = ip_address(peer or "")
    except ValueError:
        return b"unknown"
    text = address.compressed.encode("ascii")
    return text if address.version == 4 else b'"[%b]"' % text


def _quoted(value: bytes) -> bytes:
    return b'"%b"' % value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
