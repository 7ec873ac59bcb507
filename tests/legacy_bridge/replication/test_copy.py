"""A copy of real tables between real databases: equal afterwards, and nothing done twice."""

from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
import pytest

from legacy_bridge.replication.connections import who
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.records import last_copies
from tests.legacy_bridge.replication.sides import Sides, ask, changes, run, table
from tests.longer import sampled

EVERY_VERSION: LiteralString = """
SELECT 'pages', id, xmin::text FROM pages UNION ALL SELECT 'sites', id, xmin::text FROM sites
UNION ALL SELECT 'boxes', id, xmin::text FROM boxes
UNION ALL SELECT 'operating_systems', id, xmin::text FROM operating_systems
UNION ALL SELECT 'releases', id, xmin::text FROM releases
UNION ALL SELECT 'release_files', id, xmin::text FROM release_files
ORDER BY 1, 2
"""
"""Which transaction wrote each row: another one only if the row was rewritten."""


class WriteWhileReading:
    """Commits something in the legacy database when the copy begins to read a table."""

    def __init__(self, url: str, at: str, statements: LiteralString) -> None:
        self._url, self._at, self._statements = url, at, statements

    def reading(self, table: str, rows: int, expected: int) -> None:
        if (table, rows) == (self._at, 0):
            run(self._url, self._statements)

    def merging(self) -> None: ...


def test_the_first_copy_is_equal(sides: Sides) -> None:
    report = sides.copy()
    assert sides.unequal() == []
    assert report.equal
    assert report.warnings == ()
    assert changes(report) == {
        "pages": (1, 0, 0),
        "page_images": (1, 0, 0),
        "sites": (1, 0, 0),
        "redirects": (1, 0, 0),
        "boxes": (1, 0, 0),
        "operating_systems": (3, 0, 0),
        "releases": (2, 0, 0),
        "release_files": (3, 0, 0),
    }
    assert table(report, "release_files").rows == 3


def test_values_arrive_as_they_are(empty: Sides) -> None:
    texts = [
        "",
        " ",
        "NULL",
        "\\N",
        "\\.",
        "back\\slash \\n",
        "line\nline\r\n\ttab\x01\x7f",
        "\"quoted\", 'quoted'",
        "Ünïcödé 🐍 \u202e \ufeff e\u0301 \U0010ffff",
        "x" * 5_000_000,
    ]
    moments: list[Any] = [
        "2020-01-01 00:00:00.000001+00",
        "2020-01-01 23:59:59.999999+14",
        "0044-03-15 12:00:00+00 BC",
        "9999-12-31 23:59:59.999999+00",
        "infinity",
        "-infinity",
    ]
    numbers: list[int | None] = [None, 0, -1, 2**31 - 1, -(2**31)]
    with psycopg.connect(empty.legacy) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO boxes_box VALUES (%s, %s, %s, %s, %s, 'html', %s, %s, NULL)",
            [
                (
                    number,
                    moments[number % len(moments)],
                    moments[-number % len(moments)],
                    f"label {number} {texts[number % 9]}",
                    texts[number % len(texts)],
                    texts[-number % len(texts)],
                    numbers[number % len(numbers)],
                )
                for number in (*range(-30, 30), 2**31 - 1, -(2**31))
            ],
        )
    report = empty.copy("boxes")
    assert report.equal
    assert table(report, "boxes").inserted == 62
    assert empty.unequal() == []


def test_repeating_writes_nothing(sides: Sides) -> None:
    sides.copy()
    before = ask(sides.native, EVERY_VERSION)
    report = sides.copy()
    assert changes(report) == {}
    assert table(report, "release_files").rows == 3
    assert ask(sides.native, EVERY_VERSION) == before


def test_only_what_changed_is_written(sides: Sides) -> None:
    sides.copy()
    before = {row[:2]: row[2] for row in ask(sides.native, EVERY_VERSION)}
    run(
        sides.legacy,
        """
        UPDATE downloads_release SET content = content || '!' WHERE id = 2;
        DELETE FROM downloads_releasefile WHERE id = 3;
        DELETE FROM downloads_os WHERE id = 3;
        INSERT INTO downloads_os (id, created, updated, name, slug)
        VALUES (9, '2020-01-01', '2020-01-01', 'Android', 'android');
        """,
    )
    report = sides.copy()
    assert changes(report) == {
        "operating_systems": (1, 0, 1),
        "releases": (0, 1, 0),
        "release_files": (0, 0, 1),
    }
    assert sides.unequal() == []
    after = {row[:2]: row[2] for row in ask(sides.native, EVERY_VERSION)}
    assert {row for row in after if after[row] != before.get(row)} == {
        ("operating_systems", 9),
        ("releases", 2),
    }


@pytest.mark.parametrize("value", sampled(["''", "'A'", "'a '", "'e\u0301'"], short=2))
def test_small_differences_are_seen(sides: Sides, value: LiteralString) -> None:
    run(sides.legacy, "UPDATE boxes_box SET content = 'a', last_modified_by_id = NULL")
    sides.copy()
    run(sides.legacy, f"UPDATE boxes_box SET content = {value}")
    assert changes(sides.copy()) == {"boxes": (0, 1, 0)}
    assert sides.unequal() == []


def test_null_and_zero_are_different(sides: Sides) -> None:
    sides.copy()
    run(sides.legacy, "UPDATE boxes_box SET last_modified_by_id = 0")
    assert changes(sides.copy()) == {"boxes": (0, 1, 0)}
    run(sides.legacy, "UPDATE boxes_box SET last_modified_by_id = NULL")
    assert changes(sides.copy()) == {"boxes": (0, 1, 0)}
    assert sides.unequal() == []


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (
            (
                "UPDATE downloads_os SET slug = 'x' WHERE id = 1;"
                "UPDATE downloads_os SET slug = 'source' WHERE id = 2;"
                "UPDATE downloads_os SET slug = 'windows' WHERE id = 1;"
            ),
            {"operating_systems": (0, 2, 0)},
        ),
        (
            "UPDATE downloads_releasefile SET os_id = 1, download_button = id = 2 WHERE id < 3",
            {"release_files": (0, 2, 0)},
        ),
        (
            (
                "DELETE FROM downloads_release WHERE id = 2;"
                "UPDATE downloads_release SET slug = 'python-3130' WHERE id = 1;"
                "INSERT INTO downloads_release SELECT 3, created, updated, name, 'python-3140',"
                " version, is_latest, is_published, pre_release, show_on_download_page,"
                " release_date, release_notes_url, content, content_markup_type, _content_rendered,"
                " creator_id, last_modified_by_id, release_page_id FROM downloads_release"
                " WHERE id = 1"
            ),
            {"releases": (1, 1, 1)},
        ),
    ],
    ids=["two slugs swapped", "the download button moved", "slugs of a deleted and a new row"],
)
def test_unique_values_that_wander(
    sides: Sides, statements: LiteralString, expected: dict[str, tuple[int, int, int]]
) -> None:
    sides.copy()
    run(sides.legacy, statements)
    report = sides.copy()
    assert report.equal
    assert changes(report) == expected
    assert sides.unequal() == []


def test_native_columns_keep_their_values(sides: Sides) -> None:
    sides.copy()
    run(
        sides.native,
        """
        ALTER TABLE operating_systems ADD note text NOT NULL DEFAULT 'new';
        UPDATE operating_systems SET note = 'ours ' || id;
        """,
    )
    run(sides.legacy, "UPDATE downloads_os SET name = upper(name) WHERE id = 3")
    sides.copy()
    run(
        sides.legacy,
        """
        UPDATE downloads_os SET slug = 'x' WHERE id = 1;
        UPDATE downloads_os SET slug = 'source' WHERE id = 2;
        UPDATE downloads_os SET slug = 'windows' WHERE id = 1;
        INSERT INTO downloads_os (id, created, updated, name, slug)
        VALUES (4, '2020-01-01', '2020-01-01', 'Android', 'android');
        """,
    )
    sides.copy()
    assert ask(sides.native, "SELECT slug, note FROM operating_systems ORDER BY id") == [
        ("windows", "ours 1"),
        ("source", "ours 2"),
        ("macos", "ours 3"),
        ("android", "new"),
    ]


def test_all_tables_are_of_one_moment(sides: Sides) -> None:
    later: LiteralString = """
        INSERT INTO downloads_os (id, created, updated, name, slug)
        VALUES (4, '2020-01-01', '2020-01-01', 'Android', 'android');
        UPDATE downloads_releasefile SET os_id = 4;
        DELETE FROM downloads_os WHERE id < 4;
    """
    watch = WriteWhileReading(sides.legacy, "release_files", later)
    assert sides.copy(watch=watch).equal
    assert ask(sides.native, "SELECT id FROM operating_systems ORDER BY id") == [(1,), (2,), (3,)]
    assert ask(sides.native, "SELECT os_id FROM release_files ORDER BY id") == [(1,), (2,), (3,)]
    assert sides.copy().equal
    assert sides.unequal() == []


def test_keys_go_on_after_the_largest(sides: Sides) -> None:
    run(sides.native, "ALTER TABLE boxes ALTER id RESTART 500")
    sides.copy()
    numbers: LiteralString = """
        SELECT nextval('operating_systems_id_seq'), nextval('boxes_id_seq'),
               nextval('page_documents_id_seq')
    """
    assert ask(sides.native, numbers) == [(4, 500, 1)]
    sides.copy()
    assert ask(sides.native, numbers) == [(5, 501, 2)]


def test_one_domain_leaves_the_others_alone(sides: Sides) -> None:
    assert [t.native for t in sides.copy("boxes").tables] == ["boxes"]
    assert ask(sides.native, "SELECT count(*) FROM pages") == [(0,)]


def test_rows_that_another_domain_still_refers_to(sides: Sides) -> None:
    sides.copy()
    run(
        sides.legacy,
        """
        UPDATE downloads_release SET release_page_id = NULL;
        DELETE FROM pages_image;
        DELETE FROM pages_page;
        """,
    )
    with pytest.raises(BridgeError) as refused:
        sides.copy("pages")
    assert str(refused.value) == (
        "rows that vanished from the legacy database are still referred to: "
        'Key (id)=(1) is still referenced from table "releases". — '
        "copy all domains together (leave out --domain)"
    )
    assert ask(sides.native, "SELECT count(*) FROM page_images") == [(1,)]
    assert sides.copy("pages", "downloads").equal
    assert sides.unequal() == []


def test_every_copy_is_on_record(sides: Sides) -> None:
    assert last_copies(sides.native) == ()
    sides.copy("boxes")
    report = sides.copy()
    copies = {copy.table_name: copy for copy in last_copies(sides.native)}
    assert list(copies) == [
        "boxes",
        "operating_systems",
        "release_files",
        "releases",
        "page_documents",
        "page_images",
        "pages",
        "redirects",
        "sites",
    ]
    releases = copies["releases"]
    assert (releases.domain, releases.rows_read, releases.inserted) == ("downloads", 2, 2)
    assert copies["boxes"].inserted == 0
    assert releases.snapshot_lsn == report.snapshot.lsn
    assert releases.snapshot_at == report.snapshot.taken_at
    assert releases.started_at == report.started_at
    assert releases.started_at < releases.snapshot_at < releases.finished_at < datetime.now(UTC)
    assert releases.made_by == who()


def test_before_the_first_migration_there_are_no_records(sides: Sides) -> None:
    with pytest.raises(BridgeError) as refused:
        last_copies(sides.legacy)
    assert str(refused.value) == (
        "the native database is not up to date: run `strangler db upgrade`"
    )
