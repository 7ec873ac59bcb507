from datetime import UTC, datetime

from lxml import etree

from ported_domains.shared.rss import Channel, Item, http_date, last_modified, rss

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHANNEL = Channel(
    title="One & all",
    link="http://example.org/all/",
    description="All <of> them",
    self_link='http://example.org/feed/?a&b="c"',
)


def item(title: str, published: datetime) -> Item:
    return Item(
        title=title,
        link="http://example.org/all/1/?a&b",
        description="<p>A &amp; B</p>",
        published=published,
    )


def test_everything_arrives_as_it_was() -> None:
    old, new = datetime(2025, 1, 2, tzinfo=UTC), datetime(2025, 10, 9, 12, 30, tzinfo=UTC)
    feed = rss(CHANNEL, [item("First <one>", old), item("Second", new)], NOW)
    tree = etree.fromstring(feed.encode())
    assert {child.tag: child.text for child in tree.iterfind("channel/item[1]/*")} == {
        "title": "First <one>",
        "link": "http://example.org/all/1/?a&b",
        "description": "<p>A &amp; B</p>",
        "pubDate": "Thu, 02 Jan 2025 00:00:00 +0000",
        "guid": "http://example.org/all/1/?a&b",
    }
    atom = "{http://www.w3.org/2005/Atom}link"
    assert [(child.tag, child.text) for child in tree.iterfind("channel/*")][:6] == [
        ("title", "One & all"),
        ("link", "http://example.org/all/"),
        ("description", "All <of> them"),
        (atom, None),
        ("language", "en-us"),
        ("lastBuildDate", "Thu, 09 Oct 2025 12:30:00 +0000"),
    ]
    [own] = tree.iterfind(f"channel/{atom}")
    assert own.items() == [("href", CHANNEL.self_link), ("rel", "self")]


def test_what_xml_cannot_say_is_left_out() -> None:
    feed = rss(CHANNEL, [item("a\x0bb\x00c\td\ne", NOW)], NOW)
    assert etree.fromstring(feed.encode()).findtext("channel/item/title") == "abc\td\ne"


def test_an_empty_feed_is_of_now() -> None:
    assert last_modified([], NOW) == NOW
    assert last_modified([item("a", datetime(2025, 1, 2, tzinfo=UTC))], NOW).year == 2025
    assert http_date(NOW) == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert etree.fromstring(rss(CHANNEL, [], NOW).encode()).find("channel/item") is None
