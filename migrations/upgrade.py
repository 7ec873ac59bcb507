"""Bring a native database to the schema of this code; one at a time, however many ask for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

from legacy_bridge.replication.connections import NATIVE, open_connection
from legacy_bridge.replication.faults import BridgeError

FOLDER = Path(__file__).parent
LOCK = 0x53_54_52_44_42  # "STRDB"
LOCK_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Step:
    """One migration: its revision and first line of text."""

    revision: str
    title: str


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """A connection of SQLAlchemy's to `postgresql://…`, whatever libpq lets that say."""

    def create() -> psycopg.Connection:
        connection = open_connection(url, NATIVE)
        connection.autocommit = False
        return connection

    engine = create_engine("postgresql+psycopg://", creator=create, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; its commands run on `connection`."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> list[Step]:
    """Apply what is missing and return it in order; waits while another one upgrades.

    Raises `BridgeError` for a database that is ahead of this code.
    """
    while not _try_lock(connection):
        time.sleep(LOCK_POLL_SECONDS)
    try:
        missing = pending(connection)
        connection.commit()
        if missing:
            command.upgrade(config(connection), "head")
            connection.commit()
        return missing
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


def _try_lock(connection: Connection) -> bool:
    """Asking again and again: a query that waits would hold up CREATE INDEX CONCURRENTLY."""
    locked = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK})
    connection.commit()
    return bool(locked)


def pending(connection: Connection) -> list[Step]:
    """The migrations that this database lacks, oldest first."""
    scripts = ScriptDirectory.from_config(config())
    current = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in scripts.walk_revisions()}
    if unknown := set(current) - known:
        raise BridgeError(
            f"{NATIVE} is at revision {', '.join(sorted(unknown))}, which this version of the code "
            "does not know: a newer one has upgraded it — run that version"
        )
    applied = {script.revision for script in scripts.iterate_revisions(current, "base")}
    newest_first = (s for s in scripts.walk_revisions() if s.revision not in applied)
    return [Step(s.revision, s.doc.rstrip(".")) for s in reversed(list(newest_first))]


def head() -> str | None:
    """The revision that this code works with."""
    return ScriptDirectory.from_config(config()).get_current_head()
