"""Which visitors of a domain in canary the native side answers. Pure.

A visitor is known by a cookie of ours, or else by address and browser: the same visitor gets the
same side again, on every replica. With a greater weight more visitors are chosen, and those who
were stay. The cookie is given to those who were chosen: they stay native wherever they go, and with
a lesser weight, until the canary ends. It is signed, as somebody could choose a side with it.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b, sha256

from proxy.ownership.standing import Placed

COOKIE = "strangler_canary"
_PARTS = 10_000
"""The share of visitors is exact to a hundredth of a percent."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What tells one visitor from another. `cookies` is the value of the field Cookie."""

    address: str
    agent: bytes
    cookies: bytes


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whether the native side answers, and the cookie to set, if any: name=value."""

    native: bool
    cookie: str | None = None


def choose(domain: str, canary: Placed, visitor: Visitor, key: bytes) -> Chosen:
    """`key` signs; without one no cookie is given or believed."""
    if not key:
        return Chosen(_within(domain, canary, visitor))
    name, value = f"{COOKIE}_{domain}", _signed(domain, canary.epoch, key)
    if has_cookie(visitor.cookies, name, value):
        return Chosen(native=True)
    native = _within(domain, canary, visitor)
    return Chosen(native, f"{name}={value}" if native else None)


def has_cookie(cookies: bytes, name: str, value: str) -> bool:
    """Whether one of the cookies is that; compared in constant time."""
    wanted = value.encode("ascii")
    found = re.findall(rb"(?:^|;)[ \t]*" + name.encode("ascii") + rb"=([^;]*)", cookies)
    return any(hmac.compare_digest(one.strip(), wanted) for one in found)


def _within(domain: str, canary: Placed, visitor: Visitor) -> bool:
    said = b"\0".join((domain.encode(), visitor.address.encode(), visitor.agent))
    part = int.from_bytes(blake2b(said, digest_size=8).digest()) % _PARTS
    return part < canary.weight * _PARTS / 100


def _signed(domain: str, epoch: int, key: bytes) -> str:
    digest = hmac.new(key, f"canary {domain} {epoch}".encode(), sha256).digest()[:16]
    return f"{epoch:x}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"
