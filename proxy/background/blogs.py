"""Reading the feeds of other sites' blogs, from a thread that may be told to stop."""

import asyncio
from collections.abc import Mapping
from threading import Event
from typing import Any

from ported_domains.blogs.fetching import feed_client
from ported_domains.blogs.importing import Render
from ported_domains.blogs.updating import Updated, update_blogs
from ported_domains.registry import DOMAINS
from ported_domains.shared.look import LookOf
from ported_domains.shared.resolver import Urls
from ported_domains.shared.urls import mounted
from proxy.databases import open_engine

BEAT = 0.2
"""Seconds until `stop` is noticed."""


def read_blogs(native_url: str, look: LookOf, stop: Event) -> Updated | None:
    """None if it was stopped; then all entries were written, or none. Raises as `update_blogs`."""
    return asyncio.run(_read(native_url, look, stop))


async def _read(native_url: str, look: LookOf, stop: Event) -> Updated | None:
    engine = open_engine(native_url, pool_size=2, name="strangler blogs")
    try:
        async with feed_client() as client:
            reading = asyncio.create_task(update_blogs(engine, client, _renderer(look)))
            while not reading.done() and not stop.is_set():
                await asyncio.wait([reading], timeout=BEAT)
            if reading.done():
                return reading.result()
            reading.cancel()
            await asyncio.wait([reading])
            return None
    finally:
        await engine.dispose()


def _renderer(look: LookOf) -> Render:
    """What is shown to nobody in particular: templates know no visitor and no other rows."""
    handlers = [mounted(handler) for domain in DOMAINS.values() for handler in domain.handlers]
    environment = look(Urls(handler.opt["url"] for handler in handlers)).environment

    def render(template: str, names: Mapping[str, Any]) -> str:
        return environment.template(template).render(names)

    return render
