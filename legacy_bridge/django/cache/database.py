"""Django's DatabaseCache: a table of the legacy database, as `createcachetable` makes it.

Each verb is one statement. A statement that adds an entry counts the entries, too; only where it
finds too many of them does it write nothing, and old ones have to go first.
"""

import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Executable, RowMapping
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from legacy_bridge.django.cache.contract import CacheError, UnreadableValueError, Value
from legacy_bridge.django.cache.statements import NO_LIMIT, Statements
from legacy_bridge.django.cache.values import read, write_pickle
from legacy_bridge.django.settings import CacheSettings

FOR_EVER: Final = datetime.max.replace(microsecond=0, tzinfo=UTC)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class DatabaseCache:
    """`table` is the LOCATION, `clock` says seconds since 1970."""

    def __init__(
        self,
        legacy: AsyncEngine,
        table: str,
        settings: CacheSettings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # Otherwise each statement would cost a BEGIN and a COMMIT of its own.
        self._legacy = legacy.execution_options(isolation_level="AUTOCOMMIT")
        self._table = table
        self._settings = settings
        self._statements = Statements(table)
        self._clock = clock

    async def get(self, key: str) -> Value:
        """Removes an entry that is over, as Django does."""
        asked = {"key": self._settings.name(key), "now": self._now()}
        async with self._connected() as connection:
            row = (await connection.execute(self._statements.get, asked)).first()
            if row is None:
                return None
            text, is_over = row
            if is_over:
                await connection.execute(self._statements.delete_if_over, asked)
                return None
        return read(_octets(text))

    async def set(self, key: str, value: Value, seconds: float | None) -> None:
        await self._make_room_and(self._statements.set, self._entry(key, value, seconds))

    async def add(self, key: str, value: Value, seconds: float | None) -> bool:
        return await self._make_room_and(self._statements.add, self._entry(key, value, seconds))

    async def replace(self, key: str, value: Value, seconds: float | None) -> bool:
        """Nothing has to make room for it."""
        entry = self._entry(key, value, seconds)
        async with self._connected() as connection:
            done = await connection.execute(self._statements.replace, {**entry, "now": self._now()})
            return done.rowcount == 1

    async def delete(self, key: str) -> bool:
        async with self._connected() as connection:
            name = {"key": self._settings.name(key)}
            return (await connection.execute(self._statements.delete, name)).rowcount == 1

    async def _make_room_and(self, write: Executable, entry: dict[str, Any]) -> bool:
        """Whether the entry was written."""
        async with self._connected() as connection:
            done = await _row(connection, write, entry, self._settings.max_entries)
            if not done["there_was_room"]:
                await self._cull(connection, done["entries"])
                done = await _row(connection, write, entry, NO_LIMIT)
        written: bool = done["written"]
        return written

    async def _cull(self, connection: AsyncConnection, entries: int) -> None:
        """First those that are over; if too many are left, a part of all, by the order of keys."""
        frequency = self._settings.cull_frequency
        if not frequency:
            await connection.execute(self._statements.delete_all)
            return
        now = {"now": _whole(self._now())}
        left = entries - (await connection.execute(self._statements.delete_over, now)).rowcount
        if left > self._settings.max_entries:
            first_to_stay = {"place": left // frequency}
            await connection.execute(self._statements.delete_before, first_to_stay)

    def _entry(self, key: str, value: Value, seconds: float | None) -> dict[str, Any]:
        """`now` in whole seconds: what ends within this one is not over to `add`, as in Django."""
        now = self._now()
        return {
            "key": self._settings.name(key),
            "value": b64encode(write_pickle(value)).decode(),
            "expires": FOR_EVER if seconds is None else _whole(_after(now, seconds)),
            "now": _whole(now),
        }

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._legacy.connect() as connection:
                yield connection
        except DBAPIError as error:  # whose own text has the parameters in it
            raise CacheError(f"the cache table {self._table}: {error.orig}") from None
        except (OSError, SQLAlchemyError) as error:
            raise CacheError(f"the cache table {self._table}: {error}") from error


async def _row(
    connection: AsyncConnection, write: Executable, entry: dict[str, Any], most: int
) -> RowMapping:
    return (await connection.execute(write, {**entry, "most": most})).mappings().one()


def _octets(text: str) -> bytes:
    try:
        return b64decode(text.encode())
    except ValueError as error:
        raise UnreadableValueError(f"no base64: {error}") from None


def _after(now: datetime, seconds: float) -> datetime:
    """An age of 0 is over at once, not at the end of this second."""
    try:
        return now + timedelta(seconds=seconds or -1)
    except OverflowError:
        return FOR_EVER if seconds > 0 else _EPOCH


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
