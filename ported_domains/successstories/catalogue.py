"""Stories and their categories by the names that templates know them by (behaviour §2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ported_domains.shared.markup_text import MarkupText
from ported_domains.shared.stored_file import StoredFile

PATH: Final = "/success-stories/"
LATEST: Final = 4


@dataclass(frozen=True, slots=True)
class Company:
    """A row of companies, as far as stories show it."""

    id: int
    name: str
    url: str | None
    logo: StoredFile

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class StoryCategory:
    id: int
    name: str
    slug: str
    success_stories: "Stories" = field(compare=False, repr=False)

    @property
    def pk(self) -> int:
        return self.id

    def get_absolute_url(self) -> str:
        return f"{PATH}category/{self.slug}/"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The company, where one is linked, counts before what was typed. `submitted_by_id` and the
    authors are ids of users."""

    id: int
    created: datetime
    updated: datetime
    creator_id: int | None
    last_modified_by_id: int | None
    name: str
    slug: str
    company_name: str
    company_url: str
    company: Company | None
    category: StoryCategory
    author: str
    author_email: str | None
    pull_quote: str
    content: MarkupText
    is_published: bool
    featured: bool
    image: StoredFile
    submitted_by_id: int | None

    @property
    def pk(self) -> int:
        return self.id

    def get_absolute_url(self) -> str:
        """A name without letters and digits has no slug, and its story no page: then the list."""
        return f"{PATH}{self.slug}/" if self.slug else PATH

    def get_admin_url(self) -> str:
        return f"/admin/successstories/story/{self.id}/change/"

    def get_company_name(self) -> str:
        return self.company.name if self.company else self.company_name

    def get_company_url(self) -> str | None:
        return self.company.url if self.company else self.company_url

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Stories:
    """A category's stories, newest first, asked for when they are needed: with drafts, unless
    somebody asks for less."""

    read: Callable[[], Sequence[Story]]

    def all(self) -> Sequence[Story]:
        return self.read()

    def published(self) -> Sequence[Story]:
        return [story for story in self.read() if story.is_published]

    def draft(self) -> Sequence[Story]:
        return [story for story in self.read() if not story.is_published]

    def featured(self) -> Sequence[Story]:
        return [story for story in self.published() if story.featured]

    def latest(self) -> Sequence[Story]:
        return self.published()[:LATEST]

    def count(self) -> int:
        return len(self.read())

    def exists(self) -> bool:
        return bool(self.read())
