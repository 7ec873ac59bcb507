"""How the rows of boxes travel between the two databases (tables.md)."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, markup

MAPPING = (
    TableMapping(
        legacy="boxes_box",
        native="boxes",
        columns=(
            *AUTHORED,
            *same("label"),
            *markup("content"),
        ),
    ),
)
