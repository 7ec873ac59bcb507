"""What feeds said, written to the tables (behaviour/blogs.md §5)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.blogs.content import newest_of
from ported_domains.blogs.models import BlogEntry, BlogFeed, RelatedBlog
from ported_domains.blogs.places import BOX, FEED_URL
from ported_domains.blogs.reading import ReadEntry, ReadFeed
from ported_domains.boxes.writing import write_html

Render = Callable[[str, Mapping[str, Any]], str]
"""A template by its name, with these names."""

_entries = BlogEntry.__table__.c


async def keep_entries(
    db: AsyncSession, feed_id: int, entries: Iterable[ReadEntry], now: datetime
) -> int:
    """How many are new or have changed; none where there is no such feed any more. An entry is
    known again by its URL; what the feed no longer has stays."""
    mine = BlogFeed.id == feed_id
    there = update(BlogFeed).where(mine).values(last_import=now).returning(BlogFeed.id)
    if (await db.execute(there)).first() is None:
        return 0
    read = {entry.url: entry for entry in entries}
    known = await _known(db, feed_id, read)
    changed = 0
    for url, entry in read.items():
        values = {"title": entry.title, "summary": entry.summary, "pub_date": entry.pub_date}
        if url not in known:
            await db.execute(insert(BlogEntry).values(feed_id=feed_id, url=url, **values))
        elif any(stored != values for stored in known[url]):
            same = (_entries.feed_id == feed_id, _entries.url == url)
            await db.execute(update(BlogEntry).where(*same).values(values))
        else:
            continue
        changed += 1
    return changed


async def _known(
    db: AsyncSession, feed_id: int, urls: Iterable[str]
) -> dict[str, list[Mapping[str, Any]]]:
    """By URL, which nothing keeps unique."""
    asked = select(_entries.url, _entries.title, _entries.summary, _entries.pub_date)
    mine = (_entries.feed_id == feed_id, _entries.url.in_(list(urls)))
    known: dict[str, list[Mapping[str, Any]]] = {}
    for row in (await db.execute(asked.where(*mine))).mappings():
        stored = dict(row)
        known.setdefault(stored.pop("url"), []).append(stored)
    return known


async def keep_related(db: AsyncSession, blog_id: int, read: ReadFeed, now: datetime) -> None:
    """What the feed does not say, or at too great length, stays as it was."""
    said = {
        "blog_name": read.title,
        "blog_url": read.link,
        "last_entry_published": read.updated,
        "last_entry_title": read.first_title,
    }
    values = {name: value for name, value in said.items() if value and _fits(name, value)}
    mine = RelatedBlog.id == blog_id
    await db.execute(update(RelatedBlog).where(mine).values(**values, updated=now))


def _fits(column: str, value: object) -> bool:
    length = getattr(RelatedBlog.__table__.c[column].type, "length", None)
    return length is None or len(str(value)) <= length


async def rebuild_box(db: AsyncSession, render: Render) -> None:
    """The box of the navigation shows the newest entry of the site's own blog, if there is one."""
    entry = await db.run_sync(newest_of, FEED_URL)
    if entry is not None:
        await write_html(db, BOX, render("blogs/supernav.html", {"entry": entry}))
