"""What the load with faults (`chaos`) and its reading brought to light, each made small."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from legacy_bridge.replication.connections import NATIVE, connected
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.one_way import OneWay
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.streams import SupersededError
from tests.legacy_bridge.replication.apply.live import Seen, begin, following, wait_for
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, forward, named, other, prepared
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask, run
from tests.legacy_bridge.unseen import unseen


def test_the_owner_empties_a_table_while_the_other_side_adds_to_it(
    both: TwoWay, owner: Owner
) -> None:
    stray = other(owner)
    both.run(owner, "TRUNCATE {files}")
    both.run(stray, FILE)
    both.settle()
    both.settle()
    assert ask(both.legacy, "SELECT id FROM downloads_releasefile") == [(7,)]
    assert both.unequal() == []


def test_the_owner_deletes_what_the_other_side_deletes_and_makes_anew(
    both: TwoWay, owner: Owner
) -> None:
    stray = other(owner)
    both.run(owner, FILE)
    both.settle()
    both.run(owner, "DELETE FROM {files} WHERE id = 7")
    both.run(stray, "DELETE FROM {files} WHERE id = 7")
    both.run(stray, FILE)
    both.settle()
    both.settle()
    assert both.unequal() == []


FILE = """
INSERT INTO {files} (id, created, updated, name, slug, os_id, release_id, description, is_source,
    url, gpg_signature_file, sigstore_signature_file, sigstore_cert_file, sigstore_bundle_file,
    sbom_spdx2_file, md5_sum, sha256_sum, filesize, download_button)
VALUES (7, now(), now(), 'new', 'file-new', 1, 1, '', false,
    'https://www.python.org/new', '', '', '', '', '', '', '', 1, false)
"""


def test_the_owner_makes_a_row_while_a_stray_one_with_its_key_is_looked_at(
    both: TwoWay, owner: Owner
) -> None:
    stray = other(owner)
    both.run(stray, SYSTEM + "'stray', 'b')")
    with psycopg.connect(both.url(owner)) as connection:
        connection.execute(named(owner, SYSTEM + "'owner', 'a')"))
        streams = Thread(target=both.settle)
        streams.start()
        wait_for(both.url(owner), WAITING, [(1,)])
    streams.join()
    both.settle()
    assert both.names(owner)[9] == both.names(stray)[9] == "owner"
    assert [(key, losing) for _, key, _, losing in both.conflicts(owner)] == [({"id": 9}, "stray")]
    assert both.unequal() == []


SYSTEM = "INSERT INTO {os} (id, created, updated, name, slug) VALUES (9, now(), now(), "
WAITING: LiteralString = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def test_a_stray_change_of_a_row_whose_last_version_was_refused(both: TwoWay, owner: Owner) -> None:
    """The owner's slug is taken on the other side, by a row that is never carried."""
    stray = other(owner)
    both.run(stray, "ALTER TABLE {os} ADD CHECK (slug <> 'refused')")
    both.run(owner, "UPDATE {os} SET slug = 'refused' WHERE id = 1")
    both.settle()
    both.settle()
    both.run(stray, "UPDATE {os} SET name = 'stale' WHERE id = 1")
    both.settle()
    assert both.names(owner)[1] == "Source"
    assert [c[2] for c in both.conflicts(owner)] == ["changed by both"]


def test_a_refused_deletion_is_done_when_nothing_is_in_its_way_any_more(both: TwoWay) -> None:
    """A page of the legacy side, to which a release of the native side refers."""
    both.hand_over("downloads", Owner.NATIVE)
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 1 WHERE id = 2")
    run(both.legacy, "UPDATE downloads_release SET release_page_id = NULL; DELETE FROM pages_image")
    run(both.legacy, "DELETE FROM pages_page")
    both.settle()
    both.settle()
    assert ask(both.native, "SELECT key, outcome FROM bridge_quarantine") == [
        ({"id": 1}, "kept as it was")
    ]
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = NULL")
    both.settle()
    both.settle()
    assert ask(both.native, "SELECT key FROM bridge_quarantine") == []
    assert both.unequal() == []


def test_a_refused_move_is_made_when_nothing_is_in_its_way_any_more(both: TwoWay) -> None:
    both.hand_over("downloads", Owner.NATIVE)
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 1 WHERE id = 2")
    run(both.legacy, "UPDATE downloads_release SET release_page_id = NULL; DELETE FROM pages_image")
    run(both.legacy, "UPDATE pages_page SET id = 2")
    both.settle()
    both.settle()
    assert ask(both.native, "SELECT id FROM pages") == [(1,)]
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = NULL")
    both.settle()
    both.settle()
    assert ask(both.native, "SELECT id FROM pages") == [(2,)]
    assert ask(both.native, "SELECT key FROM bridge_quarantine") == []
    assert both.unequal() == []


LARGE: LiteralString = """
ALTER TABLE {releases} ALTER content SET STORAGE EXTERNAL;
UPDATE {releases} SET content = repeat('first', 2000) WHERE id = 2;
"""


def test_a_row_in_quarantine_gets_another_key_and_keeps_its_large_value(
    both: TwoWay, owner: Owner
) -> None:
    """The large value does not come with the key."""
    both.run(owner, LARGE)
    both.run(other(owner), "ALTER TABLE {releases} ADD CHECK (slug <> 'refused')")
    both.settle()
    both.run(
        owner,
        "UPDATE {releases} SET content = repeat('second', 2000), slug = 'refused' WHERE id = 2",
    )
    both.settle()
    both.run(owner, "UPDATE {releases} SET id = 9, slug = 'fine' WHERE id = 2")
    both.settle()
    both.settle()
    assert both.unequal() == []


def test_a_large_value_is_changed_on_the_other_side_while_the_row_gets_another_key(
    both: TwoWay, owner: Owner
) -> None:
    both.run(owner, LARGE)
    both.settle()
    both.run(other(owner), "UPDATE {releases} SET content = 'stray' WHERE id = 2")
    both.run(owner, "UPDATE {releases} SET id = 9 WHERE id = 2")
    both.settle()
    both.settle()
    assert [losing for *_, losing in both.conflicts(owner)] == ["Python 3.13.0"]
    assert both.unequal() == []


def test_a_row_gets_another_key_before_it_is_sent_again(both: TwoWay, owner: Owner) -> None:
    """It was to be, since a large value that was changed on the other side has lost."""
    both.run(owner, LARGE)
    both.settle()
    both.run(owner, "UPDATE {releases} SET name = 'owner' WHERE id = 2")
    both.run(other(owner), "UPDATE {releases} SET content = 'stray' WHERE id = 2")
    ends = Ends(both.legacy, both.native)
    back = owner.direction.opposite
    OneWay(ends, back, MAPPINGS, Seen(), Event(), once=True, answered=True).run()
    assert [kind for _, _, kind, _ in both.conflicts(owner)] == ["changed by both"]
    both.run(owner, "UPDATE {releases} SET id = 9 WHERE id = 2")
    both.settle()
    both.settle()
    assert both.unequal() == []


def test_a_stray_over_which_the_owner_was_written_is_kept_beside_the_next_one(
    both: TwoWay, owner: Owner
) -> None:
    stray = other(owner)
    both.run(owner, "UPDATE {os} SET name = 'owner' WHERE id = 1")
    both.run(stray, "UPDATE {os} SET name = 'first' WHERE id = 1")
    both.run(stray, APPLIED_THERE)
    both.run(stray, "UPDATE {os} SET name = 'second' WHERE id = 1")
    both.settle()
    both.settle()
    assert [losing for *_, losing in both.conflicts(owner)] == ["first", "second"]
    assert both.names(owner)[1] == both.names(stray)[1] == "owner"


APPLIED_THERE: LiteralString = """
SELECT pg_logical_emit_message(true, 'strangler.applied', '');
UPDATE {os} SET name = 'owner' WHERE id = 1;
"""
"""As an applier does that does not know a horizon yet."""


def test_unique_values_change_places_beside_a_deletion_that_is_refused(both: TwoWay) -> None:
    both.hand_over("downloads", Owner.NATIVE)
    run(
        both.legacy,
        """
        INSERT INTO pages_page SELECT n, now(), now(), '', '', '', 'path ' || n, '', 'html', true,
            '', '', '', NULL, NULL FROM generate_series(2, 3) AS n;
        """,
    )
    both.settle()
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 1 WHERE id = 2")
    run(
        both.legacy,
        """
        UPDATE downloads_release SET release_page_id = NULL;
        DELETE FROM pages_image;
        DELETE FROM pages_page WHERE id = 1;
        UPDATE pages_page SET path = 'between' WHERE id = 2;
        UPDATE pages_page SET path = 'path 2' WHERE id = 3;
        UPDATE pages_page SET path = 'path 3' WHERE id = 2;
        """,
    )
    both.settle()
    both.settle()
    assert ask(both.native, "SELECT id, path FROM pages WHERE id > 1 ORDER BY id") == [
        (2, "path 3"),
        (3, "path 2"),
    ]
    assert ask(both.native, "SELECT key FROM bridge_quarantine") == [({"id": 1},)]


def test_a_move_of_a_doubtful_row_beside_a_deletion_that_is_refused(both: TwoWay) -> None:
    """The large value is to be read again; under its former key the row must not stay."""
    both.hand_over("downloads", Owner.NATIVE)
    run(
        both.legacy,
        """
        ALTER TABLE pages_page ALTER content SET STORAGE EXTERNAL;
        INSERT INTO pages_page SELECT 2, now(), now(), '', '', '', 'path', repeat('large', 2000),
            'html', true, '', '', '', NULL, NULL;
        """,
    )
    both.settle()
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 1 WHERE id = 2")
    run(
        both.legacy,
        """
        UPDATE downloads_release SET release_page_id = NULL;
        DELETE FROM pages_image;
        DELETE FROM pages_page WHERE id = 1;
        UPDATE pages_page SET id = 3 WHERE id = 2;
        """,
    )
    both.settle()
    both.settle()
    assert ask(both.native, "SELECT id, length(content) FROM pages WHERE id > 1") == [(3, 10_000)]
    assert ask(both.native, "SELECT key FROM bridge_quarantine") == [({"id": 1},)]


def test_whatever_a_database_is_set_to_our_commits_are_for_good(both: TwoWay) -> None:
    run(
        both.native,
        """
        DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
            EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable',
                           current_database());
        END $$
        """,
    )
    with connected(both.native, NATIVE) as connection:
        assert connection.execute(SET_TO).fetchall() == [("local", "read committed")]


def test_a_way_back_begins_while_rows_are_carried_forward(sides: Sides) -> None:
    """Whoever carries them does not say what it takes away: what is added on the other side while
    its owner empties the table would stay with the owner alone."""
    begin(sides)
    both = TwoWay(sides.legacy, sides.native)
    with pytest.raises(SupersededError):
        the_owner_empties_what_the_other_side_adds_to(both)
    both.settle()
    both.settle()
    assert ask(both.legacy, "SELECT id FROM downloads_releasefile") == [(7,)]
    assert both.unequal() == []
    drop_slots(both.native)


def the_owner_empties_what_the_other_side_adds_to(both: TwoWay) -> None:
    with following(both) as seen:
        prepared(both)
        both.run(Owner.NATIVE, FILE)
        both.run(Owner.LEGACY, "TRUNCATE {files}")
        assert seen.ended.wait(30)


def test_however_databases_write_their_values(both: TwoWay) -> None:
    """A row in quarantine is read again as text: 4 March for one of them, 3 April for the other."""
    for url, style in ((both.legacy, "SQL, DMY"), (both.native, "SQL, MDY")):
        with psycopg.connect(url, autocommit=True) as connection:
            name = sql.Identifier(connection.info.dbname)
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET datestyle = {}").format(name, sql.Literal(style))
            )
    run(both.native, "ALTER TABLE releases ADD CONSTRAINT refuses CHECK (slug <> 'refused')")
    run(
        both.legacy,
        "UPDATE downloads_release SET slug = 'refused', release_date = '20250304' WHERE id = 2",
    )
    both.settle()
    assert ask(both.native, "SELECT key FROM bridge_quarantine") == [({"id": 2},)]
    run(both.native, "ALTER TABLE releases DROP CONSTRAINT refuses")
    both.settle()
    day: LiteralString = "SELECT to_char(release_date, 'YYYY-MM-DD') FROM releases WHERE id = 2"
    assert ask(both.native, day) == [("2025-03-04",)]


SET_TO: LiteralString = """
SELECT current_setting('synchronous_commit'), current_setting('transaction_isolation')
"""


@contextmanager
def forward_only(both: TwoWay) -> Iterator[None]:
    with forward(both) as seen:
        assert seen.began.wait(30)
        yield


@pytest.mark.faults
def test_a_deletion_is_refused_before_readers_of_its_source_see_it(both: TwoWay) -> None:
    """Rows in quarantine are read again at once: the row is still there then."""
    both.hand_over("downloads", Owner.NATIVE)
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = 1 WHERE id = 2")
    run(both.legacy, "UPDATE downloads_release SET release_page_id = NULL; DELETE FROM pages_image")
    both.carry(Owner.LEGACY)
    ((applied,),) = ask(both.native, "SELECT transactions FROM bridge_streams")
    with forward_only(both):
        with unseen(both.legacy, "DELETE FROM pages_page"):
            wait_for(both.native, "SELECT transactions FROM bridge_streams", [(applied + 1,)])
            run(both.legacy, "UPDATE boxes_box SET label = 'later'")
            wait_for(both.native, "SELECT label FROM boxes", [("later",)])
            assert ask(both.legacy, "SELECT count(*) FROM pages_page") == [(1,)]
        assert ask(both.native, "SELECT key, outcome FROM bridge_quarantine") == [
            ({"id": 1}, "kept as it was")
        ]
    both.run(Owner.NATIVE, "UPDATE {releases} SET release_page_id = NULL")
    both.settle()
    both.settle()
    assert ask(both.native, "SELECT key FROM bridge_quarantine") == []
    assert both.unequal() == []


SOMEBODY_LOOKS: LiteralString = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'strangler %'
      AND query = 'SELECT pg_current_snapshot()::text'
"""


@pytest.mark.faults
def test_a_row_is_sent_again_before_readers_of_its_source_see_it(both: TwoWay) -> None:
    """To who judges the stray the row is not there; what is sent again is the owner's row."""
    there: LiteralString = "SELECT name FROM operating_systems WHERE id = 7"
    with following(both):
        with unseen(
            both.legacy,
            "INSERT INTO downloads_os (id, created, updated, name, slug)"
            " VALUES (7, now(), now(), 'new', 'new')",
        ):
            wait_for(both.native, there, [("new",)])
            both.run(Owner.NATIVE, "UPDATE {os} SET name = 'stray' WHERE id = 7")
            wait_for(both.legacy, "SELECT count(*) FROM strangler.bridge_conflicts", [(1,)])
            wait_for(both.legacy, SOMEBODY_LOOKS, [(1,)])
            assert ask(both.native, there) == [("stray",)]
        wait_for(both.native, there, [("new",)])
    assert both.conflicts(Owner.LEGACY) == [
        ("downloads_os", {"id": 7}, "deleted by the owner", "stray")
    ]
    assert both.unequal() == []
