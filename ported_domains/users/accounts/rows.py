"""Users of the legacy database, with what belongs to them: found, made, changed as by Django."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import BigInteger, DateTime, bindparam, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.loading import match_of, match_parameters
from legacy_bridge.django.authentication.sign_in import Match
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.addresses import Address

KEY_OCTETS: Final = 20
"""Of a token of API v2 and a key of API v1; written in hexadecimal digits."""

_IS_TAKEN: Final = text(
    "SELECT EXISTS (SELECT FROM users_user WHERE upper(username) = upper(:username))"
)
# One statement, so that nobody ever sees a user without tokens or address.
_CREATE: Final = text(
    """
    WITH new_user AS (
        INSERT INTO users_user (
            username, email, password, date_joined, last_login, first_name, last_name,
            is_active, is_staff, is_superuser,
            bio, bio_markup_type, _bio_rendered, search_visibility, email_privacy, public_profile
        ) VALUES (
            :username, :email, :password, :now, NULL, '', '',
            true, false, false,
            '', 'markdown', '', 1, 2, true
        ) RETURNING id
    ), token AS (
        INSERT INTO authtoken_token (key, created, user_id) SELECT :token, :now, id FROM new_user
    ), api_key AS (
        INSERT INTO tastypie_apikey (key, created, user_id) SELECT :api_key, :now, id FROM new_user
    )
    INSERT INTO account_emailaddress (user_id, email, verified, "primary")
    SELECT id, :email, false, true FROM new_user RETURNING id, user_id, email, verified, "primary"
    """
).bindparams(bindparam("now", type_=DateTime(timezone=True)))
_SET_PASSWORD: Final = text(
    "UPDATE users_user SET password = :password WHERE id = :user"
).bindparams(bindparam("user", type_=BigInteger))
_UNIQUE_NAME: Final = "users_user_username_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """`email` is in small letters, `password` as it is stored."""

    username: str
    email: str
    password: str = field(repr=False)


async def matches(contracts: Contracts, login: str) -> list[Match]:
    """Every account that this text can mean in a login field; lowest id first."""
    async with contracts.legacy.connect() as connection:
        rows = await connection.execute(contracts.users.matches, match_parameters(login))
        return [match_of(row) for row in rows.mappings()]


async def is_name_taken(legacy: AsyncEngine, username: str) -> bool:
    """Ignoring case, which the table's own rule does not."""
    async with legacy.connect() as connection:
        return bool(await connection.scalar(_IS_TAKEN, {"username": username}))


async def create_user(legacy: AsyncEngine, new: NewUser) -> Address | None:
    """An active user with token, API key and an unverified, primary address, which is returned.

    None if somebody has taken the name meanwhile.
    """
    values = {
        "username": new.username,
        "email": new.email,
        "password": new.password,
        "now": datetime.now(UTC),
        "token": secrets.token_hex(KEY_OCTETS),
        "api_key": secrets.token_hex(KEY_OCTETS),
    }
    try:
        async with legacy.connect() as connection:
            row = (await connection.execute(_CREATE, values)).one()
    except IntegrityError as error:
        if _UNIQUE_NAME in str(error.orig):
            return None
        raise
    return Address(*row)


async def set_password(legacy: AsyncEngine, user_id: int, password: str) -> None:
    """`password` as it is stored. Sessions of the user end that are not given the new hash."""
    async with legacy.connect() as connection:
        await connection.execute(_SET_PASSWORD, {"user": user_id, "password": password})


async def renew_password(contracts: Contracts, match: Match, password: str) -> bool:
    """Store the same password by today's rules; False if another request changed it meanwhile."""
    values = {"user": match.user_id, "old": match.password, "new": password}
    async with contracts.legacy.connect() as connection:
        renewed = await connection.execute(contracts.users.new_password, values)
    return renewed.rowcount == 1


async def record_login(contracts: Contracts, user_id: int) -> None:
    """The user's `last_login` is now."""
    async with contracts.legacy.connect() as connection:
        now = datetime.now(UTC)
        await connection.execute(contracts.users.last_login, {"user": user_id, "now": now})
