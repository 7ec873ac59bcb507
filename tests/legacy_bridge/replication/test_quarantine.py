"""Rows that the native tables refuse: named, set apart, and in nobody's way."""

from typing import LiteralString

import pytest

from legacy_bridge.replication.quarantine import Refused
from tests.legacy_bridge.replication.sides import Sides, ask, changes, run, table

QUARANTINE: LiteralString = (
    "SELECT table_name, key, reason, outcome FROM bridge_quarantine ORDER BY table_name, key"
)
URLS = 'new row for relation "release_files" violates check constraint "ck_release_files_own_urls"'


@pytest.mark.parametrize(
    ("damage", "native", "refused"),
    [
        (
            "UPDATE downloads_releasefile SET url = 'https://elsewhere.example/' WHERE id = 2",
            "release_files",
            Refused({"id": 2}, URLS, "kept out"),
        ),
        (
            (
                "ALTER TABLE boxes_box ALTER content DROP NOT NULL;"
                "INSERT INTO boxes_box VALUES (2, now(), now(), 'l', NULL, '', '', NULL, NULL)"
            ),
            "boxes",
            Refused(
                {"id": 2},
                'null value in column "content" of relation "boxes" violates not-null constraint',
                "kept out",
            ),
        ),
        (
            (
                "ALTER TABLE downloads_os ALTER name TYPE text;"
                "UPDATE downloads_os SET name = repeat('x', 201) WHERE id = 2;"
                "DELETE FROM downloads_releasefile WHERE os_id = 2"
            ),
            "operating_systems",
            Refused({"id": 2}, "value too long for type character varying(200)", "kept out"),
        ),
        (
            (
                "ALTER TABLE downloads_os DROP CONSTRAINT downloads_os_slug_key;"
                "UPDATE downloads_os SET slug = 'source' WHERE id = 3;"
                "DELETE FROM downloads_releasefile WHERE os_id = 3"
            ),
            "operating_systems",
            Refused(
                {"id": 3},
                'duplicate key value violates unique constraint "uq_operating_systems_slug": '
                "Key (slug)=(source) already exists.",
                "kept out",
            ),
        ),
        (
            (
                "ALTER TABLE downloads_releasefile"
                " DROP CONSTRAINT downloads_releasefile_os_id_fkey;"
                "UPDATE downloads_releasefile SET os_id = 77 WHERE id = 2"
            ),
            "release_files",
            Refused({"id": 2}, "os_id: no such row in operating_systems", "kept out"),
        ),
    ],
    ids=["check", "not null", "too long", "unique", "foreign key"],
)
def test_a_refused_row_is_kept_out_and_the_rest_flows(
    sides: Sides, damage: LiteralString, native: str, refused: Refused
) -> None:
    run(sides.legacy, damage)
    report = sides.copy()
    assert not report.equal
    assert [t.native for t in report.tables if t.refused] == [native]
    assert table(report, native).refused == (refused,)
    assert sides.unequal() == [native]
    assert ask(sides.native, QUARANTINE) == [(native, refused.key, refused.reason, refused.outcome)]
    run(sides.legacy, delete_row(report_table=native, key=refused.key["id"]))
    assert sides.copy().equal
    assert sides.unequal() == []
    assert ask(sides.native, QUARANTINE) == []


def delete_row(report_table: str, key: int) -> LiteralString:
    legacy = {
        "boxes": "boxes_box",
        "operating_systems": "downloads_os",
        "release_files": "downloads_releasefile",
    }[report_table]
    return f"DELETE FROM {legacy} WHERE id = {key:d}"


def test_a_row_that_becomes_bad_stays_as_it_was(sides: Sides) -> None:
    sides.copy()
    run(
        sides.legacy,
        """
        UPDATE downloads_releasefile SET url = 'https://elsewhere.example/' WHERE id = 2;
        UPDATE downloads_releasefile SET name = 'changed' WHERE id = 3;
        """,
    )
    report = sides.copy()
    assert table(report, "release_files").refused == (Refused({"id": 2}, URLS, "kept as it was"),)
    assert changes(report) == {"release_files": (0, 1, 0)}
    assert ask(sides.native, "SELECT id, name, url FROM release_files WHERE id > 1 ORDER BY 1") == [
        (2, "file 2", "https://www.python.org/ftp/2"),
        (3, "changed", "https://www.python.org/ftp/3"),
    ]


def test_the_first_meeting_is_remembered(sides: Sides) -> None:
    run(sides.legacy, "UPDATE downloads_releasefile SET url = 'http://a.example/' WHERE id = 2")
    sides.copy()
    since: LiteralString = "SELECT since FROM bridge_quarantine"
    first = ask(sides.native, since)
    sides.copy()
    assert ask(sides.native, since) == first
    run(sides.legacy, "UPDATE downloads_releasefile SET url = '' WHERE id = 2")
    assert sides.copy().equal
    assert ask(sides.native, since) == []


def test_children_of_a_refused_row_wait_with_it(sides: Sides) -> None:
    run(
        sides.legacy,
        """
        ALTER TABLE downloads_release ALTER name TYPE text;
        UPDATE downloads_release SET name = repeat('x', 201) WHERE id = 1;
        """,
    )
    report = sides.copy()
    reason = "release_id: no such row in releases"
    assert table(report, "release_files").refused == tuple(
        Refused({"id": key}, reason, "kept out") for key in (1, 2, 3)
    )
    assert ask(sides.native, "SELECT count(*) FROM release_files") == [(0,)]
    run(sides.legacy, "UPDATE downloads_release SET name = 'Python 3.14.0' WHERE id = 1")
    assert sides.copy().equal
    assert sides.unequal() == []


def test_a_swap_beside_a_refused_row(sides: Sides) -> None:
    sides.copy()
    run(
        sides.legacy,
        """
        ALTER TABLE downloads_os ALTER name TYPE text;
        UPDATE downloads_os SET slug = 'x' WHERE id = 1;
        UPDATE downloads_os SET slug = 'source' WHERE id = 3;
        UPDATE downloads_os SET slug = 'macos' WHERE id = 1;
        UPDATE downloads_os SET name = repeat('x', 201) WHERE id = 2;
        """,
    )
    report = sides.copy()
    assert changes(report) == {"operating_systems": (0, 2, 0)}
    assert [row.key for row in table(report, "operating_systems").refused] == [{"id": 2}]
    assert ask(sides.native, "SELECT id, slug FROM operating_systems ORDER BY id") == [
        (1, "macos"),
        (2, "windows"),
        (3, "source"),
    ]


def test_an_old_row_whose_place_is_taken_goes(sides: Sides) -> None:
    sides.copy()
    run(
        sides.legacy,
        """
        ALTER TABLE downloads_os ALTER name TYPE text;
        UPDATE downloads_os SET slug = 'x', name = repeat('x', 201) WHERE id = 2;
        UPDATE downloads_os SET slug = 'windows' WHERE id = 1;
        DELETE FROM downloads_releasefile WHERE os_id = 2;
        """,
    )
    report = sides.copy()
    assert [(r.key, r.outcome) for r in table(report, "operating_systems").refused] == [
        ({"id": 2}, "kept out")
    ]
    assert ask(sides.native, "SELECT id, slug FROM operating_systems ORDER BY id") == [
        (1, "windows"),
        (3, "macos"),
    ]


def test_every_bad_row_among_many_is_found(empty: Sides) -> None:
    run(
        empty.legacy,
        """
        ALTER TABLE boxes_box ALTER label TYPE text;
        INSERT INTO boxes_box
        SELECT n, now(), now(), CASE WHEN n % 97 = 0 THEN repeat('x', 101) || n ELSE n::text END,
               '', '', '', NULL, NULL
        FROM generate_series(1, 1000) AS n;
        """,
    )
    report = empty.copy("boxes")
    boxes = table(report, "boxes")
    assert [row.key["id"] for row in boxes.refused] == list(range(97, 1001, 97))
    assert (boxes.rows, boxes.inserted) == (1000, 990)
    assert ask(empty.native, "SELECT count(*) FROM boxes") == [(990,)]


def test_what_a_trigger_makes_of_a_row_is_seen(sides: Sides) -> None:
    run(
        sides.native,
        """
        CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN new.label := upper(new.label); RETURN new; END';
        CREATE TRIGGER shout BEFORE INSERT ON boxes FOR EACH ROW EXECUTE FUNCTION shout();
        """,
    )
    reason = "the native table keeps other values than were written: a trigger or a type"
    assert table(sides.copy(), "boxes").refused == (
        Refused({"id": 1}, reason, "written, but differs"),
    )
