"""How the rows of code samples travel between the two databases (tables.md)."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, markup

MAPPING = (
    TableMapping(
        legacy="codesamples_codesample",
        native="code_samples",
        columns=(*AUTHORED, *markup("code", "copy"), *same("is_published")),
    ),
)
