"""Where the life of each Python series is heard of: the release-cycle API.

It is asked in the background, so that no page waits for it: the first pages after a start know of
no cycle. When it fails, what was heard last stays, and the log says why.
"""

import asyncio
import logging
import time
from typing import Any

import httpx

from ported_domains.downloads.cycle import Cycle

TIMEOUT_SECONDS = 5
GOOD_FOR_SECONDS = 3600
RETRY_SECONDS = 60

log = logging.getLogger(__name__)


class ReleaseCycle:
    """Call it for what was heard last; None before anything was."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._heard: Cycle | None = None
        self._ask_again = 0.0
        self._asking: asyncio.Task[None] | None = None

    def __call__(self) -> Cycle | None:
        if self._asking is None and time.monotonic() >= self._ask_again:
            self._asking = asyncio.get_running_loop().create_task(self._ask())
        return self._heard

    async def settled(self) -> None:
        """Wait until the question that is under way, if any, is answered."""
        if self._asking is not None:
            await self._asking

    async def _ask(self) -> None:
        wait = RETRY_SECONDS
        try:
            self._heard = await _fetch(self._url)
            wait = GOOD_FOR_SECONDS
        except (httpx.HTTPError, ValueError) as error:
            log.warning("no release cycle from %s: %s", self._url, repr(error))
        finally:
            self._ask_again = time.monotonic() + wait
            self._asking = None


async def _fetch(url: str) -> Cycle:
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
        answer: Any = (await client.get(url)).raise_for_status().json()
    if not isinstance(answer, dict) or not all(isinstance(one, dict) for one in answer.values()):
        raise ValueError("it is not a table of series")
    return answer
