"""How CMS pages are written, and what follows (behaviour/pages.md)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, cast

from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.pages.markup import render_page
from ported_domains.pages.models import DEFAULT_CONTENT_TYPE, Page, PageDocument, PageImage
from ported_domains.shared.purging import Outdated, forget

DOMAIN: Final = "pages"
DEFAULT_MARKUP: Final = "restructuredtext"
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('strangler: pages'))")
_PAGES = cast(Table, Page.__table__)
_IMAGES = cast(Table, PageImage.__table__)
_DOCUMENTS = cast(Table, PageDocument.__table__)

Removal = Callable[[AsyncSession, Sequence[int]], Awaitable[None]]
BELOW: Final[list[Removal]] = []
"""How rows of other domains that belong to pages are deleted, by keys of the pages. A domain that
builds on this one adds its own when it is imported: this one knows none of them."""


class Pages:
    """Of the table of pages; the path is not checked here, only an editor's form does that."""

    domain: ClassVar[str] = DOMAIN

    def faults(
        self, values: Mapping[str, Any], stored: Mapping[str, Any] | None
    ) -> dict[str, list[str]]:
        return {}

    async def alone(self, db: AsyncSession) -> None:
        await db.execute(_ALONE)

    async def create(self, db: AsyncSession, values: Mapping[str, Any]) -> int:
        """Who calls an API is not written down."""
        now = datetime.now(UTC)
        authors = {"creator_id": None, "last_modified_by_id": None}
        row = {"created": now, **authors, **_DEFAULTS, **values, "updated": now}
        added = insert(_PAGES).values(await _rendered(row)).returning(_PAGES.c.id)
        key: int = (await db.execute(added)).scalar_one()
        _outdated(db, row)
        return key

    async def change(self, db: AsyncSession, key: int, values: Mapping[str, Any]) -> None:
        mine = _PAGES.c.id == key
        asked = select(_PAGES).where(mine).with_for_update()
        stored = dict((await db.execute(asked)).mappings().one())
        row = await _rendered({**stored, **values, "updated": datetime.now(UTC)})
        await db.execute(update(_PAGES).where(mine).values(row))
        _outdated(db, row)

    async def remove(self, db: AsyncSession, keys: Sequence[int]) -> None:
        """With their images and documents; uploaded files stay, and the CDN is told nothing."""
        for remove_below in BELOW:
            await remove_below(db, keys)
        for table in (_IMAGES, _DOCUMENTS):
            await db.execute(delete(table).where(table.c.page_id.in_(keys)))
        await db.execute(delete(_PAGES).where(_PAGES.c.id.in_(keys)))


_DEFAULTS: Final = {
    **dict.fromkeys(("title", "keywords", "description", "path", "content", "template_name"), ""),
    "content_markup_type": DEFAULT_MARKUP,
    "is_published": True,
    "content_type": DEFAULT_CONTENT_TYPE,
}


async def _rendered(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its HTML, which every save makes anew; beside the event loop."""
    text = (row["content"], row["content_markup_type"])
    return {**row, "content_rendered": await asyncio.to_thread(render_page, *text)}


def _outdated(db: AsyncSession, row: Mapping[str, Any]) -> None:
    """Both forms of the address, also of a draft: it may have been published before."""
    address = f"/{row['path']}"
    forms = (address,) if address.endswith("/") else (address, f"{address}/")
    forget(db, *map(Outdated, forms))
