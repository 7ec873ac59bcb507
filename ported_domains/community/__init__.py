"""Posts of the community."""

from ported_domains.community.mapping import MAPPING
from ported_domains.community.pages import PAGES
from ported_domains.domain import Domain

COMMUNITY = Domain(
    name="community",
    mapping=MAPPING,
    handlers=PAGES,
    reads=("boxes", "chrome"),
)
