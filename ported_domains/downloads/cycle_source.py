"""Where pages hear of the life of each Python series, as last told by the release-cycle API.

    fetch (cycle_fetching.py) → one copy for all workers (cycle_sharing.py) → this worker's own

It is fetched again after an hour, in the background: pages show what was heard last meanwhile, and
for as long as it fails. Only before anything is known does a page wait, no longer than Django's.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from ported_domains.downloads.cycle import Cycle
from ported_domains.downloads.cycle_fetching import TIMEOUT_SECONDS, CycleError, fetch
from ported_domains.downloads.cycle_sharing import (
    GOOD_FOR_SECONDS,
    RETRY_SECONDS,
    Copy,
    SharedCycle,
)

SOON_SECONDS: Final = 1.0
"""That a page is kept which was made while another answer is on its way."""
PAGES_WAITING: Final = 2
"""At once: each has a connection to the database, of which others have need."""

log = logging.getLogger(__name__)


class Heard(NamedTuple):
    """`cycle` is None where nothing was heard yet. For `good_for` seconds it stays so."""

    cycle: Cycle | None
    good_for: float


class ReleaseCycle:
    """That of one worker. `clock` in seconds."""

    def __init__(
        self,
        url: str,
        shared: SharedCycle | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self._shared = shared
        self._clock = clock
        self._cycle: Cycle | None = None
        self._due = clock()
        self._asking: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._waiting = 0

    async def heard(self) -> Heard:
        if self._asking is None and self._clock() >= self._due:
            self._asking = asyncio.create_task(self._renew(), name="ask for the release cycle")
        if not self._tried.is_set() and self._waiting < PAGES_WAITING:
            await self._first_answer()
        if self._asking is not None:
            return Heard(self._cycle, SOON_SECONDS)
        return Heard(self._cycle, max(self._due - self._clock(), SOON_SECONDS))

    async def settled(self) -> None:
        """Wait until the question that is under way, if any, is answered."""
        if self._asking is not None:
            await self._asking

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            with suppress(asyncio.CancelledError):
                await self._asking
        if self._shared is not None:
            await self._shared.close()

    async def _first_answer(self) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._tried.wait()
        except TimeoutError:
            self._tried.set()  # that was enough waiting, for all pages
        finally:
            self._waiting -= 1

    async def _renew(self) -> None:
        wait = float(RETRY_SECONDS)
        try:
            wait = await self._asked()
        except CycleError as error:
            log.warning("no release cycle from %s: %s", self.url, error)
        finally:
            self._due = self._clock() + wait
            self._asking = None
            self._tried.set()

    async def _asked(self) -> float:
        """Seconds that what is known now is good for."""
        if self._shared is None:
            return self._take(Copy(await fetch(self.url), GOOD_FOR_SECONDS))
        found = await self._shared.find()
        if found is not None and self._take(found) > 0:
            return found.good_for
        return self._take(await self._shared.renew(lambda: fetch(self.url)))

    def _take(self, copy: Copy) -> float:
        self._cycle = copy.cycle
        self._tried.set()
        return copy.good_for
