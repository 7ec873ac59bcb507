"""Server-sent events: once a second, what has changed on a page since this viewer was told last."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

import msgspec

from proxy.console.cells import Cells, announcement
from proxy.console.overview import Overview

MOST_VIEWERS = 24
"""Streams of one worker at a time."""
EVERY_SECONDS = 1.0
LIFETIME_SECONDS = 120.0
"""Then the browser asks anew, and whether it still may is looked at again."""
RETRY_MILLISECONDS = 2000

Look = Callable[[], Awaitable[tuple[Overview, Cells]]]


@dataclass(slots=True)
class Viewers:
    """How many streams there are; `ending` says that the worker lets no new request in."""

    ending: Callable[[], bool]
    number: int = 0

    @property
    def full(self) -> bool:
        return self.number >= MOST_VIEWERS


async def events(viewers: Viewers, look: Look) -> AsyncGenerator[bytes, None]:
    """`look` gives the page as it is now. Ends by itself; whoever leaves earlier closes it."""
    viewers.number += 1
    try:
        loop = asyncio.get_running_loop()
        until = loop.time() + LIFETIME_SECONDS
        yield b"retry: %d\n\n" % RETRY_MILLISECONDS
        told: Cells = {}
        before: Overview | None = None
        while not viewers.ending() and loop.time() < until:
            seen, cells = await look()
            changed = {key: cell for key, cell in cells.items() if told.get(key) != cell}
            said = announcement(before, seen) if before is not None else ""
            told, before = cells, seen
            if changed:
                yield event("cells", changed)
            if said:
                yield event("said", said)
            await asyncio.sleep(EVERY_SECONDS)
    finally:
        viewers.number -= 1


def event(name: str, content: object) -> bytes:
    """JSON has no line ends, so that it is one line of data."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(content, enc_hook=str))
