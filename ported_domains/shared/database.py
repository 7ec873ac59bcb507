"""The native database as handlers see it: one consistent, read-only view per request, or one
transaction that writes (`writing` says when)."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from litestar.di import NamedDependency
from litestar.types import Scope
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from legacy_bridge.django.cache.contract import CacheError

Database = NamedDependency[AsyncSession]
SESSION_KEY = "strangler.read_session"


class DatabaseDownError(ConnectionError):
    """No connection to a database could be had."""


Reader = Callable[[], AbstractAsyncContextManager[AsyncSession]]
"""Opens a session that reads, with a snapshot of its own."""


def reader(engine: AsyncEngine) -> Reader:
    """All queries of a session see the rows of the same moment."""
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @asynccontextmanager
    async def open_session() -> AsyncIterator[AsyncSession]:
        connection = await _connect(reading)
        try:
            async with AsyncSession(connection, expire_on_commit=False) as session:
                yield session
        finally:
            await connection.close()

    return open_session


@asynccontextmanager
async def one_session(
    open_session: Reader, scope: MutableMapping[str, Any]
) -> AsyncIterator[Reader]:
    """A reader that gives all who read within the block the same session, opened for the first of
    them. It is in the scope from then on, for what the page adds by itself."""
    async with AsyncExitStack() as opened:

        @asynccontextmanager
        async def again() -> AsyncIterator[AsyncSession]:
            if SESSION_KEY not in scope:
                scope[SESSION_KEY] = await opened.enter_async_context(open_session())
            session: AsyncSession = scope[SESSION_KEY]
            yield session

        yield again


def read_session(open_session: Reader) -> Callable[[Scope], AsyncGenerator[AsyncSession]]:
    """The dependency `db`; the same session is in the scope, for what the page adds by itself."""

    async def db(scope: Scope) -> AsyncGenerator[AsyncSession]:
        async with open_session() as session:
            scope[SESSION_KEY] = session  # type: ignore[literal-required]
            try:
                yield session
            finally:
                del scope[SESSION_KEY]  # type: ignore[misc]

    return db


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """Committed at the end, rolled back where something is raised. Each statement sees what others
    have committed before it (READ COMMITTED), as with Django."""
    connection = await _connect(engine)
    try:
        async with AsyncSession(connection, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        await connection.close()


async def _connect(engine: AsyncEngine) -> AsyncConnection:
    """Whatever the driver raises here (refused, starting up, too many) means the same to us."""
    try:
        return await engine.connect()
    except (OSError, DBAPIError, PoolTimeout) as error:
        raise DatabaseDownError(str(error)) from error


def says_database_down(error: BaseException) -> bool:
    """No connection to a database or to the legacy site's cache, one that broke under a query, or
    no answer in time."""
    broke = isinstance(error, DBAPIError) and error.connection_invalidated
    return broke or isinstance(error, PoolTimeout | ConnectionError | TimeoutError | CacheError)
