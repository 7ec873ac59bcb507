"""A native database with a few rows of downloads, whose changes are announced; and its writers."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psycopg

from legacy_bridge.reactions.announcing import announce, native_tables
from ported_domains.registry import mappings

SECONDS = 60.0
TABLES = native_tables(mappings())
ROWS = """
INSERT INTO operating_systems (id, created, updated, name, slug)
VALUES (1, now(), now(), 'Windows', 'windows');
INSERT INTO releases (id, created, updated, name, slug, version, is_latest, is_published,
    pre_release, show_on_download_page, release_date, release_notes_url,
    content, content_markup_type, content_rendered)
VALUES (1, now(), now(), 'Python 3.14.0', 'python-3140', 3, true, true, false, true, now(), '',
    'x', 'html', 'x');
"""


def write(url: str, statement: str, **values: object) -> None:
    """Committed, and on the disk, when it returns."""
    with psycopg.connect(url, options="-c synchronous_commit=on") as connection:
        connection.execute(statement.encode(), values)


def rename(url: str, name: str) -> None:
    """What all pages of downloads show: the name of an operating system."""
    write(url, "UPDATE operating_systems SET name = %(name)s WHERE id = 1", name=name)


@contextmanager
def announcing(url: str) -> Iterator[Event]:
    """In a thread; the event ends it."""
    stop = Event()
    thread = Thread(target=announce, args=(url, TABLES, stop))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(SECONDS)
    assert not thread.is_alive()
