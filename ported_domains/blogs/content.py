"""Which entries pages show: the tags of the library `blogs` and the blog's own page ask here."""

from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from ported_domains.blogs import models
from ported_domains.blogs.catalogue import BlogEntry, Feed

_entries = models.BlogEntry.__table__.c
_feeds = models.BlogFeed.__table__.c
_members = models.FeedAggregateFeed.__table__.c
_aggregates = models.FeedAggregate.__table__.c

_FEED = (_feeds.id, _feeds.name, _feeds.website_url, _feeds.feed_url)
_ENTRY = (_entries.id, _entries.title, _entries.summary, _entries.pub_date, _entries.url)


def _newest() -> Select[Any]:
    """Of entries of the same moment the last one written is the newest."""
    joined = models.BlogEntry.__table__.join(
        models.BlogFeed.__table__, _feeds.id == _entries.feed_id
    )
    newest_first = (_entries.pub_date.desc(), _entries.id.desc())
    return select(*_FEED, *_ENTRY).select_from(joined).order_by(*newest_first)


_NEWEST = _newest().limit(bindparam("limit"))
_FEEDS_OF_AGGREGATE = (
    select(_members.feed_id)
    .join(models.FeedAggregate.__table__, _aggregates.id == _members.feedaggregate_id)
    .where(_aggregates.slug == bindparam("slug"))
)
_NEWEST_OF_AGGREGATE = _NEWEST.where(_entries.feed_id.in_(_FEEDS_OF_AGGREGATE))
_NEWEST_OF_ADDRESS = _NEWEST.where(_feeds.feed_url == bindparam("address"))


def blog_entries(session: Session, feed: str | None, limit: int) -> list[BlogEntry]:
    """The newest first, of all feeds, or of those of the aggregate with the slug `feed`; none where
    there is no such aggregate."""
    if feed is None:
        return _read(session, _NEWEST, limit=limit)
    return _read(session, _NEWEST_OF_AGGREGATE, slug=feed, limit=limit)


def newest_of(session: Session, address: str) -> BlogEntry | None:
    """The newest entry of the feed at `address`."""
    return next(iter(_read(session, _NEWEST_OF_ADDRESS, address=address, limit=1)), None)


def _read(session: Session, query: Select[Any], **parameters: object) -> list[BlogEntry]:
    return [_entry(*row) for row in session.execute(query, parameters)]


def _entry(*row: Any) -> BlogEntry:
    return BlogEntry(Feed(*row[: len(_FEED)]), *row[len(_FEED) :])
