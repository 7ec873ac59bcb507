"""Commits that wait for a standby: they are in the log already, and nobody sees them yet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import LiteralString

import psycopg
from psycopg import sql

SECONDS = 30.0
_WAITING: LiteralString = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND datname = current_database()
"""


@contextmanager
def unseen(url: str, statement: LiteralString) -> Iterator[None]:
    """The statement is in the log when the block begins; everybody sees it after the block."""

    def commit() -> None:
        with psycopg.connect(url, options="-c synchronous_commit=remote_apply") as connection:
            connection.execute(statement)

    writer = Thread(target=commit)
    with no_standby(url):
        writer.start()
        await_hanging(url)
        yield
    writer.join(SECONDS)
    assert not writer.is_alive()


@contextmanager
def no_standby(url: str) -> Iterator[None]:
    """Whoever wants the standby to have a commit waits within the block."""
    with _aside(url) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try:
            connection.execute("SELECT pg_reload_conf()")
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")


def wait_for_standby(url: str) -> None:
    """Whoever commits there from now on wants to know that a standby has it."""
    with _aside(url) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(name))


def await_hanging(url: str, count: int = 1, *, again: Callable[[], object] | None = None) -> None:
    """Until so many commits wait in that database. `again` makes one, and is called until then: a
    server takes a moment to know of a new setting everywhere, and does not wait before."""
    deadline = monotonic() + SECONDS
    with _aside(url) as connection:
        while connection.execute(_WAITING).fetchone() != (count,):
            assert monotonic() < deadline
            if again:
                again()
            sleep(0.05 if again else 0.005)


def _aside(url: str) -> psycopg.Connection[tuple[int]]:
    return psycopg.connect(url, autocommit=True, options="-c synchronous_commit=local")
