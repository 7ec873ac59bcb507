"""Where a name leads, looked up once: who judges these addresses has the feed asked of just them.

Who looks a name up again when it connects may be led elsewhere by whoever owns it (DNS rebinding).
"""

import asyncio
import ipaddress
import socket
from urllib.request import getproxies, proxy_bypass

import httpx


async def looked_up(url: httpx.URL) -> tuple[str, ...]:
    """All addresses of the host, in the order in which they are to be tried. Raises `OSError` or
    `UnicodeError` where there is none."""
    host, port = url.raw_host.decode("ascii"), url.port or 0
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str) -> bool:
    return _plain(text).is_global


def is_elsewhere(text: str) -> bool:
    """Neither this machine nor what only its network's link has, as a cloud's metadata."""
    address = _plain(text)
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def _plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def says_where(url: httpx.URL) -> bool:
    """Whether nobody else decides where it leads: an address, or this machine by its name."""
    if url.host == "localhost" or url.host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(url.host)
    except ValueError:
        return False
    return True


def has_proxy(url: httpx.URL) -> bool:
    """Whether the environment has it asked for by a proxy, which looks its name up itself."""
    proxies = getproxies()
    return (url.scheme in proxies or "all" in proxies) and not proxy_bypass(url.host)


def request_at(client: httpx.AsyncClient, url: httpx.URL, address: str) -> httpx.Request:
    """Asks for `url` there: the name is in Host, and is what a certificate has to be for."""
    return client.build_request(
        "GET",
        url.copy_with(host=address),
        headers={"host": url.netloc.decode("ascii")},
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    )
