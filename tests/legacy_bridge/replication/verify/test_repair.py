"""A repair copies the rows that differ, and no others."""

from typing import Any, LiteralString

import pytest

from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.quarantine import Refused
from legacy_bridge.replication.verify.repair import RepairReport
from tests.legacy_bridge.replication.sides import Sides, ask, run
from tests.legacy_bridge.replication.verify.pairs import differing, repair, verify

DAMAGE: LiteralString = """
UPDATE releases SET name = 'x' WHERE id = 1;
UPDATE operating_systems SET slug = 'x' WHERE id = 1;
UPDATE operating_systems SET slug = 'source' WHERE id = 2;
UPDATE operating_systems SET slug = 'windows' WHERE id = 1;
DELETE FROM release_files WHERE id = 3;
DELETE FROM operating_systems WHERE id = 3;
INSERT INTO sites VALUES (9, 'other.example', 'other');
"""
VERSIONS: LiteralString = """
SELECT 'releases', id, xmin::text FROM releases UNION ALL
SELECT 'operating_systems', id, xmin::text FROM operating_systems UNION ALL
SELECT 'release_files', id, xmin::text FROM release_files UNION ALL
SELECT 'sites', id, xmin::text FROM sites
"""


def written(report: RepairReport) -> dict[str, tuple[int, int, int]]:
    found = {t.found.native: (t.inserted, t.updated, t.deleted) for t in report.tables}
    return {name: counts for name, counts in found.items() if any(counts)}


def versions(sides: Sides) -> set[Any]:
    return set(ask(sides.native, VERSIONS))


def test_differing_rows_are_copied_again_and_no_others(sides: Sides) -> None:
    sides.copy()
    whole = versions(sides)
    run(sides.native, DAMAGE)
    report = repair(sides)
    assert report.equal
    assert written(report) == {
        "sites": (0, 0, 1),
        "operating_systems": (1, 2, 0),
        "releases": (0, 1, 0),
        "release_files": (1, 0, 0),
    }
    assert sides.unequal() == []
    assert verify(sides).equal
    assert {row[:2] for row in whole - versions(sides)} == {
        ("operating_systems", 1),
        ("operating_systems", 2),
        ("operating_systems", 3),
        ("releases", 1),
        ("release_files", 3),
    }
    assert ask(sides.native, "SELECT sum(differing) FROM bridge_verifies") == [(0,)]
    assert written(repair(sides)) == {}


def test_a_dry_run_changes_nothing(sides: Sides) -> None:
    sides.copy()
    run(sides.native, DAMAGE)
    before = versions(sides)
    report = repair(sides, dry_run=True)
    assert (report.equal, written(report)) == (False, {})
    assert {t.found.native: differing(t.found) for t in report.tables if t.remains} == {
        "sites": [(9, "extra")],
        "operating_systems": [
            (1, "differs", "slug"),
            (2, "differs", "slug"),
            (3, "missing"),
        ],
        "releases": [(1, "differs", "name")],
        "release_files": [(3, "missing")],
    }
    assert versions(sides) == before


def test_a_row_that_is_refused_is_set_apart(sides: Sides) -> None:
    sides.copy()
    run(sides.legacy, "UPDATE downloads_releasefile SET url = 'http://a.example/' WHERE id = 2")
    run(sides.native, "DELETE FROM release_files WHERE id = 3")
    report = repair(sides)
    assert not report.equal
    assert written(report) == {"release_files": (1, 0, 0)}
    reason = 'new row for relation "release_files" violates check constraint'
    assert report.tables[-1].refused == (
        Refused({"id": 2}, f'{reason} "ck_release_files_own_urls"', "kept as it was"),
    )
    assert report.tables[-1].remains == ()
    assert ask(sides.native, "SELECT table_name, key FROM bridge_quarantine") == [
        ("release_files", {"id": 2})
    ]
    assert verify(sides).equal
    assert repair(sides).equal


def test_native_columns_keep_their_values(sides: Sides) -> None:
    sides.copy()
    run(sides.native, "ALTER TABLE boxes ADD note text; UPDATE boxes SET note = 'n', content = ''")
    assert repair(sides).equal
    assert ask(sides.native, "SELECT note, content FROM boxes") == [("n", "x")]


def test_who_may_only_read_cannot_repair(sides: Sides) -> None:
    sides.copy()
    run(
        sides.native,
        """
        CREATE ROLE native_reader LOGIN;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO native_reader;
        """,
    )
    reader = Sides(sides.legacy, f"{sides.native}?options=-c%20role%3Dnative_reader")
    try:
        with pytest.raises(BridgeError, match=r"GRANT UPDATE ON .*, release_files\b.* TO "):
            repair(reader)
    finally:
        run(sides.native, "DROP OWNED BY native_reader; DROP ROLE native_reader")
