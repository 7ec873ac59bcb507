"""How stories are written, and what follows (behaviour/successstories.md §4 and §5)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.boxes.writing import write_html
from ported_domains.shared.markup import render
from ported_domains.shared.purging import Outdated, forget
from ported_domains.shared.slugs import slugify
from ported_domains.successstories import models
from ported_domains.successstories.catalogue import Story
from ported_domains.successstories.forms import Submission
from ported_domains.successstories.queries import story_by_key

DOMAIN: Final = "successstories"
MARKUP: Final = "restructuredtext"
"""What texts are taken for, although the form asks for Markdown; editors see to it."""
BOX: Final = "supernav-python-success-stories"
_stories = models.Story.__table__.c

Render = Callable[..., Awaitable[str]]
"""A template by its name, with names."""


async def is_name_taken(db: AsyncSession, name: str) -> bool:
    """By a story of the same name, or of one that makes the same slug."""
    same = or_(_stories.name == name, _stories.slug == slugify(name))
    return bool(await db.scalar(select(exists().where(same))))


async def add_draft(
    db: AsyncSession, submission: Submission, submitted_by: int | None
) -> Story | None:
    """The story, for editors to see. None where somebody else was quicker with its name."""
    now = datetime.now(UTC)
    row = {
        **submission.model_dump(exclude={"category"}),
        "category_id": submission.category,
        "slug": slugify(submission.name),
        "created": now,
        "updated": now,
        "content_markup_type": MARKUP,
        "content_rendered": await asyncio.to_thread(render, submission.content, MARKUP),
        "is_published": False,
        "featured": False,
        "image": "",
        "submitted_by_id": submitted_by,
    }
    added = insert(models.Story).values(row).on_conflict_do_nothing(index_elements=["slug"])
    key = (await db.execute(added.returning(_stories.id))).scalar_one_or_none()
    return None if key is None else await db.run_sync(story_by_key, key)


async def follow(db: AsyncSession, story: Story, render_page: Render) -> None:
    """What a saved story brings with it, in the same transaction: the one that was last saved of
    those featured is in the navigation, and the CDN forgets what is outdated. Drafts are nowhere.
    """
    if story.is_published and story.featured:
        await write_html(db, BOX, await render_page("successstories/supernav.html", story=story))
    forget(db, *outdated(story))


def outdated(story: Story) -> tuple[Outdated, ...]:
    """Lists and pages of categories are not: they are seen anew when the CDN comes by."""
    if not story.is_published:
        return ()
    page = (Outdated(story.get_absolute_url()),) if story.slug else ()
    return (Outdated(f"/box/{BOX}/"), *page) if story.featured else page
