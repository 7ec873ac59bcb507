"""What a feed says (behaviour/blogs.md §5). Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time
from typing import Any
from urllib.parse import urlsplit

import feedparser  # type: ignore[import-untyped]

from ported_domains.blogs.fetching import Fetched
from ported_domains.blogs.places import BLOG_URL

LONGEST = 200
"""Characters of a title, and of a link."""
LONGEST_SUMMARY = 200_000
MOST_ENTRIES = 1_000
"""Of a feed, as they come: the newest first. Feeds have some dozens."""
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
_OLD_HOST = "pythoninsider.blogspot.com"
"""Blogger's own name for the site's blog, which its feed still says."""


class UnusableError(ValueError):
    """An entry that cannot be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """`summary` is HTML that feedparser sanitised."""

    title: str
    summary: str
    pub_date: datetime
    url: str


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """`title`, `link`, `updated` and `first_title` are None where the feed does not say, or what
    cannot be stored. `left_out` says of each entry that is not among `entries` which, and why."""

    title: str | None
    link: str | None
    updated: datetime | None
    first_title: str | None
    entries: tuple[ReadEntry, ...]
    left_out: tuple[str, ...]


def read_feed(fetched: Fetched) -> ReadFeed:
    """RSS or Atom, also where it is not well-formed; what is no feed has no entries."""
    headers = {"content-location": fetched.address, "content-type": fetched.content_type}
    # As a stream: feedparser takes octets for the name of a file first.
    parsed = feedparser.parse(BytesIO(fetched.content), response_headers=headers)
    entries, left_out = list[ReadEntry](), list[str]()
    if len(parsed.entries) > MOST_ENTRIES:
        left_out.append(f"{fetched.address}: all entries after the first {MOST_ENTRIES}")
    for number, entry in enumerate(parsed.entries[:MOST_ENTRIES], 1):
        try:
            entries.append(_entry(entry))
        except UnusableError as error:
            left_out.append(f"{fetched.address}: entry {number} {error}")
    return ReadFeed(
        title=_storable(parsed.feed.get("title")),
        link=_storable(parsed.feed.get("link")),
        updated=_moment(parsed.feed.get("updated_parsed")),
        first_title=next((_storable(entry.get("title")) for entry in parsed.entries), None),
        entries=tuple(entries),
        left_out=tuple(left_out),
    )


def at_its_own_host(url: str) -> str:
    """Links to the site's blog by Blogger's name for it lead to its own; others stay as they are.
    `ValueError` for what is no URL."""
    parts = urlsplit(url)
    if parts.hostname != _OLD_HOST:
        return url
    blog = urlsplit(BLOG_URL)
    return parts._replace(scheme=blog.scheme, netloc=blog.netloc).geturl()


def _entry(entry: Mapping[str, Any]) -> ReadEntry:
    published = _moment(entry.get("published_parsed"))
    if published is None:
        raise UnusableError("has no date of publication")
    title, summary, link = (entry.get(name, "") for name in ("title", "summary", "link"))
    for fault in _faults(title, summary, link):
        raise UnusableError(fault)
    return ReadEntry(title, summary, published, at_its_own_host(link))


def _faults(title: str, summary: str, link: str) -> Iterator[str]:
    if not title:
        yield "has no title"
    if not _leads_somewhere(link):
        yield "has no link to a page"
    if len(title) > LONGEST or len(link) > LONGEST:
        yield f"has a title or a link of more than {LONGEST} characters"
    if len(summary) > LONGEST_SUMMARY:
        yield f"has a summary of more than {LONGEST_SUMMARY} characters"
    if _storable(title + summary + link) is None:
        yield "has a character in it that cannot be stored"


def _storable(text: str | None) -> str | None:
    """None for what has a NUL in it, or half a character, which UTF-8 cannot say."""
    return None if text is None or _UNSTORABLE.search(text) else text


def _leads_somewhere(link: str) -> bool:
    """A `javascript:` link would be run by whoever follows it on our page."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _moment(parsed: struct_time | None) -> datetime | None:
    """In UTC. The legacy site takes the day of the week (0 is Monday) for microseconds; a row that
    both sides import has to stay the same."""
    try:
        return None if parsed is None else datetime(*parsed[:7], tzinfo=UTC)
    except ValueError:
        return None
