"""CMS pages with their files, stored redirects, and the site's own name (behaviour/pages.md)."""

from typing import Final

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Record
from ported_domains.shared.columns import refers_to

DEFAULT_CONTENT_TYPE: Final = "text/html"


class Page(Keyed, Authored, Record):
    __tablename__ = "pages"

    title: Mapped[str] = mapped_column(String(500))
    keywords: Mapped[str] = mapped_column(String(1000))
    description: Mapped[str]
    path: Mapped[str] = mapped_column(String(500), unique=True)
    content: Mapped[str]
    content_markup_type: Mapped[str] = mapped_column(String(30))
    content_rendered: Mapped[str]
    is_published: Mapped[bool] = mapped_column(index=True)
    content_type: Mapped[str] = mapped_column(String(150))
    template_name: Mapped[str] = mapped_column(String(100))


class PageImage(Keyed, Record):
    __tablename__ = "page_images"

    page_id: Mapped[int] = mapped_column(refers_to(Page.id), index=True)
    image: Mapped[str] = mapped_column(String(400))


class PageDocument(Keyed, Record):
    __tablename__ = "page_documents"

    page_id: Mapped[int] = mapped_column(refers_to(Page.id), index=True)
    document: Mapped[str] = mapped_column(String(500))


class Site(Keyed, Record):
    __tablename__ = "sites"

    domain: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(50))


class Redirect(Keyed, Record):
    __tablename__ = "redirects"
    __table_args__ = (UniqueConstraint("site_id", "old_path"),)

    site_id: Mapped[int] = mapped_column(refers_to(Site.id), index=True)
    old_path: Mapped[str] = mapped_column(String(200), index=True)
    new_path: Mapped[str] = mapped_column(String(200))
