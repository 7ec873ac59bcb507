"""Sessions in the legacy database: `SESSION_ENGINE = "django.contrib.sessions.backends.db"`.

Each verb is one statement and one round trip. The last writer wins, there as here; an UPDATE that
finds no row means that somebody logged out meanwhile.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    DateTime,
    Select,
    Text,
    bindparam,
    column,
    delete,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.store import (
    Lifetime,
    Loaded,
    SessionInterruptedError,
    Values,
    may_exist,
    new_key,
)

SESSIONS: Final = table(
    "django_session",
    column("session_key", Text),
    column("session_data", Text),
    column("expire_date", DateTime(timezone=True)),
)
_OF_KEY = SESSIONS.c.session_key == bindparam("key")
_ROW: Final[dict[str, BindParameter[Any]]] = {
    "session_data": bindparam("data"),
    "expire_date": bindparam("ends"),
}

LOAD: Final[Select[str, datetime]] = select(SESSIONS.c.session_data, SESSIONS.c.expire_date).where(
    _OF_KEY, SESSIONS.c.expire_date > bindparam("now")
)
"""Parameters `key` and `now`; for those who read more than the session in one round trip."""
_CREATE = insert(SESSIONS).values(session_key=bindparam("key"), **_ROW).on_conflict_do_nothing()
_UPDATE = update(SESSIONS).where(_OF_KEY).values(**_ROW)
_DELETE = delete(SESSIONS).where(_OF_KEY)


class DatabaseStore:
    """The table `django_session`, read and written directly by both sides."""

    def __init__(self, legacy: AsyncEngine, codec: SessionCodec) -> None:
        # Otherwise each statement would cost a BEGIN and a COMMIT of its own.
        self._legacy = legacy.execution_options(isolation_level="AUTOCOMMIT")
        self._codec = codec

    async def load(self, key: str) -> Loaded:
        row = await self.row(key)
        return self.loaded(None if row is None else row[0], key)

    def loaded(self, text: str | None, key: str | None) -> Loaded:
        """What a session's text says, for who read its row; None if there was no row."""
        return Loaded.nothing() if text is None else Loaded(self._codec.decode(text), key)

    async def row(self, key: str) -> tuple[str, datetime] | None:
        """Text and end of a session that is not over."""
        if not may_exist(key):
            return None
        async with self._legacy.connect() as connection:
            found = await connection.execute(LOAD, {"key": key, "now": datetime.now(UTC)})
            row = found.first()
        return None if row is None else (row[0], row[1])

    async def create(self, values: Values, lifetime: Lifetime) -> str:
        written = {"data": self._codec.encode(values), "ends": lifetime.ends}
        async with self._legacy.connect() as connection:
            while True:
                key = new_key()
                if (await connection.execute(_CREATE, {"key": key, **written})).rowcount == 1:
                    return key

    async def update(self, key: str, values: Values, lifetime: Lifetime) -> None:
        written = {"key": key, "data": self._codec.encode(values), "ends": lifetime.ends}
        async with self._legacy.connect() as connection:
            if (await connection.execute(_UPDATE, written)).rowcount != 1:
                raise SessionInterruptedError("the session was deleted while the request ran")

    async def delete(self, key: str) -> None:
        async with self._legacy.connect() as connection:
            await connection.execute(_DELETE, {"key": key})
