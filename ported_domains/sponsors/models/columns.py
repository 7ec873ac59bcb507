"""Columns as Django makes them: its references between rows, and its numbers from 0 on."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import InstrumentedAttribute, Mapped, MappedColumn, mapped_column

from ported_domains.users.models import ContentType


def to(key: InstrumentedAttribute[int] | str) -> ForeignKey:
    """Checked at commit, so that rows may arrive in any order. A table names its own column."""
    return ForeignKey(key, deferrable=True, initially="DEFERRED")


def natural(name: str, *, index: bool = False) -> MappedColumn[Any]:
    """0 or more. Refused here too: such a row could not go back to the legacy side."""
    return mapped_column(Integer, CheckConstraint(f'"{name}" >= 0', name=name), index=index)


class Ordered:
    """A place in a list that staff arrange. It counts through the whole table, all years."""

    order: Mapped[int] = natural("order", index=True)


class Polymorphic:
    """The base row of a family of tables; the row with its key in another table completes it.

    Which table that is, the content type tells. The tables of content types are replicated with
    their keys (by the domain of users, which this one reads), so the number means on this side
    what it means on the other; in another legacy database the same class has another number.
    Compare the `app_label` and `model` behind it, never the number itself.
    """

    polymorphic_ctype_id: Mapped[int | None] = mapped_column(to(ContentType.id), index=True)
