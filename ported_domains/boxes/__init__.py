"""Editable snippets: rows only, their pages stay with the legacy site for now."""

from ported_domains.domain import Domain
from ported_domains.boxes.mapping import MAPPING

BOXES = Domain(
    name="boxes",
    mapping=MAPPING,
)
