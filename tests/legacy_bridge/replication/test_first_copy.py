"""The first copy of a stream, in chunks: killed after each, while rows change; and what it refuses,
orders and skips. Numbers are those of the list of pitfalls."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import LiteralString

import pytest

from legacy_bridge.replication.apply.marks import MARK
from legacy_bridge.replication.copy import CopyReport
from legacy_bridge.replication.first_copy import copying, ranges
from legacy_bridge.replication.first_copy.plan import circles
from legacy_bridge.replication.init import init
from legacy_bridge.replication.lag import stream_statuses
from tests.legacy_bridge.replication.apply.live import begin, catch_up, killed, slots
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.kinship import KIN, KINSHIP
from tests.legacy_bridge.replication.restless import SETUP, Restless
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask, run, table
from tests.longer import sampled

BOXES: LiteralString = """
INSERT INTO boxes_box
SELECT n, now(), now(), 'label ' || n, 'x', 'html', '', NULL, NULL FROM generate_series(2, 20) AS n
"""
CHUNKS: LiteralString = "SELECT table_name, through, complete, rows FROM bridge_chunks ORDER BY 1"


class Died(BaseException):
    """As if the process had been killed there."""


@dataclass(slots=True)
class Told:
    """What a copy told its watch: table → numbers of rows."""

    rows: dict[str, list[int]] = field(default_factory=dict)

    def reading(self, table: str, rows: int, expected: int) -> None:
        self.rows.setdefault(table, []).append(rows)

    def merging(self) -> None: ...


@pytest.fixture(autouse=True)
def seven_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a chunk."""
    for name in ("FIRST_ROWS", "FEWEST_ROWS", "MOST_ROWS"):
        monkeypatch.setattr(ranges, name, 7)


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, point: str, chunk: int = 1) -> Iterator[None]:
    """When it comes by there for the `chunk`th time, or not at all."""
    passed: list[str] = []

    def failpoint(name: str) -> None:
        passed.append(name)
        if passed.count(point) == chunk:
            raise Died

    with monkeypatch.context() as patch:
        patch.setattr(copying, "failpoint", failpoint)
        yield


@contextmanager
def interrupted(monkeypatch: pytest.MonkeyPatch, point: str, chunk: int = 1) -> Iterator[None]:
    with dying(monkeypatch, point, chunk), pytest.raises(Died):
        yield


@pytest.mark.parametrize("seed", sampled([38, 109], short=1))
def test_1_31_killed_after_each_chunk_while_everything_changes(
    sides: Sides, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    run(sides.legacy, SETUP)
    world, deaths, slot = Restless(sides.legacy, seed), 0, None
    while True:
        try:
            with dying(monkeypatch, "copy.chunk_committed"):
                begun = begin(sides)
            break
        except Died:
            deaths += 1
            assert slot in (None, slots(sides))
            slot = slots(sides)
            world.happen(4)
    assert deaths > 20
    assert (begun.anew, begun.record.whole) == (None, False)
    (status,) = stream_statuses(sides.legacy, sides.native)
    assert (status.whole, status.healthy) == (False, False)
    assert catch_up(sides).quarantined == 0
    assert sides.unequal() == []
    (status,) = stream_statuses(sides.legacy, sides.native)
    assert (status.whole, status.healthy) == (True, True)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("point", "there"), [("copy.chunk_written", 0), ("copy.chunk_committed", 1)]
)
def test_1_a_killed_process_leaves_whole_chunks(sides: Sides, point: str, there: int) -> None:
    killed(sides, "init", failpoint=point)
    assert ask(sides.native, "SELECT count(*) FROM pages") == [(there,)]
    assert ask(sides.native, CHUNKS) == [("pages", None, True, 1)] * there
    run(sides.legacy, "UPDATE pages_page SET title = 'between'; UPDATE downloads_os SET name = 'b'")
    begun = begin(sides)
    assert len(slots(sides)) == 1
    assert begun.record.whole is not bool(there)
    run(sides.legacy, "UPDATE downloads_os SET name = 'after' WHERE id = 2")
    assert catch_up(sides).transactions == 1 + there
    assert sides.unequal() == []
    assert ask(sides.native, CHUNKS) == []


def test_31_what_changes_during_an_uninterrupted_copy_comes_once(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sides.legacy, BOXES)

    def failpoint(name: str) -> None:
        if name == "copy.chunk_committed" and ask(sides.native, "SELECT count(*) FROM boxes") == [
            (7,)
        ]:
            run(
                sides.legacy,
                """
                DELETE FROM boxes_box WHERE id IN (3, 13);
                INSERT INTO boxes_box
                SELECT n, now(), now(), 'label ' || n, 'anew', 'html', '', NULL, NULL
                FROM unnest(ARRAY[3, 13]) AS n;
                UPDATE boxes_box SET id = 100 WHERE id = 4;
                UPDATE boxes_box SET id = 4 WHERE id = 14;
                UPDATE boxes_box SET label = 'l' || id WHERE id IN (5, 15);
                DELETE FROM boxes_box WHERE id IN (6, 16);
                """,
            )

    monkeypatch.setattr(copying, "failpoint", failpoint)
    begun = begin(sides, "boxes")
    assert begun.record.whole
    assert ask(sides.native, "SELECT count(*), max(id) FROM boxes") == [(20, 20)]
    done = catch_up(sides)
    assert (done.transactions, done.rows, done.quarantined) == (1, 10, 0)
    assert sides.unequal("boxes") == []


def test_it_goes_on_where_it_was(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    run(sides.legacy, BOXES)
    with interrupted(monkeypatch, "copy.chunk_committed", 2):
        begin(sides, "boxes")
    assert ask(sides.native, CHUNKS) == [("boxes", ["14"], False, 14)]
    told = Told()
    report = init(sides.legacy, sides.native, {"boxes": MAPPINGS["boxes"]}, told).report
    assert told.rows == {"boxes": [14, 20]}
    assert report is not None
    boxes = table(report, "boxes")
    assert (boxes.rows, boxes.inserted, report.equal) == (20, 20, True)
    assert ask(sides.native, "SELECT rows_read, inserted FROM bridge_copies") == [(20, 20)]
    assert ask(sides.native, "SELECT nextval(pg_get_serial_sequence('boxes', 'id'))") == [(21,)]
    assert sides.unequal("boxes") == []


@pytest.mark.parametrize(
    ("domains", "spoil", "why"),
    [
        (("boxes", "pages"), None, "it does not carry pages"),
        (
            ("boxes",),
            "ALTER TABLE boxes ALTER label TYPE varchar(200)",
            "tables or mappings were changed during its first copy: boxes",
        ),
        (("boxes",), "", "the replication slot .* is not there"),
    ],
    ids=["other domains", "another form", "no slot"],
)
def test_chunks_of_another_copy_are_done_anew(
    sides: Sides,
    monkeypatch: pytest.MonkeyPatch,
    domains: Sequence[str],
    spoil: LiteralString | None,
    why: str,
) -> None:
    run(sides.legacy, BOXES)
    with interrupted(monkeypatch, "copy.chunk_committed"):
        begin(sides, "boxes")
    if spoil:
        run(sides.native, spoil)
    elif spoil is not None:
        drop_slots(sides.legacy)
    run(sides.legacy, "DELETE FROM boxes_box WHERE id = 2; UPDATE boxes_box SET content = 'y'")
    begun = begin(sides, *domains)
    assert re.match(why, begun.anew or "")
    assert begun.record.whole
    assert sides.unequal(*domains) == []
    assert catch_up(sides).transactions == 0


def test_23_42_a_refused_row_is_set_apart_and_its_children_with_it(sides: Sides) -> None:
    run(
        sides.legacy,
        """
        ALTER TABLE downloads_release ALTER name TYPE text;
        UPDATE downloads_release SET name = repeat('x', 201) WHERE id = 1;
        ALTER TABLE boxes_box ALTER label TYPE text;
        """,
    )
    run(sides.legacy, BOXES)
    run(sides.legacy, "UPDATE boxes_box SET label = repeat('y', 101) || id WHERE id IN (9, 10)")
    report = begin(sides).report
    assert report is not None
    refused = {t.native: [row.key["id"] for row in t.refused] for t in report.tables if t.refused}
    assert refused == {"boxes": [9, 10], "releases": [1], "release_files": [1, 2, 3]}
    assert table(report, "boxes").inserted == 18
    assert ask(
        sides.native, "SELECT table_name, count(*) FROM bridge_quarantine GROUP BY 1 ORDER BY 1"
    ) == [(name, len(keys)) for name, keys in sorted(refused.items())]
    run(
        sides.legacy,
        """
        UPDATE downloads_release SET name = 'short' WHERE id = 1;
        UPDATE boxes_box SET label = 'l' || id WHERE id IN (9, 10);
        """,
    )
    assert catch_up(sides).quarantined == 0
    assert sides.unequal() == []


def test_tables_with_rows_are_merged_at_once(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    """And those that refer to them; the others are filled before."""
    sides.copy("pages")
    run(sides.legacy, "UPDATE pages_page SET title = 'changed'")
    with interrupted(monkeypatch, "copy.before_commit"):
        begin(sides)
    assert ask(sides.native, "SELECT title FROM pages") == [("About",)]
    assert ask(sides.native, "SELECT count(*) FROM releases") == [(0,)]
    assert ask(sides.native, "SELECT count(*) FROM operating_systems") == [(3,)]
    begin(sides)
    assert sides.unequal() == []


def test_21_what_the_type_would_cut_is_seen(sides: Sides) -> None:
    """Blanks at the end, which COPY and INSERT drop without a word."""
    run(
        sides.legacy,
        """
        ALTER TABLE boxes_box ALTER label TYPE text;
        UPDATE boxes_box SET label = rpad('x', 103);
        """,
    )
    report = begin(sides, "boxes").report
    assert report is not None
    (row,) = table(report, "boxes").refused
    assert (row.key, row.outcome) == ({"id": 1}, "written, but differs")


def test_a_trigger_on_the_native_side_is_seen(sides: Sides) -> None:
    run(
        sides.native,
        """
        CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN new.label := upper(new.label); RETURN new; END';
        CREATE TRIGGER shout BEFORE INSERT ON boxes FOR EACH ROW EXECUTE FUNCTION shout();
        """,
    )
    report = begin(sides, "boxes").report
    assert report is not None
    (row,) = table(report, "boxes").refused
    assert row.outcome == "written, but differs"


def test_35_tables_that_need_each_other_come_together(
    empty: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(empty.legacy, KIN.format("l_"))
    run(empty.native, KIN.format("n_"))
    run(
        empty.legacy,
        """
        SET CONSTRAINTS ALL DEFERRED;
        INSERT INTO l_node SELECT n::text, ((n + 1) % 30)::text FROM generate_series(0, 29) AS n;
        INSERT INTO l_egg SELECT n, 31 - n FROM generate_series(1, 30) AS n;
        INSERT INTO l_hen SELECT n, n FROM generate_series(1, 30) AS n;
        """,
    )
    chunks: list[str] = []
    monkeypatch.setattr(copying, "failpoint", chunks.append)
    report = kin(empty)
    assert report.equal
    assert chunks.count("copy.chunk_committed") == 2
    assert ask(empty.native, "SELECT key, above FROM n_node ORDER BY key") == ask(
        empty.legacy, "SELECT key, above FROM l_node ORDER BY key"
    )
    assert ask(empty.native, "SELECT id, hen_id FROM n_egg ORDER BY 1") == ask(
        empty.legacy, "SELECT id * 2, hen_id FROM l_egg ORDER BY 1"
    )
    assert ask(empty.native, "SELECT id, egg_id FROM n_hen ORDER BY 1") == ask(
        empty.legacy, "SELECT id, egg_id * 2 FROM l_hen ORDER BY 1"
    )


def test_35_a_refused_row_in_a_circle(empty: Sides) -> None:
    """It, and whatever hangs on it, goes to quarantine; the rest of the circle is there."""
    run(empty.legacy, KIN.format("l_"))
    run(empty.native, KIN.format("n_"))
    run(empty.native, "ALTER TABLE n_egg ADD CHECK (id <> 4)")
    run(
        empty.legacy,
        """
        SET CONSTRAINTS ALL DEFERRED;
        INSERT INTO l_egg SELECT n, n FROM generate_series(1, 30) AS n;
        INSERT INTO l_hen SELECT n, n FROM generate_series(1, 30) AS n;
        """,
    )
    report = kin(empty)
    assert {t.native: [row.key for row in t.refused] for t in report.tables} == {
        "n_node": [],
        "n_egg": [{"id": 4}],
        "n_hen": [{"id": 2}],
    }
    assert ask(empty.native, "SELECT count(*) FROM n_hen") == [(29,)]


def kin(sides: Sides) -> CopyReport:
    report = init(sides.legacy, sides.native, {"kin": KINSHIP}).report
    assert report is not None
    return report


def test_20_every_transaction_begins_with_the_mark(sides: Sides) -> None:
    """So that the way back leaves it out."""
    run(sides.legacy, BOXES)
    run(sides.legacy, "ALTER TABLE boxes_box ALTER label TYPE text")
    run(sides.legacy, "UPDATE boxes_box SET label = repeat('y', 101) WHERE id = 9")
    run(sides.native, "CREATE PUBLICATION seen FOR TABLE boxes")
    run(sides.native, "SELECT pg_create_logical_replication_slot('seen_here', 'pgoutput')")
    try:
        begin(sides, "boxes")
        run(sides.native, "SELECT pg_switch_wal()")  # what is to be read has to be on the disk
        changes = ask(
            sides.native,
            """
            SELECT xid::text, data FROM pg_logical_slot_get_binary_changes('seen_here', NULL, NULL,
                'proto_version', '1', 'publication_names', 'seen', 'messages', 'true')
            """,
        )
    finally:
        drop_slots(sides.native)
    transactions: dict[str, list[bytes]] = {}
    for xid, data in changes:
        transactions.setdefault(xid, []).append(data)
    writing = [each for each in transactions.values() if any(data[:1] == b"I" for data in each)]
    assert len(writing) == 3
    assert all(each[1][:1] == b"M" and MARK.encode() in each[1] for each in writing)


def test_the_order_of_tables() -> None:
    parents = {
        "file": ["release", "os"],
        "release": ["page"],
        "page": [],
        "os": [],
        "tree": ["tree"],
    }
    assert circles(parents) == [("page",), ("os",), ("tree",), ("release",), ("file",)]
    circle = {"toy": ["hen"], "hen": ["egg"], "egg": ["hen", "farm"], "farm": []}
    assert circles(circle) == [("farm",), ("hen", "egg"), ("toy",)]


def test_the_size_of_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert ranges.rows_at_a_time(10_000, 10_000 * 16) == 100_000
    assert ranges.rows_at_a_time(10_000, 10_000 * 1024) == 16_384
    assert ranges.rows_at_a_time(10_000, 10_000 << 20) == 1_000
