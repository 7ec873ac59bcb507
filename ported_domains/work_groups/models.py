"""Charters of working groups, and who is in one (behaviour/work_groups.md).

Users are ids without foreign keys, as in `Authored`.
"""

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Named, Record
from ported_domains.shared.columns import MarkupType, refers_to


class WorkGroup(Keyed, Authored, Named, Record):
    __tablename__ = "work_groups"

    active: Mapped[bool]
    approved: Mapped[bool]
    short_description: Mapped[str]
    purpose: Mapped[str]
    purpose_markup_type: Mapped[MarkupType]
    purpose_rendered: Mapped[str]
    active_time: Mapped[str]
    active_time_markup_type: Mapped[MarkupType]
    active_time_rendered: Mapped[str]
    core_values: Mapped[str]
    core_values_markup_type: Mapped[MarkupType]
    core_values_rendered: Mapped[str]
    rules: Mapped[str]
    rules_markup_type: Mapped[MarkupType]
    rules_rendered: Mapped[str]
    communication: Mapped[str]
    communication_markup_type: Mapped[MarkupType]
    communication_rendered: Mapped[str]
    support: Mapped[str]
    support_markup_type: Mapped[MarkupType]
    support_rendered: Mapped[str]
    url: Mapped[str] = mapped_column(String(200))


class WorkGroupOrganizer(Keyed, Record):
    __tablename__ = "work_group_organizers"
    __table_args__ = (UniqueConstraint("workgroup_id", "user_id"),)

    workgroup_id: Mapped[int] = mapped_column(refers_to(WorkGroup.id))
    user_id: Mapped[int] = mapped_column(Integer, index=True)


class WorkGroupMember(Keyed, Record):
    __tablename__ = "work_group_members"
    __table_args__ = (UniqueConstraint("workgroup_id", "user_id"),)

    workgroup_id: Mapped[int] = mapped_column(refers_to(WorkGroup.id))
    user_id: Mapped[int] = mapped_column(Integer, index=True)
