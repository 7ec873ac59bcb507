"""Posts of the community: rows only, their pages stay with the legacy site for now."""

from ported_domains.community.mapping import MAPPING
from ported_domains.domain import Domain

COMMUNITY = Domain(
    name="community",
    mapping=MAPPING,
)
