"""Which pages are asked for, of whom, and what changes meanwhile on the legacy side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from proxy.bench.cases import Case

CASE = Case(connections=32, body=0, direction="down")
"""Pages are as long as they are."""

DJANGO = "Django"
FORWARDED = "forwarded"
NATIVE = "native"
KEPT = "kept"
CHANGING = "changing"
SIDES = (DJANGO, FORWARDED, NATIVE, KEPT, CHANGING)

_BOX: LiteralString = """
UPDATE boxes_box SET _content_rendered = '<p>Version ' || %s || '</p>'
WHERE label = 'homepage-downloads'
"""
_RELEASE: LiteralString = """
UPDATE downloads_release SET name = 'Python 3.13.9 ' || %s WHERE slug = 'python-3139'
"""
_PAGE: LiteralString = """
UPDATE pages_page SET title = 'Version ' || %s WHERE path = 'about/gettingstarted'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`change` writes a mark into a row that the page shows. Answers of the APIs are never kept."""

    title: str
    path: str
    change: LiteralString

    @property
    def is_kept(self) -> bool:
        return not self.path.startswith("/api/")

    @property
    def sides(self) -> Sequence[str]:
        """Who is asked for it, in this order."""
        return SIDES if self.is_kept else (DJANGO, FORWARDED, NATIVE)


PAGES = (
    Page(title="home", path="/", change=_BOX),
    Page(title="downloads", path="/downloads/", change=_RELEASE),
    Page(title="a release", path="/downloads/release/python-3139/", change=_RELEASE),
    Page(title="a CMS page", path="/about/gettingstarted/", change=_PAGE),
    Page(title="a feed", path="/downloads/feed.rss", change=_RELEASE),
    Page(title="API v1, a list", path="/api/v1/downloads/release/", change=_RELEASE),
    Page(title="API v2, a list", path="/api/v2/downloads/release/", change=_RELEASE),
)
