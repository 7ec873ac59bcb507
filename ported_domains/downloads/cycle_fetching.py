"""The release-cycle API of python.org, asked within limits."""

import asyncio
import json
from typing import Any, Final

import httpx

from ported_domains.downloads.cycle import Cycle

PUBLISHED_AT: Final = "https://peps.python.org/api/release-cycle.json"
TIMEOUT_SECONDS: Final = 5
"""For the whole answer."""
LARGEST: Final = 1 << 20
"""Octets of an answer."""
_MOST_REDIRECTS = 3
_SHOWN = ("status", "first_release", "end_of_life", "pep")
_HEADERS = {
    "user-agent": "python.org downloads (+https://www.python.org/downloads/)",
    "accept": "application/json",
    "accept-encoding": "identity",  # so that an octet of the answer is one in memory
}


class CycleError(Exception):
    """There is no release cycle to be had; the message says why."""


async def fetch(url: str) -> Cycle:
    """Raises `CycleError`."""
    try:
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            httpx.AsyncClient(headers=_HEADERS, timeout=TIMEOUT_SECONDS) as client,
        ):
            return read_cycle(await _followed(client, httpx.URL(url)))
    except TimeoutError:
        raise CycleError(f"not there after {TIMEOUT_SECONDS} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CycleError(f"{type(error).__name__}: {error}") from None


def read_cycle(content: bytes) -> Cycle:
    """Raises `CycleError` unless it is a table of series, as JSON."""
    try:
        read: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CycleError(f"it is not JSON: {error}") from None
    if not isinstance(read, dict) or not all(map(_is_series, read.values())):
        raise CycleError("it is not a table of series")
    return read


def _is_series(entry: Any) -> bool:
    return isinstance(entry, dict) and not any(
        isinstance(entry.get(name), dict | list) for name in _SHOWN
    )


async def _followed(client: httpx.AsyncClient, at: httpx.URL) -> bytes:
    for _ in range(1 + _MOST_REDIRECTS):
        async with client.stream("GET", at) as answer:
            if answer.next_request is None:
                return await _whole(answer.raise_for_status())
            at = answer.next_request.url
    raise CycleError(f"more than {_MOST_REDIRECTS} redirects")


async def _whole(answer: httpx.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise CycleError("it is packed, which was not asked for")
    content = bytearray()
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > LARGEST:
            raise CycleError(f"it is longer than {LARGEST} octets")
    return bytes(content)
