from datetime import UTC, datetime

from lxml import etree

from ported_domains.downloads.catalogue import Release
from ported_domains.downloads.feed import channel, item
from ported_domains.shared.rss import rss

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOMENT = datetime(2025, 10, 9, 12, 30, tzinfo=UTC)
ORIGIN = "http://example.org"


def release(name: str, date: datetime) -> Release:
    return Release(
        id=1,
        name=name,
        slug="python-31212",
        version=3,
        is_published=True,
        pre_release=False,
        release_date=date,
        release_notes_url="",
        page_path=None,
    )


def test_an_item_for_each_release() -> None:
    one = item(release("Python <3.12.12> & more", MOMENT), ORIGIN)
    tree = etree.fromstring(rss(channel(ORIGIN, "/feed?a&b"), [one], NOW).encode())
    shown = {child.tag: child.text for child in tree.iterfind("channel/item/*")}
    assert shown == {
        "title": "Python <3.12.12> & more",
        "link": "http://example.org/downloads/release/python-31212/",
        "description": "Release date: 2025-10-09 12:30:00+00:00",
        "pubDate": "Thu, 09 Oct 2025 12:30:00 +0000",
        "guid": "http://example.org/downloads/release/python-31212/",
    }
    atom = tree.find("channel/{http://www.w3.org/2005/Atom}link")
    assert atom is not None
    assert (atom.get("href"), atom.get("rel")) == ("http://example.org/feed?a&b", "self")
    assert tree.findtext("channel/lastBuildDate") == "Thu, 09 Oct 2025 12:30:00 +0000"
