"""Python releases and their files."""

from ported_domains.domain import Domain
from ported_domains.downloads.mapping import MAPPING
from ported_domains.downloads.pages import PAGES

DOWNLOADS = Domain(
    name="downloads",
    mapping=MAPPING,
    handlers=PAGES,
    reads=("boxes", "pages"),
)
