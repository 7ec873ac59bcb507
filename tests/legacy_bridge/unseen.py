"""A commit that waits for a standby: it is in the log already, and nobody sees it yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic
from typing import LiteralString

import psycopg

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
    with psycopg.connect(url, autocommit=True, options="-c synchronous_commit=local") as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try:
            connection.execute("SELECT pg_reload_conf()")
            writer.start()
            deadline = monotonic() + SECONDS
            while connection.execute(_WAITING).fetchone() != (1,):
                assert monotonic() < deadline
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")
    writer.join(SECONDS)
    assert not writer.is_alive()
