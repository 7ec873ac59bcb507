"""Python releases and their files."""

from ported_domains.domain import Domain
from ported_domains.downloads.mapping import MAPPING

DOWNLOADS = Domain(
    name="downloads",
    mapping=MAPPING,
    reads=("boxes", "pages"),
)
