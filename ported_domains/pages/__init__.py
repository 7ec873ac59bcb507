"""CMS pages, redirects and the site row: rows only, served by the legacy site for now."""

from ported_domains.domain import Domain
from ported_domains.pages.mapping import MAPPING

PAGES = Domain(
    name="pages",
    mapping=MAPPING,
)
