"""Rows of every kind; the numbers are those of the list of pitfalls."""

from dataclasses import replace
from hashlib import sha256
from threading import Event
from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication.apply import batch, rereading
from legacy_bridge.replication.apply.marks import MARK
from legacy_bridge.replication.init import init
from legacy_bridge.replication.run import follow
from tests.legacy_bridge.replication.apply.live import Seen, catch_up, following, wait_for
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask, run

QUARANTINE: LiteralString = (
    "SELECT table_name, key, reason, outcome FROM bridge_quarantine ORDER BY table_name, key"
)
LARGE: LiteralString = """
UPDATE downloads_release
SET content = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 4000) AS n)
"""


def test_21_unchanged_large_values_keep_what_the_target_has(begun: Sides) -> None:
    run(begun.legacy, LARGE)
    catch_up(begun)
    run(begun.legacy, "UPDATE downloads_release SET name = name || '!', is_latest = NOT is_latest")
    assert catch_up(begun).rows == 2
    assert begun.unequal() == []
    assert ask(begun.native, "SELECT DISTINCT length(content) FROM releases") == [(128_000,)]


def test_21_a_large_value_that_came_earlier_in_the_same_batch(begun: Sides) -> None:
    run(begun.legacy, LARGE)
    run(begun.legacy, "UPDATE downloads_release SET name = name || '!'")
    catch_up(begun)
    assert begun.unequal() == []


def test_21_of_a_row_that_is_not_there_it_is_read_again(begun: Sides) -> None:
    run(begun.legacy, f"ALTER TABLE downloads_release ALTER name TYPE varchar(201);{LARGE}")
    catch_up(begun)
    run(begun.native, "DELETE FROM release_files; DELETE FROM releases")
    run(begun.legacy, "UPDATE downloads_release SET is_published = false")
    assert catch_up(begun).quarantined == 0
    assert begun.unequal("pages", "boxes") == []
    assert ask(begun.native, "SELECT count(*), min(length(content)) FROM releases") == [
        (2, 128_000)
    ]


@pytest.mark.parametrize(
    "statements",
    [
        "UPDATE downloads_os SET id = 40, name = 'moved' WHERE id = 2",
        (
            "UPDATE downloads_os SET slug = 'x' WHERE id = 1;"
            "UPDATE downloads_os SET slug = 'source' WHERE id = 2;"
            "UPDATE downloads_os SET slug = 'windows' WHERE id = 1;"
        ),
        (
            "UPDATE downloads_os SET id = 99 WHERE id = 1;"
            "UPDATE downloads_os SET id = 1 WHERE id = 2;"
            "UPDATE downloads_os SET id = 2 WHERE id = 99;"
        ),
        (
            "DELETE FROM downloads_os WHERE id = 2;"
            "INSERT INTO downloads_os (id, created, updated, name, slug)"
            " VALUES (2, now(), now(), 'again', 'windows');"
        ),
        "UPDATE downloads_os SET id = id + 1000; UPDATE downloads_os SET id = id - 999;",
    ],
    ids=["new key", "slugs swapped", "keys swapped", "deleted and inserted", "keys shifted"],
)
def test_22_keys_and_unique_values_that_wander(begun: Sides, statements: LiteralString) -> None:
    run(begun.legacy, "DELETE FROM downloads_releasefile")
    run(begun.legacy, statements)
    assert catch_up(begun).quarantined == 0
    assert begun.unequal() == []


def test_22_a_new_key_with_a_large_value_and_one_of_our_own(begun: Sides) -> None:
    run(
        begun.native,
        """
        ALTER TABLE releases ADD note text NOT NULL DEFAULT 'new';
        UPDATE releases SET note = 'ours ' || id;
        """,
    )
    run(begun.legacy, LARGE)
    catch_up(begun)
    run(begun.legacy, "UPDATE downloads_release SET id = 20 WHERE id = 2")
    catch_up(begun)
    assert begun.unequal() == []
    assert ask(begun.native, "SELECT id, note, length(content) FROM releases ORDER BY id") == [
        (1, "ours 1", 128_000),
        (20, "ours 2", 128_000),
    ]


def test_23_stricter_on_the_target_is_quarantined_and_the_rest_flows(begun: Sides) -> None:
    run(begun.native, "CREATE UNIQUE INDEX one_label ON boxes (content)")
    run(
        begun.legacy,
        """
        INSERT INTO boxes_box SELECT n, now(), now(), 'label ' || n, CASE WHEN n < 5 THEN ''
            ELSE n::text END, 'html', '', NULL, NULL FROM generate_series(2, 6) AS n;
        UPDATE downloads_os SET name = 'flows' WHERE id = 1;
        """,
    )
    assert catch_up(begun).quarantined == 2
    assert [(table, key, outcome) for table, key, _, outcome in ask(begun.native, QUARANTINE)] == [
        ("boxes", {"id": 3}, "kept out"),
        ("boxes", {"id": 4}, "kept out"),
    ]
    assert ask(begun.native, "SELECT name FROM operating_systems WHERE id = 1") == [("flows",)]
    # One of them gets a value that fits, another the value that was in its way.
    run(begun.legacy, "UPDATE boxes_box SET content = 'fits' WHERE id = 3")
    run(begun.legacy, "DELETE FROM boxes_box WHERE id = 2")
    assert catch_up(begun).quarantined == 0
    assert begun.unequal() == []


def test_24_truncate(begun: Sides) -> None:
    run(
        begun.legacy,
        """
        TRUNCATE downloads_release CASCADE;
        INSERT INTO downloads_release
        SELECT 7, '2020-01-01', '2020-01-01', 'after', 'after', 3, true, true, false, true,
               '2020-01-01', '', '', 'markdown', '', NULL, NULL, NULL;
        """,
    )
    catch_up(begun)
    assert ask(begun.native, "SELECT id FROM releases") == [(7,)]
    assert ask(begun.native, "SELECT count(*) FROM release_files") == [(0,)]
    assert begun.unequal() == []


def test_33_native_columns_survive_and_nothing_is_written_twice(begun: Sides) -> None:
    run(
        begun.native,
        """
        ALTER TABLE operating_systems ADD note text NOT NULL DEFAULT 'new';
        UPDATE operating_systems SET note = 'ours ' || id;
        """,
    )
    before = ask(begun.native, "SELECT id, xmin::text FROM operating_systems ORDER BY id")
    run(begun.legacy, "UPDATE downloads_os SET name = name; ")
    run(begun.legacy, "UPDATE downloads_os SET name = upper(name) WHERE id = 3")
    catch_up(begun)
    after = ask(begun.native, "SELECT id, xmin::text FROM operating_systems ORDER BY id")
    assert [a == b for a, b in zip(after, before, strict=True)] == [True, True, False]
    assert ask(begun.native, "SELECT updated, note FROM operating_systems WHERE id = 3") == ask(
        begun.legacy, "SELECT updated, 'ours 3' FROM downloads_os WHERE id = 3"
    )


def test_35_parents_and_children_in_any_order(begun: Sides) -> None:
    with psycopg.connect(begun.legacy) as connection:
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        connection.execute("UPDATE downloads_releasefile SET release_id = 9, os_id = 9")
        connection.execute(
            """
            INSERT INTO downloads_release
            SELECT 9, created, updated, name, 'nine', version, false, is_published, pre_release,
                   show_on_download_page, release_date, release_notes_url, content,
                   content_markup_type, _content_rendered, creator_id, last_modified_by_id, NULL
            FROM downloads_release WHERE id = 1;
            DELETE FROM downloads_release WHERE id <> 9;
            INSERT INTO downloads_os (id, created, updated, name, slug)
            VALUES (9, now(), now(), 'nine', 'nine');
            DELETE FROM downloads_os WHERE id <> 9;
            """
        )
    assert catch_up(begun).quarantined == 0
    assert begun.unequal() == []


def test_36_a_parent_deleted_before_its_children(begun: Sides) -> None:
    with psycopg.connect(begun.legacy) as connection:
        connection.execute("DELETE FROM downloads_release WHERE id = 1")
        connection.execute("DELETE FROM downloads_releasefile")
    assert catch_up(begun).quarantined == 0
    assert begun.unequal() == []


def test_42_a_value_too_long_or_against_a_check_is_quarantined_alone(begun: Sides) -> None:
    run(
        begun.legacy,
        """
        UPDATE downloads_releasefile SET url = 'https://elsewhere.example/' WHERE id = 2;
        UPDATE downloads_releasefile SET name = 'changed' WHERE id = 3;
        """,
    )
    assert catch_up(begun).quarantined == 1
    reason = (
        'new row for relation "release_files" violates check constraint "ck_release_files_own_urls"'
    )
    assert ask(begun.native, QUARANTINE) == [("release_files", {"id": 2}, reason, "kept as it was")]
    assert ask(begun.native, "SELECT name FROM release_files ORDER BY id") == [
        ("file 1",),
        ("file 2",),
        ("changed",),
    ]
    run(begun.legacy, "UPDATE downloads_releasefile SET url = '' WHERE id = 2")
    assert catch_up(begun).quarantined == 0
    assert begun.unequal() == []


def test_42_children_of_a_refused_parent_wait_and_come_with_it(begun: Sides) -> None:
    run(begun.native, "ALTER TABLE releases ADD CONSTRAINT short CHECK (length(name) < 50)")
    with following(begun):
        run(
            begun.legacy,
            """
            INSERT INTO downloads_release
            SELECT 5, created, updated, repeat('x', 60), 'five', version, false, is_published,
                   pre_release, show_on_download_page, release_date, release_notes_url, content,
                   content_markup_type, _content_rendered, creator_id, last_modified_by_id, NULL
            FROM downloads_release WHERE id = 1;
            INSERT INTO downloads_releasefile
            SELECT 50, created, updated, name, 'fifty', description, is_source, '',
                   gpg_signature_file, md5_sum, filesize, false, creator_id, last_modified_by_id,
                   os_id, 5, sigstore_cert_file, sigstore_signature_file, sigstore_bundle_file,
                   sbom_spdx2_file, sha256_sum
            FROM downloads_releasefile WHERE id = 1;
            """,
        )
        keys: LiteralString = "SELECT table_name, key FROM bridge_quarantine ORDER BY 1"
        wait_for(begun.native, keys, [("release_files", {"id": 50}), ("releases", {"id": 5})])
        run(begun.legacy, "UPDATE downloads_os SET name = 'flows' WHERE id = 1")
        wait_for(begun.native, "SELECT name FROM operating_systems WHERE id = 1", [("flows",)])
        assert len(ask(begun.native, keys)) == 2
        run(begun.legacy, "UPDATE downloads_release SET name = 'short' WHERE id = 5")
        wait_for(begun.native, keys, [])
    assert begun.unequal() == []


def test_42_rows_that_never_fit_do_not_keep_others_from_being_tried(
    begun: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereading, "AT_ONCE", 2)
    run(begun.native, "ALTER TABLE operating_systems ADD CONSTRAINT a CHECK (slug NOT LIKE 'a%')")
    run(begun.native, "ALTER TABLE operating_systems ADD CONSTRAINT b CHECK (slug NOT LIKE 'b%')")
    run(
        begun.legacy,
        """
        INSERT INTO downloads_os (id, created, updated, name, slug)
        SELECT n, now(), now(), n, CASE WHEN n < 15 THEN 'a' ELSE 'b' END || n
        FROM generate_series(10, 15) AS n
        """,
    )
    assert catch_up(begun).quarantined == 6
    run(begun.native, "ALTER TABLE operating_systems DROP CONSTRAINT b")
    assert catch_up(begun).quarantined == 5
    assert ask(begun.native, "SELECT id FROM operating_systems WHERE id > 9") == [(15,)]


def test_42_children_of_a_refused_parent_are_tried_once_a_round(
    begun: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go in, have no parent, and are set apart anew: later than where the round is."""
    monkeypatch.setattr(rereading, "AT_ONCE", 2)
    run(begun.native, "ALTER TABLE releases ADD CHECK (id <> 9)")
    run(
        begun.legacy,
        """
        INSERT INTO downloads_release SELECT 9, created, updated, name, 'nine', version, false,
            is_published, pre_release, show_on_download_page, release_date,
            release_notes_url, content, content_markup_type, _content_rendered,
            creator_id, last_modified_by_id, NULL FROM downloads_release WHERE id = 1;
        UPDATE downloads_releasefile SET release_id = 9
        """,
    )
    assert catch_up(begun).quarantined == 1 + 3
    assert catch_up(begun).quarantined == 1 + 3


def test_20_what_an_applier_of_ours_wrote_is_not_carried_back(begun: Sides) -> None:
    with psycopg.connect(begun.legacy) as connection:
        connection.execute("SELECT pg_logical_emit_message(true, %s, '')", [MARK])
        connection.execute("UPDATE downloads_os SET name = 'ours' WHERE id = 1")
    run(begun.legacy, "UPDATE downloads_os SET name = 'theirs' WHERE id = 2")
    assert (catch_up(begun).transactions, begun.unequal()) == (1, ["operating_systems"])
    assert ask(begun.native, "SELECT name FROM operating_systems ORDER BY id") == [
        ("Source",),
        ("theirs",),
        ("macOS",),
    ]


def test_5_a_transaction_larger_than_memory_is_still_one(
    begun: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK_ROWS", 7)
    run(
        begun.legacy,
        """
        INSERT INTO boxes_box SELECT n, now(), now(), 'label ' || n, '', 'html', '', NULL, NULL
            FROM generate_series(2, 100) AS n;
        UPDATE boxes_box SET id = id + 1000 WHERE id % 2 = 0;
        UPDATE boxes_box SET label = 'x' || label;
        DELETE FROM boxes_box WHERE id % 3 = 0;
        INSERT INTO boxes_box SELECT n, now(), now(), 'again ' || n, '', 'html', '', NULL, NULL
            FROM generate_series(2, 100) AS n WHERE n % 2 = 0;
        """,
    )
    assert catch_up(begun).transactions == 1
    assert begun.unequal() == []


def test_41_a_backlog_is_applied_in_few_transactions(begun: Sides) -> None:
    with psycopg.connect(begun.legacy, autocommit=True) as connection:
        connection.execute(
            """
            DO $$ BEGIN FOR n IN 2..6001 LOOP
                INSERT INTO boxes_box
                VALUES (n, now(), now(), 'label ' || n, '', 'html', '', NULL, NULL);
                COMMIT;
            END LOOP; END $$
            """
        )
    seen = Seen()
    done = catch_up(begun, seen)
    assert (done.transactions, done.rows) == (6000, 6000)
    assert len(seen.applied_) < 600
    assert begun.unequal() == []


def test_a_secret_key_is_found_again_by_its_hash(sides: Sides) -> None:
    """Of a row whose key lets people in, the quarantine has the SHA-256 only."""
    secret = {
        "boxes": [
            replace(mapping, key=("label",), secret_key=True) for mapping in MAPPINGS["boxes"]
        ]
    }
    for url, table in ((sides.legacy, "boxes_box"), (sides.native, "boxes")):
        run(url, f"ALTER TABLE {table} ADD CONSTRAINT one_label UNIQUE (label)")
    run(sides.legacy, "ALTER TABLE boxes_box REPLICA IDENTITY FULL")
    run(sides.native, "ALTER TABLE boxes ADD CONSTRAINT short CHECK (length(content) < 5)")
    init(sides.legacy, sides.native, secret)

    def once() -> int:
        done = follow(sides.legacy, sides.native, secret, Seen(), Event(), once=True)
        return done.forward.quarantined

    run(sides.legacy, "UPDATE boxes_box SET content = 'too long'")
    assert once() == 1
    hashed = f"sha256:{sha256(b'label').hexdigest()}"
    assert ask(sides.native, "SELECT key FROM bridge_quarantine") == [({"label": hashed},)]
    run(sides.native, "ALTER TABLE boxes DROP CONSTRAINT short")
    assert once() == 0
    assert sides.unequal("boxes") == []
