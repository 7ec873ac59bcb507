"""The feed of the newest releases (behaviour/downloads.md §5). Pure."""

from ported_domains.downloads.catalogue import Release
from ported_domains.shared.rss import Channel, Item

LENGTH = 10


def channel(origin: str, path: str) -> Channel:
    """`origin` is "http://www.example.org", `path` the feed's own."""
    return Channel(
        title="Python Releases",
        link=f"{origin}/downloads/",
        description="Latest Python releases from Python.org",
        self_link=f"{origin}{path}",
    )


def item(release: Release, origin: str) -> Item:
    return Item(
        title=release.name,
        link=f"{origin}{release.get_absolute_url()}",
        description=f"Release date: {release.release_date}",
        published=release.release_date,
    )
