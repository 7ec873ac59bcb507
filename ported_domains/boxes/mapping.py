"""How the rows of boxes travel between the two databases (tables.md)."""

from legacy_bridge.replication.mapping import Column, TableMapping, same

MAPPING = (
    TableMapping(
        legacy="boxes_box",
        native="boxes",
        columns=(
            *same("id", "created", "updated", "creator_id", "last_modified_by_id"),
            *same("label", "content", "content_markup_type"),
            Column("_content_rendered", "content_rendered"),
        ),
    ),
)
