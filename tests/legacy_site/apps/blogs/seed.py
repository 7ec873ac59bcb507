from datetime import UTC, datetime, timedelta

from legacy_site.apps.blogs.models import BlogEntry, Feed, FeedAggregate, RelatedBlog
from legacy_site.apps.cms.seeding import SEEDED_AT, put

_ENTRIES = (
    ("A release candidate to try", "<p>Install it next to your own version &amp; tell us.</p>"),
    ("What the core sprint brought", "<p>Five days, forty people, one parser.</p>"),
    ("Faster start-up, explained", "<p>Where the milliseconds went.</p>"),
    ("Thirty years of one mailing list", "Text outside of any element, then <br> a break."),
    ("Security releases", "<p>Please update: three faults in <code>tarfile</code>.</p>"),
    ("Meet the new release manager", "<p>An interview.</p>"),
)


def seed() -> None:
    news = put(
        Feed,
        {"name": "Python Insider"},
        website_url="https://blog.python.org",
        feed_url="https://blog.python.org/feeds/posts/default?alt=rss",
        last_import=SEEDED_AT,
    )
    foundation = put(
        Feed,
        {"name": "News of the foundation"},
        website_url="https://foundation.example.org/",
        feed_url="https://foundation.example.org/feed.rss",
    )
    for number, (title, summary) in enumerate(_ENTRIES):
        put(
            BlogEntry,
            {"url": f"https://blog.python.org/2025/12/{number}.html"},
            title=title,
            summary=summary,
            pub_date=datetime(2025, 12, 28, 12, tzinfo=UTC) - timedelta(days=9 * number),
            feed=foundation if number == 3 else news,
        )
    aggregate = put(
        FeedAggregate,
        {"slug": "psf-news"},
        name="PSF news",
        description="The landing page of the foundation",
    )
    aggregate.feeds.set([foundation])
    put(
        RelatedBlog,
        {"name": "planet"},
        feed_url="https://planet.example.org/atom.xml",
        blog_url="https://planet.example.org/",
        blog_name="Planet of Programmers",
        last_entry_published=SEEDED_AT,
        last_entry_title="On naming things",
    )
