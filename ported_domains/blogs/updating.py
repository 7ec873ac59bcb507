"""Reading all feeds: the legacy site's command `update_blogs` (behaviour/blogs.md §5).

    1. which feeds there are is read
    2. they are fetched, some at once, while nothing in the database waits
    3. what they said is written in one transaction
    4. the box of the navigation is made anew in another: boxes may be owned elsewhere, and refused

One that cannot be had, or whose entries are faulty or refused, keeps no other from being read.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from ported_domains.blogs.fetching import FeedError, fetch
from ported_domains.blogs.importing import Render, keep_entries, keep_related, rebuild_box
from ported_domains.blogs.models import BlogFeed, RelatedBlog
from ported_domains.blogs.places import BOX
from ported_domains.blogs.reading import ReadFeed, read_feed
from ported_domains.shared.database import says_database_down
from ported_domains.shared.writing import writing_to

DOMAIN = "blogs"
_AT_ONCE = 8
"""Feeds that are fetched and taken apart, each of some MiB."""
_NOTHING = ReadFeed(None, None, None, None, (), ())


@dataclass(frozen=True, slots=True)
class Updated:
    """`entries` are new or have changed; `faults` say which feed or entry was left out, and why."""

    feeds: int
    entries: int
    faults: tuple[str, ...]


async def update_blogs(engine: AsyncEngine, client: httpx.AsyncClient, render: Render) -> Updated:
    """Raises `NotOwnerError` where the legacy side owns the entries, and `DatabaseDownError`."""
    async with writing_to(engine, DOMAIN) as db:
        feeds = await _addresses(db, BlogFeed)
        related = await _addresses(db, RelatedBlog)
    read, faults = await _read(client, {*feeds.values(), *related.values()})
    now = datetime.now(UTC)
    async with writing_to(engine, DOMAIN) as db:
        entries = 0
        for key, address in feeds.items():
            found = read.get(address, _NOTHING)
            async with _apart(db, address, faults):
                entries += await keep_entries(db, key, found.entries, now)
        for key, address in related.items():
            if address in read:
                async with _apart(db, address, faults):
                    await keep_related(db, key, read[address], now)
    faults += await _box_faults(engine, render)
    return Updated(len(feeds), entries, tuple(faults))


async def _box_faults(engine: AsyncEngine, render: Render) -> list[str]:
    """The box is made anew, or it is said why not."""
    try:
        async with writing_to(engine, DOMAIN) as db:
            await rebuild_box(db, render)
    except DBAPIError as error:
        return [f"the box {BOX} cannot be stored: {error.orig}"]
    except Exception as error:  # the site's own template may fail in any way
        return [f"the box {BOX} cannot be made anew: {type(error).__name__}: {error}"]
    return []


@asynccontextmanager
async def _apart(db: AsyncSession, address: str, faults: list[str]) -> AsyncIterator[None]:
    """What the database refuses of a feed is taken back and noted; the others stay."""
    try:
        async with db.begin_nested():
            yield
    except DBAPIError as error:
        if says_database_down(error):
            raise
        faults.append(f"{address}: cannot be stored: {error.orig}")


async def _addresses(db: AsyncSession, of: type[BlogFeed | RelatedBlog]) -> dict[int, str]:
    """By key of the row."""
    rows = await db.execute(select(of.id, of.feed_url))
    return {row.id: row.feed_url for row in rows}


async def _read(
    client: httpx.AsyncClient, addresses: Iterable[str]
) -> tuple[dict[str, ReadFeed], list[str]]:
    """What each feed says that could be had, and what is wrong with the others."""
    read, faults = dict[str, ReadFeed](), list[str]()
    ordered, free = sorted(addresses), asyncio.Semaphore(_AT_ONCE)

    async def one(address: str) -> ReadFeed | FeedError:
        async with free:
            return await _one(client, address)

    answers = await asyncio.gather(*map(one, ordered))
    for address, found in zip(ordered, answers, strict=True):
        if isinstance(found, FeedError):
            faults.append(str(found))
            continue
        read[address] = found
        faults += found.left_out
    return read, faults


async def _one(client: httpx.AsyncClient, address: str) -> ReadFeed | FeedError:
    try:
        return await asyncio.to_thread(read_feed, await fetch(client, address))
    except FeedError as error:
        return error
    except Exception as error:  # a parser may fail in any way over what strangers write
        return FeedError(f"{address}: cannot be read: {type(error).__name__}: {error}")
