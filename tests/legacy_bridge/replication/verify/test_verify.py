"""A verification between real databases: what it names, what it leaves alone, what it writes."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic
from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication.connections import LEGACY, NATIVE, connected
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import TableMapping, same
from legacy_bridge.replication.verify import chunks, settle
from legacy_bridge.replication.verify.compare import MISSING, verify_domains
from legacy_bridge.replication.verify.records import LastVerify, last_verifies
from legacy_bridge.replication.verify.settle import State, Verdict, judge
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask, run
from tests.legacy_bridge.replication.verify.pairs import ALL, differences, verify

EVERYBODY_OUT: LiteralString = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()
"""
BOXES = {"boxes": MAPPINGS["boxes"]}


class Reading:
    """Hears of a verification; does something at the first word of a table."""

    def __init__(self, table: str = "", work: object = None) -> None:
        self.heard: list[tuple[str, int]] = []
        self._table, self._work = table, work

    def reading(self, table: str, rows: int, expected: int) -> None:
        if table == self._table and rows and callable(self._work):
            self._work()
        self.heard.append((table, rows))


def test_equal_after_a_copy(sides: Sides) -> None:
    sides.copy()
    before = datetime.now(UTC)
    watch = Reading()
    report = verify_domains(sides.legacy, sides.native, ALL, watch)
    assert (report.equal, report.warnings, differences(report)) == (True, (), {})
    assert [(t.native, t.rows, t.replica_rows, t.quarantined) for t in report.tables] == [
        ("pages", 1, 1, 0),
        ("page_images", 1, 1, 0),
        ("page_documents", 0, 0, 0),
        ("sites", 1, 1, 0),
        ("redirects", 1, 1, 0),
        ("boxes", 1, 1, 0),
        ("operating_systems", 3, 3, 0),
        ("releases", 2, 2, 0),
        ("release_files", 3, 3, 0),
    ]
    assert watch.heard[-2:] == [("release_files", 0), ("release_files", 3)]
    with connected(sides.native, NATIVE) as native:
        records = {record.table_name: record for record in last_verifies(native)}
    files = records["release_files"]
    assert before < files.at < datetime.now(UTC)
    position = str(report.tables[-1].position)
    assert files == LastVerify("release_files", files.at, 3, 0, position)


def test_what_differs_is_named(sides: Sides) -> None:
    report = sides.copy()
    run(
        sides.native,
        """
        UPDATE releases SET name = name || '!', content = '' WHERE id = 1;
        UPDATE operating_systems SET slug = 'x' WHERE id = 1;
        UPDATE operating_systems SET slug = 'source' WHERE id = 2;
        UPDATE operating_systems SET slug = 'windows' WHERE id = 1;
        DELETE FROM release_files WHERE id = 2;
        INSERT INTO sites VALUES (-5, 'other.example', 'other');
        """,
    )
    found = verify(sides)
    assert not found.equal
    assert differences(found) == {
        "sites": [(-5, "extra")],
        "operating_systems": [(1, "differs", "slug"), (2, "differs", "slug")],
        "releases": [(1, "differs", "name", "content")],
        "release_files": [(2, MISSING)],
    }
    releases = next(table for table in found.tables if table.native == "releases")
    assert (releases.streaming, releases.as_of) == (False, report.snapshot.taken_at)
    assert ask(
        sides.native, "SELECT table_name, differing FROM bridge_verifies WHERE differing > 0"
    ) == [("sites", 1), ("operating_systems", 2), ("releases", 1), ("release_files", 1)]


def test_before_the_first_copy_all_is_missing(sides: Sides) -> None:
    report = verify(sides, BOXES)
    assert differences(report) == {"boxes": [(1, MISSING)]}
    assert report.tables[0].as_of is None


def test_an_empty_legacy_table(empty: Sides) -> None:
    assert verify(empty, BOXES).equal
    run(
        empty.native,
        "INSERT INTO boxes (id, created, updated, label, content, content_markup_type,"
        " content_rendered) SELECT n * 1000000000, now(), now(), n, '', '', ''"
        " FROM generate_series(-2, 2) AS n",
    )
    assert differences(verify(empty, BOXES))["boxes"] == [
        (n * 1000000000, "extra") for n in range(-2, 3)
    ]


def test_quarantined_rows_are_known(sides: Sides) -> None:
    run(sides.legacy, "UPDATE downloads_releasefile SET url = 'http://a.example/' WHERE id = 2")
    assert not sides.copy().equal
    report = verify(sides)
    assert (report.equal, differences(report)) == (True, {})
    assert {t.native: t.quarantined for t in report.tables if t.quarantined} == {"release_files": 1}
    run(sides.native, "DELETE FROM release_files WHERE id = 3")
    assert differences(verify(sides)) == {"release_files": [(3, MISSING)]}


def test_keys_that_are_secrets_are_not_shown(empty: Sides) -> None:
    mapping = TableMapping(
        legacy="tokens",
        native="tokens",
        columns=same("key", "user_id"),
        key=("key",),
        secret_key=True,
    )
    for url in (empty.legacy, empty.native):
        run(url, "CREATE TABLE tokens (key varchar(40) PRIMARY KEY, user_id integer)")
    run(empty.legacy, "INSERT INTO tokens VALUES ('s3cret', 1)")
    report = verify(empty, {"users": [mapping]})
    digest = sha256(b"s3cret").hexdigest()
    assert differences(report) == {"tokens": [(f"sha256:{digest}", MISSING)]}
    assert "s3cret" not in repr(report)
    run(
        empty.native,
        "INSERT INTO bridge_quarantine VALUES ('tokens', "
        """'{"key": "sha256:1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0"}',"""
        " '', '')",
    )
    assert digest == "1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0"
    assert verify(empty, {"users": [mapping]}).equal


def test_on_the_legacy_side_the_right_to_read_is_enough(sides: Sides) -> None:
    sides.copy()
    run(sides.native, "DELETE FROM release_files WHERE id = 2")
    run(
        sides.legacy,
        """
        CREATE ROLE only_reader LOGIN;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO only_reader;
        """,
    )
    reader = Sides(f"{sides.legacy}?options=-c%20role%3Donly_reader", sides.native)
    try:
        assert differences(verify(reader)) == {"release_files": [(2, MISSING)]}
    finally:
        run(sides.legacy, "DROP OWNED BY only_reader; DROP ROLE only_reader")


def test_many_chunks_and_pieces(empty: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "PIECE_PAGES", 7)
    monkeypatch.setattr(chunks, "ROWS_A_CHUNK", 16)
    monkeypatch.setattr(chunks, "BATCH_ROWS", 10)
    monkeypatch.setattr(settle, "BATCH_KEYS", 100)
    run(
        empty.legacy,
        "INSERT INTO boxes_box SELECT n * 3 - 5000, now(), now(), n, repeat(n::text, 50), '', '',"
        " NULL, NULL FROM generate_series(1, 3000) AS n",
    )
    empty.copy("boxes")
    assert verify(empty, BOXES).equal
    run(empty.native, "UPDATE boxes SET content = '' WHERE mod(id + 9000, 9) = 1")
    wrong = [(n, "differs", "content") for n in range(-4997, 4001, 3) if n % 9 == 1]
    assert differences(verify(empty, BOXES)) == {"boxes": wrong}
    monkeypatch.setattr(chunks, "MOST_SUSPECTS", 50)
    report = verify(empty, BOXES)
    assert differences(report) == {"boxes": wrong[:50]}
    assert not report.tables[0].complete


def test_a_server_that_goes_away(sides: Sides) -> None:
    sides.copy()
    watch = Reading("boxes", lambda: run(sides.native, EVERYBODY_OUT))
    with pytest.raises(BridgeError) as refused:
        verify_domains(sides.legacy, sides.native, ALL, watch)
    assert str(refused.value).startswith("while comparing ")
    assert str(refused.value).endswith(" — nothing was changed; repeating is safe")


def test_when_one_side_fails_the_other_is_stopped(sides: Sides) -> None:
    with connected(sides.legacy, LEGACY) as legacy, connected(sides.native, NATIVE) as native:
        started = monotonic()
        with pytest.raises(psycopg.errors.DivisionByZero):
            chunks.both(
                legacy,
                lambda: legacy.execute("SELECT pg_sleep(60)"),
                native,
                lambda: native.execute("SELECT 1 / 0"),
            )
        assert monotonic() - started < 10
        assert legacy.execute("SELECT 1").fetchone() == (1,)


def test_a_mapping_that_does_not_fit_is_refused(sides: Sides) -> None:
    run(sides.legacy, "ALTER TABLE boxes_box ADD new integer")
    with pytest.raises(BridgeError, match=r"^boxes_box\.new: is not in the mapping: its values"):
        verify(sides, BOXES)


def test_without_a_place_nothing_is_written_down(sides: Sides) -> None:
    sides.copy()
    run(sides.native, "DROP TABLE bridge_verifies")
    assert verify(sides).equal
    with connected(sides.native, NATIVE) as native:
        assert last_verifies(native) == ()


A, B = State("1", b"a"), State("2", b"b")


@pytest.mark.parametrize(
    ("before", "native", "after", "between", "verdict"),
    [
        (A, A, A, (), Verdict.EQUAL),
        (None, None, None, (), Verdict.EQUAL),
        (A, State("9", b"b"), B, (), Verdict.EQUAL),  # versions are each side's own
        (A, None, A, (), Verdict.DIFFERENT),
        (None, A, None, (), Verdict.DIFFERENT),
        (A, B, A, (), Verdict.DIFFERENT),
        (A, A, B, (), Verdict.CHANGED),  # perhaps stuck
        (A, State("3", b"c"), B, (b"c",), Verdict.EQUAL),  # so it was for a moment
        (A, None, B, (None,), Verdict.EQUAL),
        (A, B, State("3", b"a"), (), Verdict.CHANGED),  # the same values, written again
    ],
)
def test_verdicts(
    before: State | None,
    native: State | None,
    after: State | None,
    between: tuple[bytes | None, ...],
    verdict: Verdict,
) -> None:
    assert judge(before, native, after, between) is verdict


def test_keys_are_as_json_can_hold_them(sides: Sides) -> None:
    run(sides.legacy, "DELETE FROM boxes_box")
    sides.copy()
    run(sides.native, "INSERT INTO sites VALUES (9, 'x', 'x')")
    (row,) = next(t for t in verify(sides).tables if t.native == "sites").differences
    assert json.dumps(dict(row.key)) == '{"id": 9}'
