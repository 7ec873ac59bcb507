"""Boxes that follow from other rows: their HTML is made anew when those change."""

from datetime import UTC, datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.boxes.models import Box
from ported_domains.shared.markup import sanitise


async def write_html(db: AsyncSession, label: str, content: str) -> None:
    """`content` and what is left of it when sanitised, in the box with this label.

    Where the legacy side owns boxes this is a stray, which the bridge carries over.
    """
    html = {
        "updated": datetime.now(UTC),
        "content": content,
        "content_markup_type": "html",
        "content_rendered": sanitise(content),
    }
    known = await db.execute(update(Box).where(Box.label == label).values(html).returning(Box.id))
    if known.first() is None:
        await db.execute(insert(Box).values(label=label, created=html["updated"], **html))
