"""Minutes of the foundation's board meetings (behaviour/minutes.md)."""

import datetime

from sqlalchemy.orm import Mapped, mapped_column

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.domain import Authored, Domain, Keyed, Record
from ported_domains.shared.columns import AUTHORED, MarkupType, markup


class Minutes(Keyed, Authored, Record):
    """Of one meeting. Nothing keeps two from having one date."""

    __tablename__ = "minutes"

    date: Mapped[datetime.date] = mapped_column(index=True)
    content: Mapped[str]
    content_markup_type: Mapped[MarkupType]
    content_rendered: Mapped[str]
    is_published: Mapped[bool] = mapped_column(index=True)


MINUTES = Domain(
    name="minutes",
    mapping=(
        TableMapping(
            legacy="minutes_minutes",
            native="minutes",
            columns=(*AUTHORED, *same("date", "is_published"), *markup("content")),
        ),
    ),
)
