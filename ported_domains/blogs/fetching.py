"""Feeds as they come from elsewhere, within limits.

An editor may name any address, also one inside. Where a stranger's server sends us on to is another
matter: from here it could have services asked that only we can reach.
"""

import asyncio
import ipaddress
import socket
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import httpx

SECONDS = 30.0
"""That a server may be silent for; a whole feed may take twice as long."""
LARGEST = 16 << 20
"""Octets of a feed, unpacked."""
_MOST_REDIRECTS = 5
_GZIP = 16 + zlib.MAX_WBITS
_HEADERS = {
    "user-agent": "python.org feed reader (+https://www.python.org/blogs/)",
    "accept-encoding": "gzip",  # of which a limited amount can be unpacked at a time
    "accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5",
}


class FeedError(Exception):
    """A feed could not be had; the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`address` is where it was found in the end; links in it are relative to that."""

    content: bytes
    address: str
    content_type: str


def feed_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(headers=_HEADERS, timeout=SECONDS, follow_redirects=False)


async def fetch(client: httpx.AsyncClient, address: str) -> Fetched:
    """Raises `FeedError`."""
    try:
        async with asyncio.timeout(2 * SECONDS):
            return await _followed(client, httpx.URL(address))
    except httpx.HTTPStatusError as error:
        raise FeedError(f"{address}: answered with {error.response.status_code}") from None
    except TimeoutError:
        raise FeedError(f"{address}: not there after {2 * SECONDS:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FeedError(f"{address}: {type(error).__name__}: {error}") from None


async def _followed(client: httpx.AsyncClient, address: httpx.URL) -> Fetched:
    at = address
    for _ in range(1 + _MOST_REDIRECTS):
        async with client.stream("GET", at) as answer:
            if answer.next_request is None:
                answer.raise_for_status()
                content = await _whole(answer, address)
                return Fetched(content, str(at), answer.headers.get("content-type", ""))
            at = answer.next_request.url
        if _origin(at) != _origin(address):
            await _refuse_inside(at, address)
    raise FeedError(f"{address}: more than {_MOST_REDIRECTS} redirects")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


async def _refuse_inside(at: httpx.URL, address: httpx.URL) -> None:
    """Raises `FeedError` unless all addresses of the host are public."""
    host, port = at.raw_host.decode("ascii"), at.port or 0
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FeedError(f"{address}: redirected to {at}, which is nowhere: {error}") from None
    if not all(_is_public(str(entry[4][0])) for entry in found):
        raise FeedError(f"{address}: redirected to {at}, which is no public address")


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return (getattr(address, "ipv4_mapped", None) or address).is_global


async def _whole(answer: httpx.Response, address: httpx.URL) -> bytes:
    unpack, content = _unpacking(answer, address), bytearray()
    async for piece in answer.aiter_raw():
        try:
            content += unpack(piece, LARGEST + 1 - len(content))
        except zlib.error as error:
            raise FeedError(f"{address}: cannot be unpacked: {error}") from None
        if len(content) > LARGEST:
            raise FeedError(f"{address}: longer than {LARGEST} octets")
    return bytes(content)


def _unpacking(answer: httpx.Response, address: httpx.URL) -> Callable[[bytes, int], bytes]:
    """Takes a piece, and how many octets may come of it: a small one may hold gigabytes."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding == "identity":
        return lambda piece, most: piece
    if coding not in ("gzip", "x-gzip"):
        raise FeedError(f"{address}: packed as {coding}, and not as gzip")
    return zlib.decompressobj(_GZIP).decompress
