"""Connections to the two databases for the native side."""

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_SECONDS = 3
QUERY_SECONDS = 10


def open_engine(url: str, *, pool_size: int, name: str) -> AsyncEngine:
    """An engine on asyncpg; nothing is connected before the first query.

    A connection that the server closed meanwhile is replaced before use (pre-ping), so that a
    restarted database costs no request.
    """
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": QUERY_SECONDS,
            "server_settings": {"application_name": name},
        },
    )
