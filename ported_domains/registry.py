"""The one list of domains, from the lowest to those that build on them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from legacy_bridge.replication.mapping import TableMapping
from ported_domains.banners import BANNERS
from ported_domains.blogs import BLOGS
from ported_domains.boxes import BOXES
from ported_domains.chrome import CHROME
from ported_domains.codesamples import CODESAMPLES
from ported_domains.community import COMMUNITY
from ported_domains.companies import COMPANIES
from ported_domains.domain import with_what_it_reads
from ported_domains.downloads import DOWNLOADS
from ported_domains.events import EVENTS
from ported_domains.jobs import JOBS
from ported_domains.minutes import MINUTES
from ported_domains.nominations import NOMINATIONS
from ported_domains.pages import PAGES
from ported_domains.site_pages import SITE_PAGES
from ported_domains.sponsors import SPONSORS
from ported_domains.successstories import SUCCESSSTORIES
from ported_domains.users import USERS
from ported_domains.work_groups import WORK_GROUPS

_BELOW = (USERS, PAGES, BOXES, CHROME, COMPANIES)
_SMALL_TO_LARGE = (
    BANNERS,
    CODESAMPLES,
    WORK_GROUPS,
    MINUTES,
    COMMUNITY,
    BLOGS,
    SUCCESSSTORIES,
    NOMINATIONS,
    EVENTS,
    JOBS,
    DOWNLOADS,
    SPONSORS,
    SITE_PAGES,
)

DOMAINS = MappingProxyType({domain.name: domain for domain in (*_BELOW, *_SMALL_TO_LARGE)})


def mappings(domain: str | None = None) -> Mapping[str, Sequence[TableMapping]]:
    """The tables of every domain, or of one and of all that it reads; parents first."""
    wanted = DOMAINS if domain is None else with_what_it_reads(DOMAINS[domain], DOMAINS)
    return {name: found.mapping for name, found in DOMAINS.items() if name in wanted}
