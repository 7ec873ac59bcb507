"""How the rows of blogs travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED

MAPPING = (
    TableMapping(
        legacy="blogs_feed",
        native="blog_feeds",
        columns=same("id", "name", "website_url", "feed_url", "last_import"),
    ),
    TableMapping(
        legacy="blogs_blogentry",
        native="blog_entries",
        columns=same("id", "title", "summary", "pub_date", "url", "feed_id"),
    ),
    TableMapping(
        legacy="blogs_feedaggregate",
        native="feed_aggregates",
        columns=same("id", "name", "slug", "description"),
    ),
    TableMapping(
        legacy="blogs_feedaggregate_feeds",
        native="feed_aggregate_feeds",
        columns=same("id", "feedaggregate_id", "feed_id"),
    ),
    TableMapping(
        legacy="blogs_relatedblog",
        native="related_blogs",
        columns=(
            *AUTHORED,
            *same("name", "feed_url", "blog_url", "blog_name"),
            *same("last_entry_published", "last_entry_title"),
        ),
    ),
)
