"""Entries of blogs by the names that templates know them by; they lead to other sites."""

from dataclasses import dataclass
from datetime import datetime

from ported_domains.blogs.excerpt import visible_text


@dataclass(frozen=True, slots=True)
class Feed:
    id: int
    name: str
    website_url: str
    feed_url: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class BlogEntry:
    """`summary` is HTML of somebody else, and not sanitised."""

    feed: Feed
    id: int
    title: str
    summary: str
    pub_date: datetime
    url: str

    @property
    def excerpt(self) -> str:
        """Text, not HTML: to be escaped."""
        return visible_text(self.summary)

    def get_absolute_url(self) -> str:
        return self.url

    def __str__(self) -> str:
        return self.title
