"""CMS pages, shown where nothing else answers; stored redirects and the site's own row."""

from ported_domains.domain import Domain
from ported_domains.pages import api_v1, api_v2
from ported_domains.pages.fallback import page_at
from ported_domains.pages.mapping import MAPPING
from ported_domains.pages.redirects import redirect_at
from ported_domains.shared.urls import mount

PAGES = Domain(
    name="pages",
    mapping=MAPPING,
    handlers=(
        *mount("api/v1/", api_v1.ROUTES),
        *mount("api/v2/", api_v2.ROUTES),
    ),
    reads=("boxes",),
    beyond=(redirect_at, page_at),
    catches_all=True,
    # Staff see drafts, and are known by their sessions or the keys of an API.
    needs=("legacy_database_url", "legacy_secret_key"),
)
