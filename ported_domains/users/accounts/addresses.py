"""E-mail addresses of users in the legacy database, kept as allauth keeps them.

An address is in small letters. At most one of a user's is primary, and `users_user.email` mirrors
it; at most one user has verified it. Changes of one user's addresses wait for each other.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    String,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LONGEST: Final = 254
"""Characters that the column holds."""

ADDRESSES: Final = table(
    "account_emailaddress",
    # Wider than the columns: a number from a link that no row can have is no fault.
    column("id", BigInteger),
    column("user_id", BigInteger),
    column("email", String),
    column("verified", Boolean),
    column("primary", Boolean),
)
_CONFIRMATIONS = table("account_emailconfirmation", column("email_address_id", BigInteger))
_USERS = table("users_user", column("id", BigInteger), column("email", String))

_ROW = ADDRESSES.c
_SELECT: Select[Any] = select(ADDRESSES)


@dataclass(frozen=True, slots=True)
class Address:
    """A row of `account_emailaddress`, with the names that templates know."""

    id: int
    user_id: int
    email: str
    verified: bool
    primary: bool

    def __str__(self) -> str:
        return self.email


async def address_by_id(legacy: AsyncEngine, address_id: int) -> Address | None:
    async with legacy.connect() as connection:
        return await _first(connection, _SELECT.where(_ROW.id == address_id))


async def address_of(legacy: AsyncEngine, user_id: int, email: str) -> Address | None:
    """The user's row of this address, in any casing."""
    async with legacy.connect() as connection:
        return await _first(connection, _SELECT.where(_is(user_id, email)))


async def addresses_of(legacy: AsyncEngine, user_id: int) -> list[Address]:
    """All of the user, by address."""
    asked = _SELECT.where(_ROW.user_id == user_id).order_by(_ROW.email)
    async with legacy.connect() as connection:
        return [Address(*row) for row in await connection.execute(asked)]


async def best_address_of(legacy: AsyncEngine, user_id: int) -> Address | None:
    """Where to write to the user: the primary address if there is one, else a verified one."""
    asked = _SELECT.where(_ROW.user_id == user_id).order_by(
        _ROW.primary.desc(), _ROW.verified.desc(), _ROW.id
    )
    async with legacy.connect() as connection:
        return await _first(connection, asked.limit(1))


async def create_address(
    legacy: AsyncEngine, user_id: int, email: str, *, primary: bool = False
) -> tuple[Address, bool]:
    """The user's row of this address, unverified if it is new; and whether it is.

    `primary` is for a user who has no other. ValueError for more than `LONGEST` characters.
    """
    if len(email) > LONGEST:
        raise ValueError(f"an address of {len(email)} characters; {LONGEST} can be stored")
    values = {"user_id": user_id, "email": email.lower(), "verified": False, "primary": primary}
    added = (
        insert(ADDRESSES)
        .values(values)
        .on_conflict_do_nothing(index_elements=[_ROW.user_id, _ROW.email])
        .returning(*_ROW)
    )
    async with legacy.connect() as connection:
        while True:
            if row := (await connection.execute(added)).first():
                return Address(*row), True
            if known := await _first(connection, _SELECT.where(_is(user_id, email))):
                return known, False


async def keep_own_address(legacy: AsyncEngine, user_id: int, email: str) -> None:
    """Make the row of `users_user.email`, which users made by command or in the admin lack."""
    if email:
        await create_address(legacy, user_id, email)


async def is_verified_elsewhere(legacy: AsyncEngine, address: Address) -> bool:
    """Whether another user has verified it, so that this one cannot."""
    async with legacy.connect() as connection:
        return await _is_taken(connection, address)


async def verify(legacy: AsyncEngine, address: Address) -> bool:
    """Mark it verified, and primary if the user has no primary one; False if another user has
    verified it meanwhile, or the user has removed it."""
    try:
        async with _changing(legacy, address.user_id) as connection:
            if await _is_taken(connection, address):
                return False
            if (await connection.execute(_change(address, verified=True))).rowcount == 0:
                return False
            if not await connection.scalar(select(exists(_primary_of(address.user_id)))):
                await _make_primary(connection, address)
    except IntegrityError:  # somebody was faster: `unique_verified_email`
        return False
    return True


async def set_primary(legacy: AsyncEngine, address: Address) -> bool:
    """Make it the one that the account goes by; False if the row is not as it was seen any more."""
    async with _changing(legacy, address.user_id) as connection:
        if not await _is_unchanged(connection, address):
            return False
        mine = (_ROW.user_id == address.user_id, _ROW.primary)
        await connection.execute(update(ADDRESSES).where(*mine).values(primary=False))
        await _make_primary(connection, address)
        return True


async def remove(legacy: AsyncEngine, address: Address) -> bool:
    """An account that went by it goes by another one, a verified one if there is, or by none.

    False if the row is not as it was seen any more.
    """
    async with _changing(legacy, address.user_id) as connection:
        if not await _is_unchanged(connection, address):
            return False
        keys = _CONFIRMATIONS.c.email_address_id == address.id
        await connection.execute(delete(_CONFIRMATIONS).where(keys))
        await connection.execute(delete(ADDRESSES).where(_ROW.id == address.id))
        others = select(_ROW.email).where(_ROW.user_id == address.user_id)
        other = others.order_by(_ROW.verified.desc(), _ROW.id).limit(1).scalar_subquery()
        mine = (_USERS.c.id == address.user_id, func.lower(_USERS.c.email) == address.email)
        await connection.execute(
            update(_USERS).where(*mine).values(email=func.coalesce(other, literal("")))
        )
        return True


@asynccontextmanager
async def _changing(legacy: AsyncEngine, user_id: int) -> AsyncIterator[AsyncConnection]:
    """One transaction, which waits for others about the same user."""
    async with legacy.connect() as connection:
        # On the connection: an engine in autocommit keeps all that are made of it so.
        await connection.execution_options(isolation_level="READ COMMITTED")
        async with connection.begin():
            await connection.execute(
                select(_USERS.c.id).where(_USERS.c.id == user_id).with_for_update()
            )
            yield connection


async def _make_primary(connection: AsyncConnection, address: Address) -> None:
    await connection.execute(_change(address, primary=True))
    mirrored = update(_USERS).where(_USERS.c.id == address.user_id)
    await connection.execute(mirrored.values(email=address.email))


async def _is_unchanged(connection: AsyncConnection, address: Address) -> bool:
    """Whether what was decided about the address holds still. Other rows are not looked at."""
    return await _first(connection, _SELECT.where(_ROW.id == address.id)) == address


async def _is_taken(connection: AsyncConnection, address: Address) -> bool:
    elsewhere = _SELECT.where(
        _ROW.email == address.email, _ROW.verified, _ROW.id != bindparam("own", address.id)
    )
    return bool(await connection.scalar(select(exists(elsewhere))))


async def _first(connection: AsyncConnection, asked: Select[Any]) -> Address | None:
    row = (await connection.execute(asked)).first()
    return None if row is None else Address(*row)


def _change(address: Address, **values: bool) -> Any:
    return update(ADDRESSES).where(_ROW.id == address.id).values(**values)


def _primary_of(user_id: int) -> Select[Any]:
    return _SELECT.where(_ROW.user_id == user_id, _ROW.primary)


def _is(user_id: int, email: str) -> ColumnElement[bool]:
    return (_ROW.user_id == user_id) & (_ROW.email == email.lower())
