"""Which visitors of a domain in canary the native side answers. Pure.

A visitor is known by a cookie of ours, or else by address and browser: the same visitor gets the
same side again, on every replica. With a greater weight more visitors are chosen, and those who
were stay. The cookie is given to those who were chosen: they stay native wherever they go, and with
a lesser weight, until the canary ends. It is signed, as somebody could choose a side with it.
"""

from dataclasses import dataclass
from hashlib import blake2b

from legacy_bridge.django.secrecy import same_text
from legacy_bridge.signatures import signature
from proxy.ownership.standing import Placed

_PARTS = 10_000
"""The share of visitors is exact to a hundredth of a percent."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What tells one visitor from another. `cookie` is the value of `cookie_name`."""

    address: str
    agent: bytes
    cookie: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whether the native side answers, and the value of the cookie to set, if any."""

    native: bool
    cookie: str | None = None


def cookie_name(domain: str) -> str:
    return f"strangler_canary_{domain}"


def choose(domain: str, canary: Placed, visitor: Visitor, key: bytes) -> Chosen:
    """`key` signs; without one no cookie is given or believed."""
    if not key:
        return Chosen(_within(domain, canary, visitor))
    value = _signed(domain, canary.epoch, key)
    if visitor.cookie is not None and same_text(visitor.cookie, value):
        return Chosen(native=True)
    native = _within(domain, canary, visitor)
    return Chosen(native, value if native else None)


def _within(domain: str, canary: Placed, visitor: Visitor) -> bool:
    said = b"\0".join((domain.encode(), visitor.address.encode(), visitor.agent))
    part = int.from_bytes(blake2b(said, digest_size=8).digest()) % _PARTS
    return part < canary.weight * _PARTS / 100


def _signed(domain: str, epoch: int, key: bytes) -> str:
    return f"{epoch:x}.{signature(key, 'canary', f'{domain} {epoch}')}"
