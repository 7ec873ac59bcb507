"""The feed of the newest releases: RSS 2.0 (behaviour/downloads.md §5)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from ported_domains.downloads.catalogue import Release

LENGTH = 10
CONTENT_TYPE = "application/rss+xml; charset=utf-8"

_CHANNEL = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>\
<title>Python Releases</title><link>{link}</link>\
<description>Latest Python releases from Python.org</description>\
<atom:link href={self_link} rel="self"/><language>en-us</language>\
<lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"""
_ITEM = """<item><title>{title}</title><link>{link}</link><description>{description}</description>\
<pubDate>{published}</pubDate><guid>{link}</guid></item>"""


def last_modified(releases: Sequence[Release], now: datetime) -> datetime:
    """The newest release's date; `now` for a feed without items."""
    return max((release.release_date for release in releases), default=now)


def http_date(moment: datetime) -> str:
    """RFC 9110, 5.6.7."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def rss(releases: Sequence[Release], origin: str, path: str, now: datetime) -> str:
    """`origin` is "http://www.example.org", `path` the feed's own."""
    return _CHANNEL.format(
        link=escape(f"{origin}/downloads/"),
        self_link=quoteattr(f"{origin}{path}"),
        built=format_datetime(last_modified(releases, now)),
        items="".join(_item(release, origin) for release in releases),
    )


def _item(release: Release, origin: str) -> str:
    return _ITEM.format(
        title=escape(release.name),
        link=escape(f"{origin}{release.get_absolute_url()}"),
        description=escape(f"Release date: {release.release_date}"),
        published=format_datetime(release.release_date),
    )
