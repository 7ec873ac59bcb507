"""A signed-in visitor as templates see them (behaviour/users.md): what is asked beyond the account
itself is looked up in the legacy database while the page is rendered."""

from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.user import User
from ported_domains.shared.waiting import waited

_MEMBERSHIP: Final = text("SELECT * FROM users_membership WHERE creator_id = :id")
# Applied for, approved or finalized; submitted by the user or with the user among the contacts.
_SPONSORSHIPS: Final = text(
    """
    SELECT p.* FROM sponsors_sponsorship p
    WHERE p.status IN ('applied', 'approved', 'finalized')
      AND (p.submited_by_id = :id OR p.sponsor_id IN (
          SELECT sponsor_id FROM sponsors_sponsorcontact WHERE user_id = :id))
    """
)


class NoMembershipError(AttributeError):
    """Prints as nothing, as a related row that does not exist."""

    silent_variable_failure = True


class Row:
    """A row by the names of its columns."""

    def __init__(self, columns: RowMapping) -> None:
        self.__dict__.update(columns)


class Person:
    """The account's own attributes, and those of the site's user model."""

    def __init__(self, user: User, legacy: AsyncEngine) -> None:
        self._user = user
        self._legacy = legacy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._user, name)

    def __str__(self) -> str:
        return self._user.username

    def __eq__(self, other: object) -> bool:
        return getattr(other, "pk", getattr(other, "id", None)) == self._user.id

    def __hash__(self) -> int:
        return hash(self._user)

    def get_absolute_url(self) -> str:
        return f"/users/{quote(self._user.username)}/"

    @property
    def has_membership(self) -> bool:
        return self._membership is not None

    @property
    def membership(self) -> Row:
        """`NoMembershipError` for who is no member."""
        if self._membership is None:
            raise NoMembershipError(f"{self._user.username} is no member")
        return self._membership

    @cached_property
    def sponsorships(self) -> list[Row]:
        """Those that the user may see."""
        return self._rows(_SPONSORSHIPS)

    @cached_property
    def _membership(self) -> Row | None:
        return next(iter(self._rows(_MEMBERSHIP)), None)

    def _rows(self, query: TextClause) -> list[Row]:
        return [Row(row) for row in waited(self._found(query))]

    async def _found(self, query: TextClause) -> list[RowMapping]:
        async with self._legacy.connect() as connection:
            rows = await connection.execute(query, {"id": self._user.id})
            return list(rows.mappings())
