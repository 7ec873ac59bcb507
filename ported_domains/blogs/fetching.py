"""Feeds as they come from elsewhere, within limits."""

import asyncio
from dataclasses import dataclass

import httpx

SECONDS = 30.0
"""That a server may be silent for; a whole feed may take twice as long."""
LARGEST = 16 << 20
"""Octets of a feed, unpacked."""
_MOST_REDIRECTS = 5
_HEADERS = {
    "user-agent": "python.org feed reader (+https://www.python.org/blogs/)",
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
    return httpx.AsyncClient(
        headers=_HEADERS, timeout=SECONDS, follow_redirects=True, max_redirects=_MOST_REDIRECTS
    )


async def fetch(client: httpx.AsyncClient, address: str) -> Fetched:
    """Raises `FeedError`."""
    try:
        async with asyncio.timeout(2 * SECONDS), client.stream("GET", address) as answer:
            answer.raise_for_status()
            content = await _whole(answer, address)
    except httpx.HTTPStatusError as error:
        raise FeedError(f"{address}: answered with {error.response.status_code}") from None
    except TimeoutError:
        raise FeedError(f"{address}: not there after {2 * SECONDS:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FeedError(f"{address}: {type(error).__name__}: {error}") from None
    return Fetched(content, str(answer.url), answer.headers.get("content-type", ""))


async def _whole(answer: httpx.Response, address: str) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > LARGEST:
            raise FeedError(f"{address}: longer than {LARGEST} octets")
    return bytes(content)
