"""Announcements on top of pages (behaviour/banners.md)."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Keyed, Record


class Banner(Keyed, Record):
    """Of the active ones the lowest id is shown. Any text may be a link."""

    __tablename__ = "banners"

    title: Mapped[str] = mapped_column(String(1024))
    message: Mapped[str] = mapped_column(String(2048))
    link: Mapped[str] = mapped_column(String(1024))
    active: Mapped[bool]
    psf_pages_only: Mapped[bool]
