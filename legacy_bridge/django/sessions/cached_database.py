"""Sessions in the database with a copy in the cache: the engine `cached_db`.

The database has the truth. A cache that fails, or that holds what we must not unpickle, costs a
round trip and never an answer.
"""

import logging
from datetime import UTC, datetime
from typing import Final

from legacy_bridge.django.cache.contract import Cache, CacheError
from legacy_bridge.django.sessions.cache import cached_values
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.database import DatabaseStore
from legacy_bridge.django.sessions.expiry import whole_seconds
from legacy_bridge.django.sessions.store import (
    Lifetime,
    Loaded,
    UnreadableSessionError,
    Values,
    may_exist,
)

PREFIX: Final = "django.contrib.sessions.cached_db"
USELESS: Final = "the session cache was of no use: %s"

log = logging.getLogger(__name__)


class CachedDatabaseStore:
    """Reads the cache first and writes the database first, so that the copy is never newer."""

    def __init__(self, database: DatabaseStore, cache: Cache, codec: SessionCodec) -> None:
        self._database = database
        self._cache = cache
        self._codec = codec

    @property
    def database(self) -> DatabaseStore:
        """For who must not touch the cache: reading it there copies into it."""
        return self._database

    async def load(self, key: str) -> Loaded:
        if not may_exist(key):
            return Loaded.nothing()
        try:
            copy = await cached_values(self._cache, PREFIX + key)
        except (CacheError, UnreadableSessionError) as error:
            log.warning(USELESS, error)
            return await self._database.load(key)  # and leave in the cache what is there
        return await self._copied(key) if copy is None else Loaded(copy, key)

    async def _copied(self, key: str) -> Loaded:
        row = await self._database.row(key)
        if row is None:
            return Loaded.nothing()
        values = self._codec.decode(row[0])
        await self._copy(key, values, whole_seconds(row[1] - datetime.now(UTC)))
        return Loaded(values, key)

    async def create(self, values: Values, lifetime: Lifetime) -> str:
        key = await self._database.create(values, lifetime)
        await self._copy(key, values, lifetime.seconds)
        return key

    async def update(self, key: str, values: Values, lifetime: Lifetime) -> None:
        await self._database.update(key, values, lifetime)
        await self._copy(key, values, lifetime.seconds)

    async def delete(self, key: str) -> None:
        """A copy that stays would keep the visitor logged in: a cache that fails is an error."""
        await self._database.delete(key)
        await self._cache.delete(PREFIX + key)

    async def _copy(self, key: str, values: Values, seconds: float) -> None:
        try:
            await self._cache.set(PREFIX + key, values, seconds)
        except CacheError as error:
            log.warning(USELESS, error)
