"""Editable snippets: embedded in pages by label, and fetched one by one."""

from ported_domains.boxes.mapping import MAPPING
from ported_domains.boxes.pages import PAGES
from ported_domains.domain import Domain

BOXES = Domain(
    name="boxes",
    mapping=MAPPING,
    handlers=PAGES,
)
