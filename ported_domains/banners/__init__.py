"""The strip that announces something on top of some pages. It has no page of its own."""

from ported_domains.banners.mapping import MAPPING
from ported_domains.domain import Domain

BANNERS = Domain(
    name="banners",
    mapping=MAPPING,
)
