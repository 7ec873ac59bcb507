"""The one list of domains, from the lowest to those that build on them."""

from types import MappingProxyType

from ported_domains.boxes import BOXES
from ported_domains.downloads import DOWNLOADS
from ported_domains.pages import PAGES

DOMAINS = MappingProxyType({domain.name: domain for domain in (PAGES, BOXES, DOWNLOADS)})
