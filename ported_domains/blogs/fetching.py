"""Feeds as they come from elsewhere, within limits.

An editor may name any address, also one inside. Where a stranger's server sends us on to is another
matter: from here it could have services asked that only we can reach. So is where a name leads that
a stranger may own: to this machine or a cloud's metadata none does that an editor means.
"""

import asyncio
import zlib
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from ported_domains.blogs.addresses import (
    has_proxy,
    is_elsewhere,
    is_public,
    looked_up,
    request_at,
    says_where,
)

SECONDS = 30.0
"""That a server may be silent for; a whole feed may take twice as long."""
_CONNECT_SECONDS = 10.0
"""At each address of a name."""
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
    """Keeps neither connections nor cookies: several names may have one address, and what one of
    them was given is not the other's."""
    return httpx.AsyncClient(
        headers=_HEADERS,
        timeout=httpx.Timeout(SECONDS, connect=_CONNECT_SECONDS),
        follow_redirects=False,
        limits=httpx.Limits(max_keepalive_connections=0),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


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
    """What was found of an origin counts as long as this is under way."""
    at, places = address, dict[_Origin, tuple[str, ...]]()
    for _ in range(1 + _MOST_REDIRECTS):
        if _origin(at) not in places:
            places[_origin(at)] = await _places(at, address)
        async with aclosing(await _asked(client, at, places[_origin(at)])) as answer:
            if not answer.has_redirect_location:
                answer.raise_for_status()
                content = await _whole(answer, address)
                return Fetched(content, str(at), answer.headers.get("content-type", ""))
            at = _joined(at, answer.headers["location"])
    raise FeedError(f"{address}: more than {_MOST_REDIRECTS} redirects")


_Origin = tuple[str, str, int | None]


def _origin(url: httpx.URL) -> _Origin:
    return url.scheme, url.host, url.port


def _joined(at: httpx.URL, location: str) -> httpx.URL:
    """One that has a scheme and no host means this one, as browsers have it."""
    joined = at.join(location)
    return joined if joined.host else joined.copy_with(host=at.host)


async def _places(at: httpx.URL, address: httpx.URL) -> tuple[str, ...]:
    """The addresses to ask, each of which may be; none where the URL says where, or a proxy is to
    find out. Raises `FeedError`."""
    redirected = _origin(at) != _origin(address)
    if not redirected and (says_where(at) or has_proxy(at)):
        return ()
    led = f"redirected to {at}, which" if redirected else "its name"
    try:
        found = await looked_up(at)
    except (OSError, UnicodeError) as error:
        raise FeedError(f"{address}: {led} is nowhere: {error}") from None
    if redirected and not all(map(is_public, found)):
        raise FeedError(f"{address}: {led} is no public address")
    if not all(map(is_elsewhere, found)):
        raise FeedError(f"{address}: {led} leads to this machine or its link")
    return () if has_proxy(at) else found


async def _asked(
    client: httpx.AsyncClient, at: httpx.URL, places: tuple[str, ...]
) -> httpx.Response:
    """The answer of the first of the places that can be reached; the caller's to close."""
    requests = [request_at(client, at, place) for place in places]
    requests = requests or [client.build_request("GET", at)]
    for request in requests[:-1]:
        with suppress(httpx.ConnectError, httpx.ConnectTimeout):
            return await client.send(request, stream=True)
    return await client.send(requests[-1], stream=True)


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
