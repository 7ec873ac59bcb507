"""Rows whose parent is kept out go with it. What becomes of them is written down, whatever else
was refused with the parent: who does not know that they were kept out would take them for seen."""

from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.both_ways.aside import damage
from tests.legacy_bridge.replication.both_ways.pair import TwoWay
from tests.legacy_bridge.replication.sides import ask, run

QUARANTINE: LiteralString = "SELECT table_name, key, outcome FROM bridge_quarantine ORDER BY 1, 2"


@pytest.fixture
def kept_out(both: TwoWay) -> TwoWay:
    """Page 2 takes a path that is taken natively, and page 3 the one that it had: it is nowhere,
    and its image with it. In the same transaction page 1 is deleted, to which a native release
    refers, so that rows are looked at one by one."""
    both.hand_over("downloads", Owner.NATIVE)
    run(both.legacy, PAGES)
    both.settle()
    damage(both, Owner.NATIVE, TAKEN)
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 1 WHERE id = 2")
    run(
        both.legacy,
        """
        UPDATE downloads_release SET release_page_id = NULL;
        DELETE FROM pages_page WHERE id = 1;
        UPDATE pages_page SET path = 'taken' WHERE id = 2;
        UPDATE pages_page SET path = 'path 2' WHERE id = 3;
        """,
    )
    both.settle()
    return both


PAGES: LiteralString = """
INSERT INTO pages_page SELECT n, now(), now(), '', '', '', 'path ' || n, '', 'html', true,
    '', '', '', NULL, NULL FROM generate_series(2, 5) AS n WHERE n <> 4;
UPDATE pages_image SET page_id = 2;
"""
TAKEN: LiteralString = """
INSERT INTO pages SELECT * FROM jsonb_populate_recordset(NULL::pages, (
    SELECT jsonb_agg(to_jsonb(p) || '{{"id": 9, "path": "taken"}}') FROM pages AS p WHERE id = 2))
"""


def test_what_hangs_on_a_page_that_is_kept_out_comes_back_with_it(kept_out: TwoWay) -> None:
    assert ask(kept_out.native, QUARANTINE) == [
        ("page_images", {"id": 1}, "kept out"),
        ("pages", {"id": 1}, "kept as it was"),
        ("pages", {"id": 2}, "kept out"),
    ]
    run(kept_out.native, "DELETE FROM pages WHERE id = 9")
    kept_out.settle()
    kept_out.settle()
    assert ask(kept_out.native, "SELECT id FROM page_images") == [(1,)]


def test_who_empties_the_table_meanwhile_has_not_seen_it(kept_out: TwoWay) -> None:
    run(kept_out.native, "TRUNCATE page_images")
    kept_out.settle()
    assert ask(kept_out.legacy, "SELECT id FROM pages_image") == [(1,)]


TAKES_THE_KEY: dict[str, LiteralString] = {
    "a new row": """
        INSERT INTO pages_page SELECT 2, now(), now(), 'next', '', '', 'new', '', 'html', true,
            '', '', '', NULL, NULL
    """,
    "a row that moves as well": """
        UPDATE pages_page SET id = 2, title = 'next' WHERE id = 3;
        UPDATE pages_page SET id = 6 WHERE id = 5
    """,
}


@pytest.mark.parametrize("what", TAKES_THE_KEY)
def test_a_key_is_taken_again_behind_a_move_that_had_to_wait(both: TwoWay, what: str) -> None:
    """An image stands in the way of the move at first; when it is made, the key has another row."""
    both.hand_over("downloads", Owner.NATIVE)
    run(both.legacy, PAGES)
    both.settle()
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 1 WHERE id = 2")
    with psycopg.connect(both.legacy) as legacy:
        legacy.execute(
            """
            UPDATE downloads_release SET release_page_id = NULL;
            DELETE FROM pages_page WHERE id = 1;
            UPDATE pages_page SET id = 4, title = 'moved' WHERE id = 2;
            UPDATE pages_image SET page_id = 4
            """,
        )
        legacy.execute(TAKES_THE_KEY[what])
    both.carry(Owner.LEGACY)
    titles: LiteralString = "SELECT id, title FROM pages WHERE id IN (2, 4) ORDER BY id"
    assert ask(both.native, titles) == [(2, "next"), (4, "moved")]
    both.settle()
    assert ask(both.native, QUARANTINE) == [("pages", {"id": 1}, "kept as it was")]
    assert ask(both.native, "SELECT page_id FROM page_images") == [(4,)]


def test_a_row_comes_in_the_place_of_one_that_could_not_go(both: TwoWay) -> None:
    """What had kept the old one refers to it no more, when the new one is there."""
    both.hand_over("downloads", Owner.NATIVE)
    run(both.legacy, PAGES)
    both.settle()
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 2 WHERE id = 2")
    run(both.native, NOTHING_REFERS_TO_WHAT_HAS_CHANGED)
    run(
        both.legacy,
        """
        CREATE TEMPORARY TABLE former AS SELECT * FROM pages_page WHERE id = 1;
        TRUNCATE pages_page CASCADE;
        INSERT INTO pages_page SELECT * FROM former;
        UPDATE pages_page SET title = 'anew';
        """,
    )
    both.carry(Owner.LEGACY)
    assert ask(both.native, "SELECT id, title FROM pages ORDER BY id") == [(1, "anew"), (2, "")]
    assert ask(both.native, QUARANTINE) == [("pages", {"id": 2}, "kept as it was")]


NOTHING_REFERS_TO_WHAT_HAS_CHANGED: LiteralString = """
CREATE FUNCTION nothing_refers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE releases SET release_page_id = NULL WHERE release_page_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER nothing_refers AFTER UPDATE ON pages
FOR EACH ROW EXECUTE FUNCTION nothing_refers();
"""


def test_a_stray_goes_out_with_a_parent_that_its_owner_makes_anew(both: TwoWay) -> None:
    """To the owner it is a row that fits, when it comes there."""
    run(both.native, "INSERT INTO page_images (id, page_id, image) VALUES (7, 1, 'stray')")
    with psycopg.connect(both.legacy) as legacy:
        legacy.execute("CREATE TEMPORARY TABLE former AS SELECT * FROM pages_page")
        legacy.execute(
            "UPDATE downloads_release SET release_page_id = NULL;"
            "DELETE FROM pages_image; DELETE FROM pages_page"
        )
        legacy.commit()
        both.carry(Owner.LEGACY)
        assert ask(both.native, "SELECT id FROM page_images") == []
        legacy.execute("INSERT INTO pages_page SELECT * FROM former")
    both.settle()
    both.settle()
    assert ask(both.legacy, "SELECT id FROM pages_image") == [(7,)]
    assert both.unequal() == []
