"""Connections to the two databases, and to the legacy site's Redis, for the native side."""

from typing import Any

from asyncpg import PostgresError
from redis.asyncio import Redis
from sqlalchemy import URL, Dialect, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ported_domains.shared.database import DatabaseDownError

CONNECT_SECONDS = 3
QUERY_SECONDS = 10
_READ_ONLY = {"default_transaction_read_only": "on"}


def open_engine(url: str, *, pool_size: int, name: str, read_only: bool = False) -> AsyncEngine:
    """An engine on asyncpg; nothing is connected before the first query. With `read_only` the
    server refuses whatever writes.

    A connection that the server closed meanwhile is replaced before use, so that a restarted
    database costs no request. Looking costs nothing; SQLAlchemy's pre-ping asks the server thrice.
    """
    engine = create_async_engine(
        for_asyncpg(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        hide_parameters=True,  # errors are logged, and among them are keys of sessions
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": QUERY_SECONDS,
            "server_settings": {"application_name": name} | (_READ_ONLY if read_only else {}),
        },
    )
    event.listen(engine.sync_engine, "do_connect", _connect)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def open_redis(url: str) -> Redis:
    """A client; nothing is connected before the first command. Without limits it waits for ever."""
    return Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=QUERY_SECONDS)


def for_asyncpg(written: str) -> URL:
    """Of a URL for libpq. Its `sslmode` has another name here."""
    url = make_url(written).set(drivername="postgresql+asyncpg")
    if "sslmode" not in url.query:
        return url
    mode = url.query["sslmode"]
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def _connect(
    dialect: Dialect, record: object, args: tuple[Any, ...], options: dict[str, Any]
) -> DBAPIConnection:
    """Whatever keeps us out (refused, late, starting up, too many, not let in) is one error."""
    try:
        return dialect.connect(*args, **options)
    except (OSError, PostgresError, dialect.loaded_dbapi.Error) as error:
        raise DatabaseDownError(str(error) or type(error).__name__) from error


def _refuse_closed(connection: DBAPIConnection, record: object, proxy: object) -> None:
    """The pool opens another connection when it is told that this one is gone."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("closed by the server while it was idle")
