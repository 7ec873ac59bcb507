"""Entries of other sites' blogs: rows only, their page stays with the legacy site for now."""

from ported_domains.blogs.mapping import MAPPING
from ported_domains.domain import Domain

BLOGS = Domain(
    name="blogs",
    mapping=MAPPING,
)
