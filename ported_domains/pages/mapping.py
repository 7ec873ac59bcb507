"""How the rows of pages travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, markup

MAPPING = (
    TableMapping(
        legacy="pages_page",
        native="pages",
        columns=(
            *AUTHORED,
            *same("title", "keywords", "description", "path"),
            *markup("content"),
            *same("is_published", "content_type", "template_name"),
        ),
    ),
    TableMapping(
        legacy="pages_image",
        native="page_images",
        columns=same("id", "page_id", "image"),
    ),
    TableMapping(
        legacy="pages_documentfile",
        native="page_documents",
        columns=same("id", "page_id", "document"),
    ),
    TableMapping(
        legacy="django_site",
        native="sites",
        columns=same("id", "domain", "name"),
    ),
    TableMapping(
        legacy="django_redirect",
        native="redirects",
        columns=same("id", "site_id", "old_path", "new_path"),
    ),
)
