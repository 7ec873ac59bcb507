"""What a path means that nothing else answers: a CMS page (behaviour/pages.md; site.md §2, 3).

1. look up the path, drafts for staff only
2. without a slash at the end: redirect to the path with one, the query dropped
3. an old address of a release that has a page of its own by now: redirect there
4. another method than GET, HEAD and OPTIONS is refused
5. the page, by its own template, or the default one where that is missing
"""

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.pages import queries
from ported_domains.pages.models import DEFAULT_CONTENT_TYPE
from ported_domains.pages.shown import ShownPage
from ported_domains.shared.database import Reader
from ported_domains.shared.manners import HTML, PER_VISITOR, Answer
from ported_domains.shared.render import Show
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.state import VisitorState

DEFAULT_TEMPLATE: Final = "pages/default.html"
ALLOWED: Final = "GET, HEAD, OPTIONS"
_KEPT_IN_PATHS: Final = "/:@&+$,-_.!~*'()"
_OLD_RELEASE = re.compile(r"/download/releases/([\d.]+)/", re.ASCII)


async def page_at(
    visit: Visit, visitor: VisitorState | None, show: Show, read: Reader
) -> Answer | None:
    """What is answered instead of a 404, whatever the method; None where the 404 stands."""
    if "\0" in visit.path:  # no text of PostgreSQL's
        return None
    drafts = await _sees_drafts(visitor)
    async with read() as db:
        page = await queries.page_at(db, visit.path[1:], drafts=drafts)
        if page is None:
            return None
        if not visit.path.endswith("/"):
            return _moved(f"{visit.origin}{quote(visit.path, safe=_KEPT_IN_PATHS)}/")
        if release := await _release(db, visit):
            return _moved(f"/downloads/release/{release}/")
    if visit.method in ("GET", "HEAD"):
        return await _shown(page, show)
    return _refused(visit.method)


async def _sees_drafts(visitor: VisitorState | None) -> bool:
    """Whoever brings no session is nobody: then the answer is the same for all."""
    if visitor is None or visitor.contracts.session_settings.cookie_name not in visitor.cookies:
        return False
    await visitor.load()
    return visitor.user.is_staff


async def _release(db: AsyncSession, visit: Visit) -> str | None:
    """Slug of the release whose old address this is, unless its page is in the CMS still."""
    old = _OLD_RELEASE.fullmatch(visit.path)
    if old is None:
        return None
    visit.read_tables.add(queries.RELEASES)
    slug = f"python-{old[1].replace('.', '')}"
    return slug if await queries.is_release_without_page(db, slug) else None


def _moved(location: str) -> Answer:
    headers = (HTML, PER_VISITOR, ("location", location))
    return Answer(HTTPStatus.MOVED_PERMANENTLY, headers)


def _refused(method: str) -> Answer:
    status = HTTPStatus.OK if method == "OPTIONS" else HTTPStatus.METHOD_NOT_ALLOWED
    return Answer(status, (HTML, PER_VISITOR, ("allow", ALLOWED)))


async def _shown(page: ShownPage, show: Show) -> Answer:
    """The content type is the page's own, to the letter, if it can be that of an answer."""
    templates = [name for name in (page.template_name, DEFAULT_TEMPLATE) if name]
    text = await show.text(templates, page=page, object=page, in_pages_app=True)
    may_be_sent = page.content_type.isascii() and page.content_type.isprintable()
    content_type = page.content_type if may_be_sent else DEFAULT_CONTENT_TYPE
    headers = (("content-type", content_type), PER_VISITOR)
    return Answer(HTTPStatus.OK, headers, text.encode())
