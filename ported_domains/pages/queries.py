"""What is read to show a CMS page. Each function is one round trip to the database."""

from sqlalchemy import Boolean, String, bindparam, column, exists, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.pages.models import Page
from ported_domains.pages.shown import ShownPage
from ported_domains.shared.markup_text import MarkupText

_pages = Page.__table__.c
_AT_PATH = (
    select(
        _pages.id,
        _pages.title,
        _pages.keywords,
        _pages.description,
        _pages.path,
        _pages.content,
        _pages.content_markup_type,
        _pages.content_rendered,
        _pages.is_published,
        _pages.content_type,
        _pages.template_name,
    )
    .where(_pages.path.in_((bindparam("exactly"), bindparam("otherwise"))))
    .where(or_(_pages.is_published, bindparam("drafts", type_=Boolean)))
    .order_by(_pages.path != bindparam("exactly", type_=String))
    .limit(1)
)
RELEASES = "releases"
"""Rows of a domain that builds on this one."""
_releases = table(RELEASES, column("slug"), column("release_page_id"))
_HAS_NO_PAGE = select(
    exists().where(_releases.c.slug == bindparam("slug"), _releases.c.release_page_id.is_(None))
)


async def page_at(db: AsyncSession, path: str, *, drafts: bool) -> ShownPage | None:
    """The page with this path, else with a slash more or less at its end; `path` has none at its
    beginning. Scripts store pages with a slash, too."""
    otherwise = path[:-1] if path.endswith("/") else f"{path}/"
    asked = {"exactly": path, "otherwise": otherwise, "drafts": drafts}
    row = (await db.execute(_AT_PATH, asked)).first()
    if row is None:
        return None
    return ShownPage(
        id=row.id,
        title=row.title,
        keywords=row.keywords,
        description=row.description,
        path=row.path,
        content=MarkupText(row.content, row.content_markup_type, row.content_rendered),
        is_published=row.is_published,
        content_type=row.content_type,
        template_name=row.template_name,
    )


async def is_release_without_page(db: AsyncSession, slug: str) -> bool:
    return bool((await db.execute(_HAS_NO_PAGE, {"slug": slug})).scalar_one())
