"""Stored redirects: what a path means that no page has (behaviour/site.md §2, 2)."""

from http import HTTPStatus

from sqlalchemy import ARRAY, String, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_bridge.django.redirects import location
from ported_domains.pages.models import Redirect
from ported_domains.shared.database import Reader
from ported_domains.shared.manners import HTML, PER_VISITOR, Answer
from ported_domains.shared.render import Show
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.state import VisitorState

_redirects = Redirect.__table__.c
_TARGETS = (
    select(_redirects.old_path, _redirects.new_path)
    .where(_redirects.site_id == 1)  # SITE_ID
    .where(_redirects.old_path == any_(bindparam("asked", type_=ARRAY(String))))
)


async def redirect_at(
    visit: Visit, visitor: VisitorState | None, show: Show, read: Reader
) -> Answer | None:
    """301 to where the path and its query lead now, or to where they do with a slash at the path's
    end; 410 where that is nowhere. `DisallowedRedirectError`."""
    asked = [visit.full_path]
    if not visit.path.endswith("/"):
        asked.append(visit.location_with_slash())
    async with read() as db:
        target = await _target(db, asked)
    if target is None:
        return None
    if not target:
        return Answer(HTTPStatus.GONE, (HTML, PER_VISITOR))
    headers = (HTML, PER_VISITOR, ("location", location(target)))
    return Answer(HTTPStatus.MOVED_PERMANENTLY, headers)


async def _target(db: AsyncSession, asked: list[str]) -> str | None:
    """Of the first of the paths that leads anywhere; empty for what is gone."""
    rows = await db.execute(_TARGETS, {"asked": asked})
    targets = {row.old_path: row.new_path for row in rows}
    return next((targets[path] for path in asked if path in targets), None)
