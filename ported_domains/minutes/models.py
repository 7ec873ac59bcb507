"""What was said at a meeting of the board (behaviour/minutes.md)."""

import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Record
from ported_domains.shared.columns import MarkupType


class Minutes(Keyed, Authored, Record):
    """Of one meeting. Nothing keeps two from having one date."""

    __tablename__ = "minutes"

    date: Mapped[datetime.date] = mapped_column(index=True)
    content: Mapped[str]
    content_markup_type: Mapped[MarkupType]
    content_rendered: Mapped[str]
    is_published: Mapped[bool] = mapped_column(index=True)
