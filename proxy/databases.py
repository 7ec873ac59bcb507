"""Connections to the two databases for the native side."""

from sqlalchemy import event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_SECONDS = 3
QUERY_SECONDS = 10


def open_engine(url: str, *, pool_size: int, name: str) -> AsyncEngine:
    """An engine on asyncpg; nothing is connected before the first query.

    A connection that the server closed meanwhile is replaced before use, so that a restarted
    database costs no request. Looking costs nothing; SQLAlchemy's pre-ping asks the server thrice.
    """
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": QUERY_SECONDS,
            "server_settings": {"application_name": name},
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: DBAPIConnection, record: object, proxy: object) -> None:
    """The pool opens another connection when it is told that this one is gone."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("closed by the server while it was idle")
