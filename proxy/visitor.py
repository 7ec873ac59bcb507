"""Who is asking: the visitor's address, scheme and request id, as far as we believe the peer."""

from functools import lru_cache
from ipaddress import ip_address

from proxy.server.request import Request
from proxy.settings import Network

LONGEST_ADDRESS = 64
_PROTOCOLS = {b"http": "http", b"https": "https"}


def believe(request: Request, trusted: tuple[Network, ...]) -> None:
    """Take over what one of our own front servers says. Of others nothing is believed."""
    plan = request.plan
    if plan.request_id is not None:
        request.id = plan.request_id
    chain = claimed(request, b"x-forwarded-for")
    if chain is not None:
        request.address = _nearest_stranger(chain, trusted) or request.address


def scheme_of(request: Request, *, trusted_peer: bool) -> str:
    """What the visitor used: http, unless a trusted peer says otherwise."""
    if not trusted_peer:
        return "http"
    said = claimed(request, b"x-forwarded-proto") or b""
    return _PROTOCOLS.get(said.strip().lower(), "http")


def claimed(request: Request, name: bytes) -> bytes | None:
    """What the peer says under that (lower-case) name; repeated lines joined."""
    values = [value for key, value in request.plan.claims if key == name]
    return b", ".join(values) if values else None


def _nearest_stranger(chain: bytes, trusted: tuple[Network, ...]) -> str | None:
    """Read X-Forwarded-For from our side: the first address that is not one of our own."""
    for part in reversed(chain.decode("latin-1").split(",")):
        address = part.strip()
        if address and not within(address, trusted):
            return address
    return None


def within(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    return len(address) <= LONGEST_ADDRESS and _within(address, networks)


@lru_cache(maxsize=4096)
def _within(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return any((mapped or ip) in network for network in networks)


@lru_cache(maxsize=1024)
def host_is_allowed(host: bytes, allowed: tuple[str, ...]) -> bool:
    """As Django's ALLOWED_HOSTS: exact names, `.example.org` with all below, `*`; none given: any.

    The native side builds links from this name, so that an invented one must not reach it.
    """
    if not allowed or "*" in allowed:
        return True
    given = host.decode("latin-1").lower()
    name = (given if given.endswith("]") else given.rpartition(":")[0] or given).rstrip(".")
    return any(name == one or _below(name, one) for one in allowed)


def _below(name: str, host: str) -> bool:
    return host.startswith(".") and (name.endswith(host) or name == host[1:])
