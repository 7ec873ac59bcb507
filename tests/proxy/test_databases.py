"""A database that was restarted costs the native side no request."""

import asyncio

import psycopg
from sqlalchemy import text

from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack


async def test_a_connection_that_the_server_closed_is_replaced(stack: EmbeddedStack) -> None:
    url = stack.create_database("restarted")
    engine = open_engine(url, pool_size=1, name="test")
    async with engine.connect() as connection:
        first = await connection.scalar(text("SELECT pg_backend_pid()"))
        driver = (await connection.get_raw_connection()).driver_connection
    with psycopg.connect(url) as other:
        (ended,) = other.execute("SELECT pg_terminate_backend(%s, 5000)", (first,)).fetchone() or ()
    assert ended is True
    assert driver is not None
    while not driver.is_closed():  # noqa: ASYNC110 - asyncpg has no event for it
        await asyncio.sleep(0)
    async with engine.connect() as connection:
        second = await connection.scalar(text("SELECT pg_backend_pid()"))
    await engine.dispose()
    assert second != first
