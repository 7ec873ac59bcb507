"""What is taken from a feed, what is left out and why; and what readers see of a summary."""

from datetime import UTC, datetime

import feedparser  # type: ignore[import-untyped]
import pytest
from feedparser import FeedParserDict

from ported_domains.blogs.excerpt import visible_text
from ported_domains.blogs.fetching import Fetched
from ported_domains.blogs.reading import MOST_ENTRIES, ReadEntry, at_its_own_host, read_feed

AT = "https://feeds.example.org/rss"
DATED = "<pubDate>Sat, 28 Nov 2026 10:00:00 +0100</pubDate>"


def rss(*items: str) -> Fetched:
    entries = "".join(f"<item>{item}</item>" for item in items)
    text = f'<rss version="2.0"><channel><title>T</title>{entries}</channel></rss>'
    return Fetched(text.encode(), AT, "application/rss+xml")


def item(title: str = "A title", link: str = "https://example.org/a", rest: str = DATED) -> str:
    return f"<title>{title}</title><link>{link}</link>{rest}"


def test_an_entry_is_read() -> None:
    summary = "<description>&lt;p&gt;Text&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description>"
    feed = read_feed(rss(item(rest=DATED + summary)))
    # Saturday is 5, which is where the microseconds come from
    moment = datetime(2026, 11, 28, 9, 0, 0, 5, tzinfo=UTC)
    assert feed.entries == (ReadEntry("A title", "<p>Text</p>", moment, "https://example.org/a"),)
    assert (feed.title, feed.first_title, feed.left_out) == ("T", "A title", ())


@pytest.mark.parametrize(
    ("faulty", "why"),
    [
        (item(rest=""), "has no date of publication"),
        (item(rest="<pubDate>someday</pubDate>"), "has no date of publication"),
        (item(title=""), "has no title"),
        (item(link=""), "has no link to a page"),
        (item(link="javascript:alert(1)"), "has no link to a page"),
        (item(link="https://[/"), "has no link to a page"),
        (item(title="x" * 201), "has a title or a link of more than 200 characters"),
        (
            item(link="https://example.org/" + "x" * 200),
            "has a title or a link of more than 200 characters",
        ),
        (
            item(rest=f"{DATED}<description>{'x' * 200_001}</description>"),
            "has a summary of more than 200000 characters",
        ),
    ],
)
def test_a_faulty_entry_is_left_out_and_the_others_are_not(faulty: str, why: str) -> None:
    feed = read_feed(rss(faulty, item(title="Fine")))
    assert [entry.title for entry in feed.entries] == ["Fine"]
    assert feed.left_out == (f"{AT}: entry 1 {why}",)


@pytest.mark.parametrize("content", [b"", b"\0", b"<html><p>no feed", b"/etc/passwd", b"<rss>" * 9])
def test_what_is_no_feed_has_no_entries(content: bytes) -> None:
    assert read_feed(Fetched(content, AT, "text/html")).entries == ()


def test_of_a_feed_without_end_the_first_entries_are_read() -> None:
    feed = read_feed(rss(*(item(title=str(number)) for number in range(MOST_ENTRIES + 1))))
    assert [entry.title for entry in feed.entries] == [str(each) for each in range(MOST_ENTRIES)]
    assert feed.left_out == (f"{AT}: all entries after the first {MOST_ENTRIES}",)


@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_what_a_feed_says_that_cannot_be_stored_is_not_said(
    monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    said = {"title": f"a{character}", "link": f"https://example.org/{character}"}
    parsed = FeedParserDict(feed=FeedParserDict(said), entries=[FeedParserDict(said)])
    monkeypatch.setattr(feedparser, "parse", lambda *_, **__: parsed)
    feed = read_feed(rss())
    assert (feed.title, feed.link, feed.first_title) == (None, None, None)


def test_relative_links_are_below_the_place_of_the_feed() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><link href="/a"/>'
        "<published>2026-11-23T00:00:00Z</published></entry></feed>"
    )
    [entry] = read_feed(Fetched(atom.encode(), AT, "application/atom+xml")).entries
    assert entry.url == "https://feeds.example.org/a"
    assert entry.pub_date == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "http://pythoninsider.blogspot.com/2026/a.html?x=1",
            "https://blog.python.org/2026/a.html?x=1",
        ),
        ("http://PythonInsider.blogspot.com:80/a", "https://blog.python.org/a"),
        ("http://other.blogspot.com/a", "http://other.blogspot.com/a"),
    ],
)
def test_the_blog_goes_by_its_own_name(url: str, shown: str) -> None:
    assert at_its_own_host(url) == shown


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p> one <b>two</b>\nthree </p><p>four &amp; &lt;i&gt;</p>", "one two three four & <i>"),
        ("bare<br>text <a href='x'>link</a> bare", "link"),
        ("<p>a<!-- b -->c<script>d</script><style>e</style></p><title>f</title>", "a c"),
        ("</p><div>a<br/>b</span>c<p>d", "a b c d"),
        ("<p>&lt;img src=x onerror=alert(1)&gt;", "<img src=x onerror=alert(1)>"),
        ("", ""),
    ],
)
def test_the_visible_text(html: str, text: str) -> None:
    assert visible_text(html) == text


def test_elements_that_are_never_closed_take_no_longer_than_others() -> None:
    """Looking through all open ones at each end tag took minutes."""
    number = 200_000
    assert visible_text("<b>" * number + "</i>" * number + "end") == "end"


@pytest.mark.parametrize("unclosed", ["<a ", "<a/ ", "<a x='", "<!--", "<?"])
def test_tags_that_never_end_take_no_longer_than_others(unclosed: str) -> None:
    assert visible_text("<p>seen</p>" + unclosed * 50_000) == "seen"
    assert visible_text(f"<p>a {unclosed.strip()}") == f"a {unclosed.strip()}"
