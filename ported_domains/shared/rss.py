"""Feeds: RSS 2.0, element by element as Django's syndication framework writes it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from litestar import Response
from sqlalchemy import column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.shared.visit import Visit

CONTENT_TYPE = "application/rss+xml; charset=utf-8"

_DOCUMENT = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>\
<title>{title}</title><link>{link}</link><description>{description}</description>\
<atom:link href={self_link} rel="self"/><language>en-us</language>\
<lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"""
_ITEM = """<item><title>{title}</title><link>{link}</link><description>{description}</description>\
<pubDate>{published}</pubDate><guid>{link}</guid></item>"""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""XML 1.0, 2.2. The legacy site fails over them; one of them must not take the feed away."""
_sites = table("sites", column("id"), column("domain"))
_SITE_DOMAIN = select(_sites.c.domain).where(_sites.c.id == 1)  # Django's SITE_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`link` is absolute, and the item's identity too. `description` may be HTML."""

    title: str
    link: str
    description: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """`link` is the page that the feed is about, `self_link` the feed; both absolute."""

    title: str
    link: str
    description: str
    self_link: str


async def origin(db: AsyncSession, visit: Visit) -> str:
    """`https://www.python.org`: what the site calls itself, whatever host was asked; a domain with
    a feed `reads` pages, where the name is."""
    domain: str | None = (await db.execute(_SITE_DOMAIN)).scalar_one_or_none()
    return f"{visit.scheme}://{domain or visit.host}"


def feed(visit: Visit, channel: Channel, items: Sequence[Item]) -> Response[bytes]:
    """The answer. Without items it shows what time it is, and so is not kept."""
    now = datetime.now(UTC)
    if not items:
        visit.good_for = 0
    return Response(
        rss(channel, items, now).encode(),
        media_type=CONTENT_TYPE,
        headers={"last-modified": http_date(last_modified(items, now))},
    )


def last_modified(items: Sequence[Item], now: datetime) -> datetime:
    """Of the newest item; `now` for a feed without items."""
    return max((item.published for item in items), default=now)


def http_date(moment: datetime) -> str:
    """RFC 9110, 5.6.7."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def rss(channel: Channel, items: Sequence[Item], now: datetime) -> str:
    return _DOCUMENT.format(
        title=_text(channel.title),
        link=_text(channel.link),
        description=_text(channel.description),
        self_link=quoteattr(channel.self_link),
        built=format_datetime(last_modified(items, now)),
        items="".join(map(_item, items)),
    )


def _item(item: Item) -> str:
    return _ITEM.format(
        title=_text(item.title),
        link=_text(item.link),
        description=_text(item.description),
        published=format_datetime(item.published),
    )


def _text(value: str) -> str:
    return escape(_NOT_IN_XML.sub("", value))
