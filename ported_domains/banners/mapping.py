"""How the rows of banners travel between the two databases (tables.md)."""

from legacy_bridge.replication.mapping import TableMapping, same

MAPPING = (
    TableMapping(
        legacy="banners_banner",
        native="banners",
        columns=same("id", "title", "message", "link", "active", "psf_pages_only"),
    ),
)
