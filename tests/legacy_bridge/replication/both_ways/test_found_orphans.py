"""Rows whose parent is kept out go with it. What becomes of them is written down, whatever else
was refused with the parent: who does not know that they were kept out would take them for seen."""

from typing import LiteralString

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
    '', '', '', NULL, NULL FROM generate_series(2, 3) AS n;
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
