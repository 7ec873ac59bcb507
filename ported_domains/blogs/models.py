"""Feeds that are read from elsewhere, and what they brought (behaviour/blogs.md)."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Record
from ported_domains.shared.columns import refers_to


class BlogFeed(Keyed, Record):
    __tablename__ = "blog_feeds"

    name: Mapped[str] = mapped_column(String(200))
    website_url: Mapped[str] = mapped_column(String(200))
    feed_url: Mapped[str] = mapped_column(String(200))
    last_import: Mapped[datetime | None]


class BlogEntry(Keyed, Record):
    """Found again by feed and URL at the next import; nothing keeps that pair unique."""

    __tablename__ = "blog_entries"
    __table_args__ = (Index("ix_blog_entries_feed_id_url", "feed_id", "url"),)

    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str]
    pub_date: Mapped[datetime] = mapped_column(index=True)
    url: Mapped[str] = mapped_column(String(200))
    feed_id: Mapped[int] = mapped_column(refers_to(BlogFeed.id))


class FeedAggregate(Keyed, Record):
    """Feeds that are shown together in one place."""

    __tablename__ = "feed_aggregates"

    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(50), unique=True)
    description: Mapped[str]


class FeedAggregateFeed(Keyed, Record):
    __tablename__ = "feed_aggregate_feeds"
    __table_args__ = (UniqueConstraint("feedaggregate_id", "feed_id"),)

    feedaggregate_id: Mapped[int] = mapped_column(refers_to(FeedAggregate.id))
    feed_id: Mapped[int] = mapped_column(refers_to(BlogFeed.id), index=True)


class RelatedBlog(Keyed, Authored, Record):
    """No page shows them."""

    __tablename__ = "related_blogs"

    name: Mapped[str] = mapped_column(String(100))
    feed_url: Mapped[str] = mapped_column(String(200))
    blog_url: Mapped[str] = mapped_column(String(200))
    blog_name: Mapped[str] = mapped_column(String(200))
    last_entry_published: Mapped[datetime]
    last_entry_title: Mapped[str] = mapped_column(String(500))
