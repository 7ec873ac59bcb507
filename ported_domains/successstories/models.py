"""Success stories in their categories (behaviour/successstories.md)."""

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.companies import Company
from ported_domains.domain import Authored, Keyed, Named, Record
from ported_domains.shared.columns import MarkupType, refers_to


class StoryCategory(Keyed, Named, Record):
    __tablename__ = "story_categories"


class Story(Keyed, Authored, Named, Record):
    """The company, where there is one, counts before `company_name` and `company_url`."""

    __tablename__ = "stories"

    company_name: Mapped[str] = mapped_column(String(500))
    company_url: Mapped[str] = mapped_column(String(200))
    company_id: Mapped[int | None] = mapped_column(refers_to(Company.id), index=True)
    category_id: Mapped[int] = mapped_column(refers_to(StoryCategory.id), index=True)
    author: Mapped[str] = mapped_column(String(500))
    author_email: Mapped[str | None] = mapped_column(String(100))
    pull_quote: Mapped[str]
    content: Mapped[str]
    content_markup_type: Mapped[MarkupType]
    content_rendered: Mapped[str]
    is_published: Mapped[bool] = mapped_column(index=True)
    featured: Mapped[bool]
    image: Mapped[str | None] = mapped_column(String(100))
    submitted_by_id: Mapped[int | None] = mapped_column(Integer, index=True)
