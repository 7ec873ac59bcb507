"""Where a page leads, and by which name pages of one kind are counted together."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

KINDS = (
    (re.compile(r"/downloads/latest/.+"), "/downloads/latest/[series]"),
    (re.compile(r"/downloads/release/[^/]+/"), "/downloads/release/[release]/"),
    (re.compile(r"/downloads/(?!operating-systems/|latest/)[^/]+/"), "/downloads/[system]/"),
    (re.compile(r"/box/[^/]+/"), "/box/[label]/"),
    (re.compile(r"/(?!downloads/)([^/]+)/.+/"), r"/\1/[…]/"),
)
"""The first that fits the whole path names it; others are named by their path."""
SELF_CONTAINED = ("/accounts/", "/admin/", "/users/", "/static/", "/media/", "/api/", "/streams/")
"""Not followed: forms and what belongs to other journeys, files, and pages that never end."""


def kind(path: str) -> str:
    for pattern, name in KINDS:
        if found := pattern.fullmatch(path):
            return found.expand(name)
    return path


def links(html: str, page: str) -> list[str]:
    """Paths of this site that the page leads to, each once, in order; not to itself. `page` is its
    own path."""
    reader = _Reader()
    reader.feed(html)
    found: dict[str, None] = {}
    for href in reader.hrefs:
        parts = urlsplit(urljoin(page, href))
        if parts.netloc or parts.scheme or not parts.path or parts.path == page:
            continue
        if not f"{parts.path}/".startswith(SELF_CONTAINED):
            found[parts.path + (f"?{parts.query}" if parts.query else "")] = None
    return list(found)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs += [value for name, value in attrs if name == "href" and value]
