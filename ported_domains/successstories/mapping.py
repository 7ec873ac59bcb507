"""How the rows of success stories travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, NAMED, markup

MAPPING = (
    TableMapping(
        legacy="successstories_storycategory",
        native="story_categories",
        columns=(*same("id"), *NAMED),
    ),
    TableMapping(
        legacy="successstories_story",
        native="stories",
        columns=(
            *AUTHORED,
            *NAMED,
            *same("company_name", "company_url", "company_id", "category_id"),
            *same("author", "author_email", "submitted_by_id", "pull_quote"),
            *markup("content"),
            *same("is_published", "featured", "image"),
        ),
    ),
)
