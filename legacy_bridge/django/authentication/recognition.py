"""Who the visitor of a session is: session and user from the legacy database in one round trip.

Which user a session claims is inside its signed text, so the first request of a session has to ask
twice. From then on the user is remembered with the session's key, and both rows come together; what
is remembered only says which row to fetch along, never who the visitor is: the session says that.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.loading import UserQueries, user_of
from legacy_bridge.django.authentication.session import Key, apply, claimed_user, visitor_of
from legacy_bridge.django.authentication.user import ANONYMOUS, User, Visitor
from legacy_bridge.django.sessions.database import DatabaseStore
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.store import SessionStore, may_exist
from legacy_bridge.django.settings import Secrets

REMEMBERED: Final = 20_000
"""Sessions whose user is remembered in one process; the oldest are forgotten first."""


class Recognition:
    """One for all requests of a process. What cannot be reached raises the driver's own errors."""

    def __init__(
        self,
        legacy: AsyncEngine,
        store: SessionStore,
        queries: UserQueries,
        secrets: Secrets,
        backends: tuple[str, ...],
    ) -> None:
        """`store` is where the sessions are; only those in the database come with their user."""
        self._legacy = legacy
        self._together = store if isinstance(store, DatabaseStore) else None
        self._queries = queries
        self._secrets = secrets
        self._backends = backends
        self._users: dict[str, int] = {}

    @property
    def remembered(self) -> int:
        """Of how many sessions the user is."""
        return len(self._users)

    async def recognise(self, session: Session) -> Visitor:
        """Load the session and say whose it is; one with a wrong hash is flushed.

        One of an old SECRET_KEY gets the hash of the new one, but not a new key as with Django: the
        answer may not be ours to give after all, and the visitor would not learn of the new key.
        """
        fetched = await self._load(session)
        claimed = claimed_user(session, self._backends)
        if claimed is None:
            return ANONYMOUS
        if fetched is None or fetched.id != claimed:
            fetched = await self.user(claimed)
        visitor, change = visitor_of(session, fetched, self._secrets)
        await apply(replace(change, key=Key.KEPT) if change.key is Key.CYCLED else change, session)
        if self._together is not None and session.key is not None and visitor.id is not None:
            self._remember(session.key, visitor.id)
        return visitor

    async def user(self, user_id: int) -> User | None:
        """The row as it is now, with groups and permissions."""
        async with self._legacy.connect() as connection:
            found = await connection.execute(self._queries.user, {"user": user_id})
            row = found.mappings().first()
        return None if row is None else user_of(row)

    async def _load(self, session: Session) -> User | None:
        """The session, and with it the user who is remembered as its own."""
        remembered = None if session.key is None else self._users.get(session.key)
        if self._together is None or remembered is None or session.is_loaded:
            await session.load()
            return None
        row = await self._both(session.key or "", remembered)
        session.take(
            self._together.loaded(None if row is None else row["session_data"], session.key)
        )
        return None if row is None else user_of(row)

    async def _both(self, key: str, user_id: int) -> RowMapping | None:
        if not may_exist(key):
            return None
        asked = {"key": key, "user": user_id, "now": datetime.now(UTC)}
        async with self._legacy.connect() as connection:
            found = await connection.execute(self._queries.session_and_user, asked)
            return found.mappings().first()

    def _remember(self, key: str, user_id: int) -> None:
        if len(self._users) >= REMEMBERED and key not in self._users:
            del self._users[next(iter(self._users))]
        self._users[key] = user_id
