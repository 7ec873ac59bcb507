"""How the rows of pages travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import Column, TableMapping, same

MAPPING = (
    TableMapping(
        legacy="pages_page",
        native="pages",
        columns=(
            *same("id", "created", "updated", "creator_id", "last_modified_by_id"),
            *same("title", "keywords", "description", "path"),
            *same("content", "content_markup_type"),
            Column("_content_rendered", "content_rendered"),
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
