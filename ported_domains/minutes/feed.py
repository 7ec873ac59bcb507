"""The feed of the newest minutes (behaviour/minutes.md §5). Pure."""

from datetime import UTC, datetime, time

from ported_domains.minutes.records import ARCHIVE, Minutes
from ported_domains.shared.rss import Channel, Item

LENGTH = 20


def channel(origin: str, path: str) -> Channel:
    """`origin` is "https://www.example.org", `path` the feed's own."""
    return Channel(
        title="PSF Board Meeting Minutes Feed",
        link=f"{origin}{ARCHIVE}",
        description="PSF Board Meeting Minutes",
        self_link=f"{origin}{path}",
    )


def item(minutes: Minutes, origin: str) -> Item:
    """A meeting is dated at midnight, UTC."""
    return Item(
        title=f"PSF Meeting Minutes for {minutes.date.isoformat()}",
        link=f"{origin}{minutes.get_absolute_url()}",
        description=minutes.content.rendered,
        published=datetime.combine(minutes.date, time(), UTC),
    )
