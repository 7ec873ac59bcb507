"""Two databases with the project's own tables: rows, peers' tables, and what is asked of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from legacy_bridge.replication.mapping import TableMapping
from migrations.upgrade import connect, upgrade
from ported_domains.boxes.mapping import MAPPING as BOXES
from ported_domains.pages.mapping import MAPPING as PAGES
from proxy.bench.bridge.statements import (
    FILL_NARROW,
    FILL_WIDE,
    LEGACY_TABLES,
)
from proxy.embedded.stack import EmbeddedStack

OPTIONS = {
    # What a first copy of 10 million rows and a transaction of 1 GiB leave in the log is more than
    # somebody who tries the demo should have to keep.
    "max_slot_wal_keep_size": "-1",
    "max_wal_size": "4GB",
}
LEGACY, NATIVE = "legacy", "native"
NARROW, WIDE = "boxes", "pages"
"""Domains; of the second one only the table of its pages."""


def mappings(names: Sequence[str] = (NARROW, WIDE)) -> dict[str, Sequence[TableMapping]]:
    """The two are named one by one: all domains would be most of the memory of a process."""
    return {name: _MAPPINGS[name] for name in names}


_MAPPINGS = {NARROW: BOXES, WIDE: PAGES[:1]}


def mapping_of(domain: str) -> TableMapping:
    (mapping,) = mappings((domain,))[domain]
    return mapping


@dataclass(frozen=True, slots=True)
class Site:
    """Two databases on one server, by URL."""

    legacy: str
    native: str

    def run(self, url: str, statement: LiteralString | sql.Composed, *values: object) -> list[Any]:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def clear(self) -> None:
        """Without rows, without streams that anybody could go on with, owned by the legacy side."""
        self.run(self.native, "UPDATE bridge_owners SET owner = 'legacy', epoch = epoch + 1")
        for url in (self.legacy, self.native):
            self.run(url, _DROP_SLOTS)
        for domain in (NARROW, WIDE):
            mapping = mapping_of(domain)
            for url, name in ((self.legacy, mapping.legacy), (self.native, mapping.native)):
                self.run(url, sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(name)))

    def fill(self, domain: str, rows: int) -> None:
        """Make the legacy table so many rows, with ids from 1."""
        statement = FILL_NARROW if domain == NARROW else FILL_WIDE
        self.run(self.legacy, statement, rows)
        table = sql.Identifier(mapping_of(domain).legacy)
        self.run(self.legacy, sql.SQL("VACUUM (ANALYZE) {}").format(table))

    def empty(self, domain: str) -> None:
        table = sql.Identifier(mapping_of(domain).native)
        self.run(self.native, sql.SQL("TRUNCATE {} CASCADE").format(table))

    def twin(self, domain: str) -> str:
        """An empty table like the native one, with all that it checks, for peers: its name."""
        mapping = mapping_of(domain)
        name = f"plain_{mapping.native}"
        names = {"twin": sql.Identifier(name), "table": sql.Identifier(mapping.native)}
        for statement in (
            sql.SQL("DROP TABLE IF EXISTS {twin}").format(**names),
            sql.SQL("CREATE TABLE {twin} (LIKE {table} INCLUDING ALL)").format(**names),
        ):
            self.run(self.native, statement)
        for constraint, definition in self.run(self.native, _FOREIGN_KEYS, mapping.native):
            added = sql.SQL("ALTER TABLE {twin} ADD CONSTRAINT {key} ").format(
                twin=names["twin"], key=sql.Identifier(constraint)
            )
            self.run(self.native, added + sql.SQL(definition))
        return name

    def settle(self) -> None:
        """Have what was written before on the disk, so that it is not part of what comes."""
        self.run(self.native, "CHECKPOINT")

    def differing(self, domain: str) -> list[str]:
        """What is wrong with the copy, as an error; rows are counted and not looked at."""
        mapping = mapping_of(domain)
        counted = [
            self.run(url, sql.SQL("SELECT count(*), sum(id) FROM {}").format(sql.Identifier(name)))
            for url, name in ((self.legacy, mapping.legacy), (self.native, mapping.native))
        ]
        return [] if counted[0] == counted[1] else [f"{domain}: rows differ: {counted}"]


_DROP_SLOTS: LiteralString = """
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
WHERE database = current_database()
"""
_FOREIGN_KEYS: LiteralString = """
SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = to_regclass(%s)
"""


@contextmanager
def a_site() -> Iterator[Site]:
    """On a durable server of our own. Raises `EmbeddedError` where it does not start."""
    with TemporaryDirectory(prefix="strangler-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL may run as another account, which has to get in
        stack = EmbeddedStack(folder / "stack", options=OPTIONS)
        try:
            legacy = stack.create_database(LEGACY)
            with psycopg.connect(legacy) as connection:
                connection.execute(LEGACY_TABLES)
            native = stack.create_database(NATIVE)
            with connect(native) as upgrading:
                upgrade(upgrading)
            yield Site(legacy, native)
        finally:
            stack.delete()
