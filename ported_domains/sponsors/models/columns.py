"""Columns that many of these tables share."""

from typing import Any

from sqlalchemy import CheckConstraint, Integer
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from ported_domains.shared.columns import refers_to
from ported_domains.users.models import ContentType


def not_negative(name: str, *, index: bool = False) -> MappedColumn[Any]:
    """Refused here too, since such a row could not go back to the legacy side."""
    check = CheckConstraint(f'"{name}" >= 0', name=f"{name}_not_negative")
    return mapped_column(Integer, check, index=index)


class Ordered:
    """A place in a list that staff arrange. It counts through the whole table, all years."""

    order: Mapped[int] = not_negative("order", index=True)


class Polymorphic:
    """The base row of a family of tables; a row with its key in another table completes it.

    Which table that is, the content type tells. These come with the rows of users, keys and all,
    so that a number means here what it means in the legacy database. In another one the same
    class has another number: compare the `app_label` and `model` behind it, never the number.
    """

    polymorphic_ctype_id: Mapped[int | None] = mapped_column(refers_to(ContentType.id), index=True)
