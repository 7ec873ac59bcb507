"""Entries of other sites' blogs, which link there."""

from ported_domains.blogs.mapping import MAPPING
from ported_domains.blogs.pages import PAGES
from ported_domains.domain import Domain

BLOGS = Domain(
    name="blogs",
    mapping=MAPPING,
    handlers=PAGES,
    reads=("boxes", "chrome"),
)
