"""Python releases and their files."""

from ported_domains.domain import Domain
from ported_domains.downloads import api_v1, api_v2
from ported_domains.downloads.mapping import MAPPING
from ported_domains.downloads.pages import PAGES
from ported_domains.shared.urls import mount

DOWNLOADS = Domain(
    name="downloads",
    mapping=MAPPING,
    handlers=(
        *PAGES,
        *mount("api/v1/", api_v1.ROUTES),
        *mount("api/v2/", api_v2.ROUTES),
    ),
    reads=("boxes", "pages"),
)
