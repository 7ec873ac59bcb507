"""Whose address is this: users of the legacy database, found as allauth finds them by mail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, RowMapping, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.reset_tokens import Resetter

_OWNER = """
SELECT u.id, u.username, u.email, u.password, u.last_login, u.is_active, a.verified,
       ARRAY(
           SELECT e.email FROM account_emailaddress e WHERE e.user_id = u.id ORDER BY e.id
       ) AS addresses
FROM users_user u LEFT JOIN account_emailaddress a ON a.user_id = u.id AND a.email = :email
"""
_OF_ADDRESS: Final = text(f"{_OWNER} WHERE u.email = :email OR a.id IS NOT NULL ORDER BY u.id")
_OF_ID: Final = text(f"{_OWNER} WHERE u.id = :id").bindparams(bindparam("id", type_=BigInteger))
_MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A user who has an address, or claims it.

    `verified` is of that address; None where only the user's own row has it. `addresses` are all
    that the user has rows of.
    """

    id: int
    username: str
    email: str
    password: str = field(repr=False)
    last_login: datetime | None
    is_active: bool
    verified: bool | None
    addresses: tuple[str, ...]

    def __str__(self) -> str:
        return self.username

    @property
    def resetter(self) -> Resetter:
        """What a token for a new password vouches for."""
        return Resetter(self.id, self.password, self.last_login, self.email, self.addresses)


async def owners_of(legacy: AsyncEngine, email: str) -> list[Owner]:
    """Who has the address, verified or not, or claims it in the user's own row; by id."""
    return await _owners(legacy, _OF_ADDRESS, email=email.lower())


async def owner_by_id(legacy: AsyncEngine, user_id: int) -> Owner | None:
    """The user of this id, `verified` being None. Ids that no row can have are nobody's."""
    if user_id > _MOST:
        return None
    found = await _owners(legacy, _OF_ID, id=user_id, email=None)
    return found[0] if found else None


def who_may_reset(owners: Sequence[Owner]) -> list[Owner]:
    """Who is sent a link when an address is given: who verified it, else all who claim it; active
    users only."""
    verified = [owner for owner in owners if owner.verified]
    return [owner for owner in verified or owners if owner.is_active]


async def _owners(
    legacy: AsyncEngine, statement: TextClause, **asked: int | str | None
) -> list[Owner]:
    async with legacy.connect() as connection:
        rows = (await connection.execute(statement, asked)).mappings().all()
    return [_owner(row) for row in rows]


def _owner(row: RowMapping) -> Owner:
    return Owner(**{**row, "addresses": tuple(row["addresses"])})
