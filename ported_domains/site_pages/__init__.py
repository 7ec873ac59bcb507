"""The pages at the root of the site that are no other domain's: home, about, documentation, the
landing pages, and small answers for machines. They have no rows of their own."""

from ported_domains.domain import Domain
from ported_domains.shared.urls import mount
from ported_domains.site_pages import api_index
from ported_domains.site_pages.pages import ROUTES

SITE_PAGES = Domain(
    name="site_pages",
    mapping=(),
    handlers=(*mount("", ROUTES), *api_index.HANDLERS),
    reads=("boxes", "chrome", "banners", "blogs", "codesamples", "downloads", "successstories"),
)
