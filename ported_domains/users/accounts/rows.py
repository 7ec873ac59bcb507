"""Users of the legacy database, with what belongs to them: found, made, changed as by Django."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final

from sqlalchemy import BigInteger, DateTime, bindparam, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from legacy_bridge.django.authentication.loading import match_of, match_parameters
from legacy_bridge.django.authentication.sign_in import Match
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.addresses import Address

KEY_OCTETS: Final = 20
"""Of a token of API v2 and a key of API v1; written in hexadecimal digits."""

_IS_TAKEN: Final = text(
    "SELECT EXISTS (SELECT FROM users_user WHERE upper(username) = upper(:username))"
)
_IS_KNOWN: Final = text(
    """
    SELECT EXISTS (SELECT FROM users_user WHERE email = :email)
        OR EXISTS (SELECT FROM account_emailaddress WHERE email = :email)
    """
)
# Sign-ups wait for each other: no rule of the tables knows that names are the same but for case,
# or that two users claim one address. Django does not wait.
_WAIT: Final = text("SELECT pg_advisory_xact_lock(hashtext('strangler: sign-up'))")
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
    "UPDATE users_user SET password = :password WHERE id = :user AND password = :old"
).bindparams(bindparam("user", type_=BigInteger))
_UNIQUE_NAME: Final = "users_user_username_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """`email` is in small letters, `password` as it is stored."""

    username: str
    email: str
    password: str = field(repr=False)


class Taken(Enum):
    """What somebody has who signed up before."""

    NAME = auto()
    ADDRESS = auto()


async def matches(contracts: Contracts, login: str) -> list[Match]:
    """Every account that this text can mean in a login field; lowest id first."""
    async with contracts.legacy.connect() as connection:
        rows = await connection.execute(contracts.users.matches, match_parameters(login))
        return [match_of(row) for row in rows.mappings()]


async def is_name_taken(legacy: AsyncEngine, username: str) -> bool:
    """Ignoring case, which the table's own rule does not."""
    async with legacy.connect() as connection:
        return await _is_name_taken(connection, username)


async def create_user(legacy: AsyncEngine, new: NewUser) -> Address | Taken:
    """An active user with token, API key and an unverified, primary address, which is returned."""
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
            # On the connection: an engine in autocommit keeps all that are made of it so.
            await connection.execution_options(isolation_level="READ COMMITTED")
            async with connection.begin():
                await connection.execute(_WAIT)
                if await _is_name_taken(connection, new.username):
                    return Taken.NAME
                if await connection.scalar(_IS_KNOWN, {"email": new.email}):
                    return Taken.ADDRESS
                return Address(*(await connection.execute(_CREATE, values)).one())
    except IntegrityError as error:  # somebody was faster on the legacy site
        if _UNIQUE_NAME in str(error.orig):
            return Taken.NAME
        raise


async def set_password(legacy: AsyncEngine, user_id: int, password: str, *, old: str) -> bool:
    """Both as they are stored. False if it is not `old` any more: another request was faster.

    Sessions of the user end that are not given the new hash.
    """
    values = {"user": user_id, "password": password, "old": old}
    async with legacy.connect() as connection:
        return (await connection.execute(_SET_PASSWORD, values)).rowcount == 1


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


async def _is_name_taken(connection: AsyncConnection, username: str) -> bool:
    return bool(await connection.scalar(_IS_TAKEN, {"username": username}))
