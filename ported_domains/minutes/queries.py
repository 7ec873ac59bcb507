"""What the pages of minutes read. Where the legacy site leaves the order of equals to chance, the
key decides here."""

import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.minutes import models
from ported_domains.minutes.records import Minutes
from ported_domains.shared.markup_text import MarkupText

_minutes = models.Minutes.__table__.c

_MINUTES = select(
    _minutes.id,
    _minutes.created,
    _minutes.updated,
    _minutes.creator_id,
    _minutes.last_modified_by_id,
    _minutes.date,
    _minutes.is_published,
    _minutes.content,
    _minutes.content_markup_type,
    _minutes.content_rendered,
)
_ALL = _MINUTES.order_by(_minutes.date.desc(), _minutes.id.desc())
_PUBLISHED = _ALL.where(_minutes.is_published)
_NEWEST = _PUBLISHED.limit(bindparam("length"))
_OF_DATE = (
    _MINUTES.where(_minutes.date == bindparam("date"))
    .where(_minutes.is_published | bindparam("drafts"))
    .order_by(_minutes.is_published.desc(), _minutes.id.desc())
    .limit(1)
)
_OF_YEAR = _MINUTES.where(_minutes.date.between(bindparam("first"), bindparam("last"))).order_by(
    _minutes.date, _minutes.id
)


async def archive(db: AsyncSession, *, drafts: bool) -> list[Minutes]:
    """The newest first."""
    return await _fetch(db, _ALL if drafts else _PUBLISHED)


async def newest_published(db: AsyncSession, length: int) -> list[Minutes]:
    return await _fetch(db, _NEWEST, length=length)


async def of_date(db: AsyncSession, date: datetime.date, *, drafts: bool) -> Minutes | None:
    """Of several of one date what is published comes first, then the one written last; the legacy
    site fails there, which helps nobody."""
    found = await _fetch(db, _OF_DATE, date=date, drafts=drafts)
    return found[0] if found else None


async def of_year(db: AsyncSession, year: int) -> list[Minutes]:
    """The oldest first, drafts too."""
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    return await _fetch(db, _OF_YEAR, first=first, last=last)


async def _fetch(db: AsyncSession, query: Executable, **parameters: object) -> list[Minutes]:
    return [_read(**row) for row in (await db.execute(query, parameters)).mappings()]


def _read(content: str, content_markup_type: str, content_rendered: str, **rest: Any) -> Minutes:
    return Minutes(content=MarkupText(content, content_markup_type, content_rendered), **rest)
