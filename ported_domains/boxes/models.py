"""Snippets of HTML that templates embed by label (behaviour/boxes.md)."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Record


class Box(Keyed, Authored, Record):
    __tablename__ = "boxes"

    label: Mapped[str] = mapped_column(String(100), unique=True)
    content: Mapped[str]
    content_markup_type: Mapped[str] = mapped_column(String(30))
    content_rendered: Mapped[str]
