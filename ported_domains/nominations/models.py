"""Elections, who stands in them, and who proposed whom (behaviour/nominations.md §2).

Users are ids without foreign keys, as in `Authored`.
"""

import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Keyed, Record
from ported_domains.shared.columns import MarkupType, refers_to


class ElectionKind(Keyed, Record):
    __tablename__ = "election_kinds"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    slug: Mapped[str | None] = mapped_column(String(120), unique=True)
    accent_color: Mapped[str] = mapped_column(String(25))
    nomination_form: Mapped[str] = mapped_column(String(32))


class Election(Keyed, Record):
    """Slugs are made of names, and two elections may share one."""

    __tablename__ = "elections"

    name: Mapped[str] = mapped_column(String(100))
    date: Mapped[datetime.date]
    kind_id: Mapped[int | None] = mapped_column(refers_to(ElectionKind.id), index=True)
    nominations_open_at: Mapped[datetime.datetime | None]
    nominations_close_at: Mapped[datetime.datetime | None]
    description: Mapped[str | None]
    description_markup_type: Mapped[MarkupType]
    description_rendered: Mapped[str | None]
    hide_previous_service: Mapped[bool]
    slug: Mapped[str | None] = mapped_column(String(255), index=True)


class Nominee(Keyed, Record):
    __tablename__ = "nominees"
    __table_args__ = (UniqueConstraint("user_id", "election_id"),)

    election_id: Mapped[int] = mapped_column(refers_to(Election.id), index=True)
    user_id: Mapped[int | None] = mapped_column(Integer)
    accepted: Mapped[bool]
    approved: Mapped[bool]
    slug: Mapped[str | None] = mapped_column(String(255), index=True)


class Nomination(Keyed, Record):
    """Of oneself, or of somebody whom the foundation links to a nominee later."""

    __tablename__ = "nominations"

    election_id: Mapped[int] = mapped_column(refers_to(Election.id), index=True)
    nominator_id: Mapped[int] = mapped_column(Integer, index=True)
    nominee_id: Mapped[int | None] = mapped_column(refers_to(Nominee.id), index=True)
    name: Mapped[str | None] = mapped_column(String(1024))
    email: Mapped[str | None] = mapped_column(String(1024))
    previous_board_service: Mapped[str | None] = mapped_column(String(1024))
    employer: Mapped[str | None] = mapped_column(String(1024))
    other_affiliations: Mapped[str | None] = mapped_column(String(2048))
    nomination_statement: Mapped[str | None]
    nomination_statement_markup_type: Mapped[MarkupType]
    nomination_statement_rendered: Mapped[str | None]
    accepted: Mapped[bool]
    approved: Mapped[bool]
    coc_acknowledged: Mapped[bool]
    mission_alignment: Mapped[bool]
    eligibility_confirmed: Mapped[bool]
