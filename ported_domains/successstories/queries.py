"""What is read of stories. Each function is one round trip to the database.

They take a plain session: pages ask by `run_sync`, tags while a page is rendered.
"""

from functools import partial

from sqlalchemy import Executable, RowMapping, bindparam, select
from sqlalchemy.orm import Session

from ported_domains.companies import Company as CompanyRow
from ported_domains.shared.markup_text import MarkupText
from ported_domains.shared.rendering import rendering
from ported_domains.shared.stored_file import StoredFile
from ported_domains.successstories import models
from ported_domains.successstories.catalogue import Company, Stories, Story, StoryCategory

_stories = models.Story.__table__.c
_categories = models.StoryCategory.__table__.c
_companies = CompanyRow.__table__.c

_SAME = (
    *("id", "created", "updated", "creator_id", "last_modified_by_id", "name", "slug"),
    *("company_name", "company_url", "author", "author_email", "pull_quote"),
    *("is_published", "featured", "submitted_by_id"),
)
"""Columns that a story has by the same name and as they are."""

EVERY = (
    select(
        models.Story.__table__,
        _categories.name.label("name_of_category"),
        _categories.slug.label("slug_of_category"),
        _companies.name.label("name_of_company"),
        _companies.url.label("url_of_company"),
        _companies.logo.label("logo_of_company"),
    )
    .select_from(
        models.Story.__table__.join(
            models.StoryCategory.__table__, _categories.id == _stories.category_id
        ).outerjoin(CompanyRow.__table__, _companies.id == _stories.company_id)
    )
    .order_by(_stories.created.desc(), _stories.id.desc())
)
"""Newest first. Of those of one moment, which the legacy site leaves to chance, the key decides."""
PUBLISHED = EVERY.where(_stories.is_published)
_BY_SLUG = EVERY.where(_stories.slug == bindparam("slug"))
_BY_KEY = EVERY.where(_stories.id == bindparam("key"))
_OF_CATEGORY = EVERY.where(_stories.category_id == bindparam("category"))
_CATEGORIES = select(_categories.id, _categories.name, _categories.slug).order_by(
    _categories.name, _categories.id
)
_CATEGORY_BY_SLUG = _CATEGORIES.where(_categories.slug == bindparam("slug"))


def read_stories(session: Session, query: Executable, **parameters: object) -> list[Story]:
    """`query` is made of `EVERY`."""
    return [_story(row) for row in session.execute(query, parameters).mappings()]


def story_by_slug(session: Session, slug: str) -> Story | None:
    """Drafts too: who may see them is for the page to say."""
    return next(iter(read_stories(session, _BY_SLUG, slug=slug)), None)


def story_by_key(session: Session, key: int) -> Story:
    """It is there."""
    [story] = read_stories(session, _BY_KEY, key=key)
    return story


def categories(session: Session) -> list[StoryCategory]:
    """By name."""
    return [_category(*row) for row in session.execute(_CATEGORIES)]


def category_by_slug(session: Session, slug: str) -> StoryCategory | None:
    row = session.execute(_CATEGORY_BY_SLUG, {"slug": slug}).first()
    return None if row is None else _category(*row)


def _story(row: RowMapping) -> Story:
    return Story(
        **{name: row[name] for name in _SAME},
        content=MarkupText(row["content"], row["content_markup_type"], row["content_rendered"]),
        image=StoredFile(row["image"] or ""),
        category=_category(row["category_id"], row["name_of_category"], row["slug_of_category"]),
        company=_company(row),
    )


def _company(row: RowMapping) -> Company | None:
    if row["company_id"] is None:
        return None
    logo = StoredFile(row["logo_of_company"] or "")
    return Company(row["company_id"], row["name_of_company"], row["url_of_company"], logo)


def _category(key: int, name: str, slug: str) -> StoryCategory:
    return StoryCategory(key, name, slug, Stories(partial(_stories_while_rendering, key)))


def _stories_while_rendering(category: int) -> list[Story]:
    return read_stories(rendering().session, _OF_CATEGORY, category=category)
