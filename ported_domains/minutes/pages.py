"""Who answers the URLs below /psf/records/board/minutes/ (behaviour/minutes.md §4 and §5)."""

from litestar import Response
from litestar.exceptions import NotFoundException

from ported_domains.minutes import feed, queries
from ported_domains.minutes.records import ARCHIVE, date_of
from ported_domains.shared import rss
from ported_domains.shared.database import Database
from ported_domains.shared.render import Showing
from ported_domains.shared.urls import ANY, FromUrl, mount, path, re_path
from ported_domains.shared.visit import Visiting
from ported_domains.shared.visitors.state import Calling, VisitorState


async def minutes_list(db: Database, show: Showing, visitor: Calling) -> Response[bytes]:
    archive = await queries.archive(db, drafts=await _sees_drafts(visitor))
    return await show(
        "minutes/minutes_list.html",
        paginator=None,
        page_obj=None,
        is_paginated=False,
        object_list=archive,
        minutes_list=archive,
    )


async def minutes_detail(
    db: Database, show: Showing, visitor: Calling, year: FromUrl, month: FromUrl, day: FromUrl
) -> Response[bytes]:
    """The others of the year are listed with their drafts, whoever asks: as on the legacy site."""
    date = date_of(year, month, day)
    if date is None:
        raise NotFoundException
    minutes = await queries.of_date(db, date, drafts=await _sees_drafts(visitor))
    if minutes is None:
        raise NotFoundException
    return await show(
        "minutes/minutes_detail.html",
        object=minutes,
        minutes=minutes,
        same_year_minutes=await queries.of_year(db, date.year),
    )


async def minutes_feed(db: Database, visit: Visiting) -> Response[bytes]:
    """Never with drafts, not for staff either."""
    newest = await queries.newest_published(db, feed.LENGTH)
    origin = await rss.origin(db, visit)
    items = [feed.item(minutes, origin) for minutes in newest]
    return rss.feed(visit, feed.channel(origin, visit.path), items)


async def _sees_drafts(visitor: VisitorState) -> bool:
    """Staff do. Who comes without a session is nobody in particular and need not be looked for, so
    that the page is the same for all of them and may be kept."""
    if visitor.session.key is None:
        return False
    await visitor.load()
    return visitor.user.is_staff


_DATE = r"^(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})/$"
ROUTES = (
    path("", minutes_list, name="minutes_list", kept=True),
    path("feed/", minutes_feed, name="minutes_feed", methods=ANY, kept=True),
    re_path(_DATE, minutes_detail, name="minutes_detail", kept=True),
)
PAGES = mount(ARCHIVE.removeprefix("/"), ROUTES)
