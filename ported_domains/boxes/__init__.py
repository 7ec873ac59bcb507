"""Editable snippets: rows only, their pages stay with the legacy site for now."""

from ported_domains.boxes.mapping import MAPPING
from ported_domains.domain import Domain

BOXES = Domain(
    name="boxes",
    mapping=MAPPING,
)
