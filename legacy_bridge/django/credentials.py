"""API credentials that Django issued: Tastypie's keys and Django REST framework's tokens.

Both are looked up in the legacy database, one small query each (behaviour/api.md B.3, C.2).
"""

import hmac
from dataclasses import dataclass

from sqlalchemy import ColumnElement, TableClause, column, select, table
from sqlalchemy.ext.asyncio import AsyncEngine

USERS = table(
    "users_user", column("id"), column("username"), column("is_active"), column("is_staff")
)
API_KEYS = table("tastypie_apikey", column("user_id"), column("key"))
TOKENS = table("authtoken_token", column("user_id"), column("key"))


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a credential belongs to. An inactive account may not use it."""

    id: int
    username: str
    is_active: bool
    is_staff: bool


async def account_of_api_key(legacy: AsyncEngine, username: str, key: str) -> Account | None:
    """The account of that exact user name, if the key is its own; active or not."""
    return await _holder(legacy, API_KEYS, USERS.c.username == username, key)


async def account_of_token(legacy: AsyncEngine, key: str) -> Account | None:
    """The account that the token stands for; active or not."""
    return await _holder(legacy, TOKENS, TOKENS.c.key == key, key)


async def _holder(
    legacy: AsyncEngine, secrets: TableClause, condition: ColumnElement[bool], key: str
) -> Account | None:
    users = select(secrets.c.key, *USERS.c).join_from(
        USERS, secrets, USERS.c.id == secrets.c.user_id
    )
    async with legacy.connect() as connection:
        row = (await connection.execute(users.where(condition))).first()
    if row is None:
        return None
    stored, *account = row
    # In constant time: how far two keys agree must not be measurable.
    return Account(*account) if hmac.compare_digest(stored.encode(), key.encode()) else None
