"""How the rows of minutes travel between the two databases (tables.md)."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, markup

MAPPING = (
    TableMapping(
        legacy="minutes_minutes",
        native="minutes",
        columns=(*AUTHORED, *same("date", "is_published"), *markup("content")),
    ),
)
