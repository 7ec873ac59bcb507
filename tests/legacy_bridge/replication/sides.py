"""Two databases side by side: the few rows that most tests start from, and ways to look at both."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from legacy_bridge.replication.copy import CopyReport, Watch, copy_domains
from legacy_bridge.replication.records import CopiedTable
from ported_domains.registry import mappings

TABLES = (Path(__file__).parent / "legacy_tables.sql").read_bytes()
MAPPINGS = mappings()
FEW = ("pages", "boxes", "downloads")
"""The domains whose tables and rows are made here; the bundled site has those of all."""

ROWS: LiteralString = """
INSERT INTO django_site (id, domain, name) VALUES (1, 'www.example.org', 'example');
INSERT INTO django_redirect (id, site_id, old_path, new_path) VALUES (1, 1, '/old/', '/new/');
INSERT INTO pages_page VALUES
    (1, '2020-01-01', '2020-01-02', 'About', '', '', 'about', '', 'markdown', true, 'text/html',
     '<p>', 'pages/default.html', NULL, NULL);
INSERT INTO pages_image (id, page_id, image) VALUES (1, 1, 'pages/a.png');
INSERT INTO boxes_box VALUES (1, '2020-01-01', '2020-01-01', 'label', 'x', 'html', 'x', 5, NULL);
INSERT INTO downloads_os (id, created, updated, name, slug) VALUES
    (1, '2020-01-01', '2020-01-01', 'Source', 'source'),
    (2, '2020-01-01', '2020-01-01', 'Windows', 'windows'),
    (3, '2020-01-01', '2020-01-01', 'macOS', 'macos');
INSERT INTO downloads_release VALUES
    (1, '2020-01-01', '2020-01-01', 'Python 3.14.0', 'python-3140', 3, true, true, false, true,
     '2025-10-07 12:00:00.123456+00', '', 'notes', 'markdown', '<p>notes</p>', NULL, NULL, 1),
    (2, '2020-01-01', '2020-01-01', 'Python 3.13.0', 'python-3130', 3, false, true, false, true,
     '2024-10-07', '', '', 'markdown', '', NULL, NULL, NULL);
INSERT INTO downloads_releasefile
SELECT n, '2020-01-01', '2020-01-01', 'file ' || n, 'file-' || n, '', n = 1,
       'https://www.python.org/ftp/' || n, '', '', 1024, n = 1, NULL, NULL, n, 1, '', '', '', '', ''
FROM generate_series(1, 3) AS n;
"""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two databases, by URL."""

    legacy: str
    native: str

    @property
    def settings(self) -> dict[str, str]:
        """By which commands of ours find both."""
        return {
            "STRANGLER_LEGACY_DATABASE_URL": self.legacy,
            "STRANGLER_DATABASE_URL": self.native,
        }

    def copy(self, *domains: str, watch: Watch | None = None) -> CopyReport:
        wanted = {name: MAPPINGS[name] for name in domains or FEW}
        return copy_domains(self.legacy, self.native, wanted, watch)

    def unequal(self, *domains: str) -> list[str]:
        """Native tables whose mapped columns are not, value for value, the legacy ones."""
        return [
            mapping.native
            for name in domains or FEW
            for mapping in MAPPINGS[name]
            if read(self.legacy, mapping.legacy, [column.legacy for column in mapping.columns])
            != read(self.native, mapping.native, [column.native for column in mapping.columns])
        ]


def read(url: str, table: str, columns: list[str]) -> list[Any]:
    """All rows as the database writes them as text, sorted."""
    query = sql.SQL("SELECT ROW({})::text FROM {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
    )
    with psycopg.connect(url, options="-c TimeZone=UTC") as connection:
        return sorted(connection.execute(query))


def run(url: str, statements: LiteralString) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statements)


def ask(url: str, query: LiteralString) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def table(report: CopyReport, native: str) -> CopiedTable:
    (found,) = (table for table in report.tables if table.native == native)
    return found


def changes(report: CopyReport) -> dict[str, tuple[int, int, int]]:
    """(inserted, updated, deleted) of every table in which anything happened."""
    found = {t.native: (t.inserted, t.updated, t.deleted) for t in report.tables}
    return {name: counts for name, counts in found.items() if any(counts)}
