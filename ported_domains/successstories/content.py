"""What the tags of the library `successstories` show (behaviour/successstories.md §6)."""

import random

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ported_domains.shared.lasting import holds_for
from ported_domains.successstories import models
from ported_domains.successstories.catalogue import Story, StoryCategory
from ported_domains.successstories.queries import PUBLISHED, categories, read_stories, story_by_key

_stories = models.Story.__table__.c
_categories = models.StoryCategory.__table__.c

DRAWN_SECONDS = 60
"""That a page shows the same one."""
_FEATURED_KEYS = select(_stories.id).where(_stories.is_published, _stories.featured)
_LATEST = PUBLISHED.limit(bindparam("limit"))
_LATEST_OF_CATEGORY = _LATEST.where(_categories.slug == bindparam("category"))


def featured_story(session: Session) -> Story | None:
    """Any of those that are published and featured, each as likely as the others."""
    keys = session.scalars(_FEATURED_KEYS).all()
    if not keys:
        return None
    if len(keys) > 1:
        holds_for(DRAWN_SECONDS)
    return story_by_key(session, random.choice(keys))  # noqa: S311  # nothing depends on it


def latest_stories(session: Session, limit: int) -> list[Story]:
    """Published ones, newest first."""
    return read_stories(session, _LATEST, limit=limit)


def stories_of(session: Session, category: str, limit: int) -> list[Story]:
    """The same of one category, by its slug; none where there is no such category."""
    return read_stories(session, _LATEST_OF_CATEGORY, category=category, limit=limit)


def story_categories(session: Session) -> list[StoryCategory]:
    return categories(session)
