"""The page of the blogs (behaviour/blogs.md §3)."""

from litestar import Response

from ported_domains.blogs.content import blog_entries
from ported_domains.shared.database import Database
from ported_domains.shared.render import Showing
from ported_domains.shared.urls import mount, path

SHOWN = 6


async def blog(db: Database, show: Showing) -> Response[bytes]:
    """The newest entry at length, and the titles of those before it."""
    entries = await db.run_sync(blog_entries, None, SHOWN)
    latest = entries[0] if entries else None
    return await show("blogs/index.html", latest_entry=latest, entries=entries[1:])


PAGES = mount("blogs/", (path("", blog, name="blog", kept=True),))
