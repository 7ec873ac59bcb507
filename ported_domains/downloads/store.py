"""How rows of downloads are written, and what follows (behaviour/downloads.md §2, §3 and §7).

As Django's models and signals do it, but in one transaction. Writers wait for each other: which
release is the latest, and what the boxes show, follows from all rows together.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from sqlalchemy import Table, delete, exists, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.downloads import boxes, models
from ported_domains.downloads.catalogue import PYTHON_3, version_in
from ported_domains.downloads.file_urls import url_faults
from ported_domains.pages.store import BELOW as BELOW_PAGES
from ported_domains.shared.markup import render
from ported_domains.shared.purging import Outdated, forget
from ported_domains.shared.slugs import slugify

DOMAIN = "downloads"
_BOXES = tuple(
    Outdated(f"/box/{label}/") for label in (boxes.NAVIGATION, boxes.HOME, boxes.SOURCES)
)
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('strangler: downloads'))")
_SYSTEMS = cast(Table, models.OperatingSystem.__table__)
_RELEASES = cast(Table, models.Release.__table__)
_FILES = cast(Table, models.ReleaseFile.__table__)


class _Store:
    """A table whose rows have a name, a slug and authors."""

    domain: ClassVar[str] = DOMAIN
    table: ClassVar[Table]

    def faults(
        self, values: Mapping[str, Any], stored: Mapping[str, Any] | None
    ) -> dict[str, list[str]]:
        return {}

    async def alone(self, db: AsyncSession) -> None:
        await db.execute(_ALONE)

    async def create(self, db: AsyncSession, values: Mapping[str, Any]) -> int:
        now = datetime.now(UTC)
        given = {**_authored(now), "name": "", "slug": "", **self._defaults(now), **values}
        added = insert(self.table).values(_with_slug(given)).returning(self.table.c.id)
        key: int = (await db.execute(added)).scalar_one()
        await self._saved(db, key)
        return key

    async def change(self, db: AsyncSession, key: int, values: Mapping[str, Any]) -> None:
        mine = self.table.c.id == key
        asked = select(self.table).where(mine).with_for_update()
        stored = dict((await db.execute(asked)).mappings().one())
        now = datetime.now(UTC)
        row = _with_slug({**stored, **await self._rendered(stored), **values, "updated": now})
        await db.execute(update(self.table).where(mine).values(row))
        await self._saved(db, key)

    async def remove(self, db: AsyncSession, keys: Sequence[int]) -> None:
        await self._remove_below(db, keys)
        await db.execute(delete(self.table).where(self.table.c.id.in_(keys)))

    def _defaults(self, now: datetime) -> dict[str, Any]:
        """Of the columns that not every table here has."""
        return {}

    async def _rendered(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Columns of HTML, which every save makes anew."""
        return {}

    async def _saved(self, db: AsyncSession, key: int) -> None:
        """What follows when the row has been written."""

    async def _remove_below(self, db: AsyncSession, keys: Sequence[int]) -> None:
        """Rows that cannot stay without these. The boxes are made anew between the two, so that
        they still show a release that goes: nothing follows when it has gone."""


class OperatingSystems(_Store):
    table = _SYSTEMS

    async def _remove_below(self, db: AsyncSession, keys: Sequence[int]) -> None:
        await _remove_files(db, _FILES.c.os_id.in_(keys))


class Releases(_Store):
    table = _RELEASES

    def _defaults(self, now: datetime) -> dict[str, Any]:
        return {
            "version": PYTHON_3,
            **dict.fromkeys(("is_latest", "is_published", "pre_release"), False),
            "show_on_download_page": True,
            "release_date": now,
            "release_page_id": None,
            "release_notes_url": "",
            "content": "",
            "content_markup_type": "markdown",
            "content_rendered": "",
        }

    async def _rendered(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Beside the event loop: a long text takes a while."""
        text = (row["content"], row["content_markup_type"])
        return {"content_rendered": await asyncio.to_thread(render, *text)}

    async def _saved(self, db: AsyncSession, key: int) -> None:
        """A draft takes the mark away, too: then the public has no latest release."""
        release = (await db.execute(select(_RELEASES).where(_RELEASES.c.id == key))).one()
        if release.is_latest:
            others = (_RELEASES.c.version == release.version, _RELEASES.c.id != key)
            await db.execute(update(_RELEASES).where(*others).values(is_latest=False))
        if release.is_published:
            forget(db, *_pages_of(release.name), *_BOXES)
            await boxes.rebuild(db)

    async def _remove_below(self, db: AsyncSession, keys: Sequence[int]) -> None:
        await _remove_files(db, _FILES.c.release_id.in_(keys))


async def _remove_of_pages(db: AsyncSession, pages: Sequence[int]) -> None:
    """Releases whose page goes go with it."""
    await db.execute(_ALONE)
    mine = select(_RELEASES.c.id).where(_RELEASES.c.release_page_id.in_(pages))
    await Releases().remove(db, (await db.execute(mine)).scalars().all())


BELOW_PAGES.append(_remove_of_pages)


class ReleaseFiles(_Store):
    table = _FILES

    def faults(
        self, values: Mapping[str, Any], stored: Mapping[str, Any] | None
    ) -> dict[str, list[str]]:
        return url_faults(values, stored)

    async def remove(self, db: AsyncSession, keys: Sequence[int]) -> None:
        await _remove_files(db, _FILES.c.id.in_(keys))

    def _defaults(self, now: datetime) -> dict[str, Any]:
        return {
            **dict.fromkeys(("description", "md5_sum", "sha256_sum", *models.URL_COLUMNS), ""),
            **dict.fromkeys(("is_source", "download_button"), False),
            "filesize": 0,
        }

    async def _saved(self, db: AsyncSession, key: int) -> None:
        file = select(_FILES.c.release_id).where(_FILES.c.id == key)
        await _rebuild_if_public(db, (await db.execute(file)).scalars())


async def _remove_files(db: AsyncSession, which: Any) -> None:
    gone = await db.execute(delete(_FILES).where(which).returning(_FILES.c.release_id))
    await _rebuild_if_public(db, gone.scalars())


async def _rebuild_if_public(db: AsyncSession, releases: Iterable[int]) -> None:
    """Files of drafts are in no box."""
    public = exists().where(_RELEASES.c.id.in_(set(releases)), _RELEASES.c.is_published)
    if await db.scalar(select(public)):
        await boxes.rebuild(db)
        forget(db, *_BOXES)


def _pages_of(name: str) -> Iterator[Outdated]:
    """What shows a release of this name, beside the boxes."""
    yield Outdated("/downloads/", key="downloads")
    yield Outdated("/ftp/python/")
    if version := version_in(name):
        yield Outdated(f"/ftp/python/{version}/")


def _authored(now: datetime) -> dict[str, Any]:
    """Who calls an API is not written down."""
    return {"created": now, "updated": now, "creator_id": None, "last_modified_by_id": None}


def _with_slug(row: dict[str, Any]) -> dict[str, Any]:
    return row if row["slug"] else row | {"slug": slugify(row["name"])}
