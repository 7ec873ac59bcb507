"""Who is asking: the peer, whether it is one of our own front servers, and the request's id."""

import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from proxy.settings import Network

Scope = dict[str, Any]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_PROTOCOLS = {b"http": "http", b"https": "https"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """`address` is the visitor's own; `scheme` what the visitor used, as far as we believe it."""

    address: str
    scheme: str
    trusted_peer: bool
    request_id: str


def identify(scope: Scope, trusted: tuple[Network, ...]) -> Visitor:
    """Fields a client could invent count only when one of our own front servers sent them."""
    peer = (scope.get("client") or ("", 0))[0]
    scheme: str = scope.get("scheme", "http")
    if not trusted or not within(peer, trusted):
        return Visitor(peer, scheme, False, secrets.token_hex(16))
    fields = {name: value for name, value in scope["headers"] if name in _FORWARDED}
    return Visitor(
        address=_nearest_stranger(fields.get(b"x-forwarded-for", b""), trusted) or peer,
        scheme=_PROTOCOLS.get(fields.get(b"x-forwarded-proto", b"").strip().lower()) or scheme,
        trusted_peer=True,
        request_id=_request_id(fields.get(b"x-request-id", b"")),
    )


_FORWARDED = frozenset((b"x-forwarded-for", b"x-forwarded-proto", b"x-request-id"))


def _nearest_stranger(chain: bytes, trusted: tuple[Network, ...]) -> str | None:
    """Read X-Forwarded-For from our side: the first address that is not one of our own."""
    for part in reversed(chain.decode("latin-1").split(",")):
        address = part.strip()
        if address and not within(address, trusted):
            return address
    return None


def _request_id(given: bytes) -> str:
    return given.decode("ascii") if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


@lru_cache(maxsize=4096)
def within(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return any((mapped or ip) in network for network in networks)


def field(scope: Scope, name: bytes) -> bytes | None:
    """The first field of that (lower-case) name."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def host_is_allowed(scope: Scope, allowed: tuple[str, ...]) -> bool:
    """As Django's ALLOWED_HOSTS: exact names, `.example.org` with all below, `*`; none given: any.

    The native side builds links from this name, so that an invented one must not reach it.
    """
    if not allowed or "*" in allowed:
        return True
    given = (field(scope, b"host") or b"").decode("latin-1").lower()
    name = (given if given.endswith("]") else given.rpartition(":")[0] or given).rstrip(".")
    return any(name == host or _below(name, host) for host in allowed)


def _below(name: str, host: str) -> bool:
    return host.startswith(".") and (name.endswith(host) or name == host[1:])
