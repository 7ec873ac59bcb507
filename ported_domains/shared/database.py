"""The native database as handlers see it: one consistent, read-only view per request."""

from collections.abc import AsyncGenerator, Callable

from litestar.di import NamedDependency
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

Database = NamedDependency[AsyncSession]


class DatabaseDownError(Exception):
    """No connection to the native database could be had."""


def read_session(engine: AsyncEngine) -> Callable[[], AsyncGenerator[AsyncSession]]:
    """The dependency `db`. All queries of a request see the rows of the same moment."""
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def db() -> AsyncGenerator[AsyncSession]:
        connection = await _connect(reading)
        try:
            async with AsyncSession(connection, expire_on_commit=False) as session:
                yield session
        finally:
            await connection.close()

    return db


async def _connect(engine: AsyncEngine) -> AsyncConnection:
    """Whatever the driver raises here (refused, starting up, too many) means the same to us."""
    try:
        return await engine.connect()
    except (OSError, DBAPIError, PoolTimeout) as error:
        raise DatabaseDownError(str(error)) from error


def says_database_down(error: BaseException) -> bool:
    """No connection, or one that broke under a query."""
    broke = isinstance(error, DBAPIError) and error.connection_invalidated
    return isinstance(error, DatabaseDownError) or broke
