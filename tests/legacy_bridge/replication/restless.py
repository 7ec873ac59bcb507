"""A legacy database in which much happens: rows come, go, change places and keys, and take from
each other what only one may have. Everything follows from the seed."""

from collections.abc import Callable
from random import Random
from typing import Any, LiteralString

import psycopg

Legacy = psycopg.Connection[tuple[Any, ...]]

SETUP: LiteralString = """
ALTER TABLE boxes_box ALTER content SET STORAGE EXTERNAL;
ALTER TABLE downloads_release ALTER content SET STORAGE EXTERNAL;
INSERT INTO boxes_box
SELECT n, now(), now(), 'label ' || n, repeat('x', 3000) || n, 'html', '', NULL, NULL
FROM generate_series(2, 40) AS n;
INSERT INTO pages_page
SELECT n, now(), now(), 'page ' || n, '', '', 'path ' || n, '', 'html', true, '', '', '', NULL, NULL
FROM generate_series(2, 20) AS n;
INSERT INTO pages_image SELECT n, 'image ' || n, 1 + n % 20 FROM generate_series(2, 30) AS n;
INSERT INTO downloads_release
SELECT n, now(), now(), 'release ' || n, 'release-' || n, 3, false, true, false, true, now(), '',
       repeat('y', 3000) || n, 'markdown', '', NULL, NULL, 1 + n % 20
FROM generate_series(3, 30) AS n;
INSERT INTO downloads_releasefile
SELECT n, now(), now(), 'file ' || n, 'file-' || n, '', false, '', '', '', n, false, NULL, NULL,
       1 + n % 3, 1 + n % 30, '', '', '', '', ''
FROM generate_series(4, 4) AS n;
INSERT INTO downloads_releasefile
SELECT n, now(), now(), 'file ' || n, 'file-' || n, '', false, 'https://www.python.org/ftp/' || n,
       '', '', n, false, NULL, NULL, 1 + n % 3, 1 + n % 30, '', '', '', '', ''
FROM generate_series(5, 40) AS n;
"""


class Restless:
    """What the legacy database itself refuses did not happen."""

    def __init__(self, url: str, seed: int) -> None:
        self._url = url
        self._random = Random(seed)
        self._made = 0

    def happen(self, transactions: int = 12) -> None:
        with psycopg.connect(self._url, autocommit=True) as legacy:
            for _ in range(transactions):
                try:
                    with legacy.transaction():
                        for _ in range(self._random.randint(1, 4)):
                            self._random.choice(EVENTS)(self, legacy)
                except (psycopg.IntegrityError, psycopg.errors.ObjectInUse):
                    pass

    def key(self) -> int:
        return self._random.randint(1, 45)

    def new(self) -> int:
        self._made += 1
        return self._made


def box_comes(world: Restless, legacy: Legacy) -> None:
    legacy.execute(
        "INSERT INTO boxes_box VALUES (%s, now(), now(), %s, %s, 'html', '', NULL, NULL)",
        [world.key(), f"label {world.key()}", f"{'z' * 3000}{world.new()}"],
    )


def box_goes(world: Restless, legacy: Legacy) -> None:
    legacy.execute("DELETE FROM boxes_box WHERE id = %s", [world.key()])


def box_is_renamed(world: Restless, legacy: Legacy) -> None:
    """The large content does not come with this change."""
    legacy.execute(
        "UPDATE boxes_box SET label = %s WHERE id = %s", [f"label {world.key()}", world.key()]
    )


def box_is_rewritten(world: Restless, legacy: Legacy) -> None:
    legacy.execute(
        "UPDATE boxes_box SET content = %s WHERE id = %s",
        [f"{'w' * 3000}{world.new()}", world.key()],
    )


def box_gets_another_key(world: Restless, legacy: Legacy) -> None:
    legacy.execute("UPDATE boxes_box SET id = %s WHERE id = %s", [world.key(), world.key()])


def boxes_swap_their_labels(world: Restless, legacy: Legacy) -> None:
    one, other = world.key(), world.key()
    labels = "SELECT id, label FROM boxes_box WHERE id IN (%s, %s)"
    found: dict[int, str] = dict(legacy.execute(labels, [one, other]).fetchall())
    if len(found) == 2:
        rename = "UPDATE boxes_box SET label = %s WHERE id = %s"
        legacy.execute(rename, ["in between", one])
        legacy.execute(rename, [found[one], other])
        legacy.execute(rename, [found[other], one])


def family_comes(world: Restless, legacy: Legacy) -> None:
    page, release = world.key(), world.key()
    legacy.execute(
        "INSERT INTO pages_page VALUES (%s, now(), now(), '', '', '', %s, '', 'html', true, '', '',"
        " '', NULL, NULL)",
        [page, f"path {world.key()}"],
    )
    legacy.execute("INSERT INTO pages_image VALUES (%s, 'new', %s)", [world.key(), page])
    legacy.execute(
        "INSERT INTO downloads_release VALUES (%s, now(), now(), '', %s, 3, false, true, false,"
        " true, now(), '', %s, 'html', '', NULL, NULL, %s)",
        [release, f"release-{world.key()}", f"{'v' * 3000}{world.new()}", page],
    )
    legacy.execute(
        "UPDATE downloads_releasefile SET release_id = %s WHERE id = %s", [release, world.key()]
    )


def family_goes(world: Restless, legacy: Legacy) -> None:
    page = world.key()
    legacy.execute(
        "DELETE FROM downloads_releasefile WHERE release_id IN"
        " (SELECT id FROM downloads_release WHERE release_page_id = %s)",
        [page],
    )
    legacy.execute("DELETE FROM downloads_release WHERE release_page_id = %s", [page])
    legacy.execute("DELETE FROM pages_image WHERE page_id = %s", [page])
    legacy.execute("DELETE FROM pages_page WHERE id = %s", [page])


def children_move(world: Restless, legacy: Legacy) -> None:
    """To the parent whose key is nearest to one that is thought of."""
    legacy.execute(
        "UPDATE pages_image SET page_id ="
        " (SELECT id FROM pages_page ORDER BY abs(id - %s), id LIMIT 1) WHERE id = %s",
        [world.key(), world.key()],
    )
    legacy.execute(
        "UPDATE downloads_release SET release_page_id ="
        " (SELECT id FROM pages_page ORDER BY abs(id - %s), id LIMIT 1) WHERE id = %s",
        [world.key(), world.key()],
    )
    legacy.execute(
        "UPDATE downloads_releasefile SET slug = %s, release_id ="
        " (SELECT id FROM downloads_release ORDER BY abs(id - %s), id LIMIT 1) WHERE id = %s",
        [f"file-{world.key()}", world.key(), world.key()],
    )


def release_gets_another_key(world: Restless, legacy: Legacy) -> None:
    old, new = world.key(), world.key()
    legacy.execute("UPDATE downloads_release SET id = %s WHERE id = %s", [new, old])
    legacy.execute(
        "UPDATE downloads_releasefile SET release_id = %s WHERE release_id = %s", [new, old]
    )


def all_images_go(world: Restless, legacy: Legacy) -> None:
    if world.key() < 4:
        legacy.execute("TRUNCATE pages_image")


EVENTS: tuple[Callable[[Restless, Legacy], None], ...] = (
    box_comes,
    box_goes,
    box_is_renamed,
    box_is_rewritten,
    box_gets_another_key,
    boxes_swap_their_labels,
    family_comes,
    family_goes,
    children_move,
    release_gets_another_key,
    all_images_go,
)
