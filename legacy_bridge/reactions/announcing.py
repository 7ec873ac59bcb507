"""The subscriber that tells the workers' caches which tables changed: one NOTIFY, after the commit.

An ordinary connection sends it, so that it reaches every worker that listens on the database, on
whatever machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import psycopg

from legacy_bridge.beside import beside
from legacy_bridge.reactions.announcement import CHANNEL, Announcement, encode, pulse, together
from legacy_bridge.reactions.changes import Gap
from legacy_bridge.reactions.reacting import react
from legacy_bridge.reactions.subscription import News, Subscription
from legacy_bridge.replication.connections import NATIVE, Connection, open_connection
from legacy_bridge.replication.copy import Domains
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.publication import Tables

NAME = "cache"


def announce(native_url: str, tables: Tables, stop: Event) -> None:
    """Announce changes of `tables` until `stop`. Blocks; to be run in a thread."""
    with announcing(native_url, tables) as subscription:
        react(native_url, [subscription], stop)


@contextmanager
def announced(native_url: str, domains: Domains) -> Iterator[None]:
    """Meanwhile, in a thread, all that the bridge writes natively is announced."""
    tables = native_tables(domains)
    with beside(lambda stop: announce(native_url, tables, stop), "announcing changes"):
        yield


def native_tables(domains: Domains) -> Tables:
    """All that the bridge writes natively, each with its key."""
    return {mapping.native: mapping.key for mapped in domains.values() for mapping in mapped}


@contextmanager
def announcing(native_url: str, tables: Tables) -> Iterator[Subscription]:
    """A subscription that announces the changes of `tables`, for `react`."""
    announcer = _Announcer(native_url)
    try:
        yield Subscription(NAME, tables, announcer.take, announcer.current)
    finally:
        announcer.close()


class _Announcer:
    """Belongs to one thread. What it raises at is told again, over a new connection."""

    def __init__(self, native_url: str) -> None:
        self._native_url = native_url
        self._connection: Connection | None = None
        self._position = Lsn(0)

    def take(self, news: News) -> None:
        if isinstance(news, Gap):
            self._announce(Announcement(news.position, None))
        else:
            self._announce(together(news[-1].position, (one.tables for one in news)))

    def current(self) -> None:
        self._announce(pulse(self._position))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _announce(self, announcement: Announcement) -> None:
        with self._connected() as connection:
            connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, encode(announcement)])
        self._position = announcement.position

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        if self._connection is None:
            self._connection = open_connection(self._native_url, NATIVE)
            # Whoever listens is told at the commit, not at its way to the disk.
            self._connection.execute("SELECT set_config('synchronous_commit', 'off', false)")
        try:
            yield self._connection
        except psycopg.OperationalError:
            self.close()
            raise
