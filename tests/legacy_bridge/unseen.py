"""Commits that wait for a standby: they are in the log already, and nobody sees them yet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep
from typing import LiteralString

import psycopg
from psycopg import sql

SECONDS = 60.0
_WAITS = "-c synchronous_commit=remote_apply"
_WAITING: LiteralString = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND datname = current_database()
"""


@contextmanager
def unseen(url: str, statement: LiteralString) -> Iterator[None]:
    """The statement is in the log when the block begins; everybody sees it after the block."""

    def commit() -> None:
        with psycopg.connect(url, options=_WAITS) as connection:
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
    """Whoever wants the standby to have a commit waits within the block, and not after it."""
    with _aside(url) as connection, _elsewhere(url) as committing:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try:
            connection.execute("SELECT pg_reload_conf()")
            _commit_until_it_hangs(committing, connection)
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")
            committing.execute(_COMMIT)


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


def _commit_until_it_hangs(
    committing: psycopg.Connection[tuple[int]], aside: psycopg.Connection[tuple[int]]
) -> None:
    """A server obeys a new setting when its checkpointer has read it, which nothing else tells."""
    pid, hangs = committing.info.backend_pid, Event()

    def commit() -> None:
        while not hangs.is_set():
            committing.execute(_COMMIT)

    writer = Thread(target=commit)
    writer.start()
    try:
        deadline = monotonic() + SECONDS
        while aside.execute(_HANGS, [pid]).fetchone() is None:
            assert monotonic() < deadline
            sleep(0.005)
    finally:
        hangs.set()
        aside.execute("SELECT pg_cancel_backend(%s)", [pid])  # it is committed, and waits no more
        writer.join(SECONDS)
    assert not writer.is_alive()


_COMMIT: LiteralString = "SELECT pg_logical_emit_message(true, '', '')"
_HANGS: LiteralString = "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'"


def _elsewhere(url: str) -> psycopg.Connection[tuple[int]]:
    """In a database of which no stream tells, with commits that wait for the standby."""
    database = f"{url.rpartition('/')[0]}/postgres"
    return psycopg.connect(database, autocommit=True, options=_WAITS)


def _aside(url: str) -> psycopg.Connection[tuple[int]]:
    return psycopg.connect(url, autocommit=True, options="-c synchronous_commit=local")
