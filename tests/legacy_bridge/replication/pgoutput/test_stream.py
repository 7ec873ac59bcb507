"""What happens in a real database, as a stream tells it."""

import json
from pathlib import Path
from typing import LiteralString

import pytest
from psycopg import sql

from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import (
    UNCHANGED,
    Delete,
    Insert,
    Message,
    ReplicaIdentity,
    Update,
)
from legacy_bridge.replication.pgoutput.transactions import Change, Emptied
from tests.legacy_bridge.replication.pgoutput.published import (
    Published,
    idle,
    items,
    told,
    transaction,
    transactions,
)

SCHEMA = Path(__file__).resolve().parents[5] / "shared" / "legacy" / "schema.json"
NOTES: LiteralString = "notes (id int PRIMARY KEY, body text)"

VALUES: dict[str, dict[LiteralString, bytes]] = {
    "boolean": {"true": b"t", "false": b"f"},
    "smallint": {"-32768": b"-32768"},
    "integer": {"2147483647": b"2147483647"},
    "bigint": {"-9223372036854775808": b"-9223372036854775808"},
    "numeric": {"12.30": b"12.30", "'NaN'": b"NaN"},
    "double precision": {"0.1": b"0.1", "1e300": b"1e+300"},
    "character varying": {"''": b"", "'Ünïcødé 🐍'": "Ünïcødé 🐍".encode()},
    "text": {"''": b"", r"E'a\tb\nc\\'": b"a\tb\nc\\", "repeat('x', 100000)": b"x" * 100_000},
    "date": {"'2024-02-29'": b"2024-02-29", "'infinity'": b"infinity"},
    "timestamp with time zone": {
        "'2024-02-29 23:59:59.123456+02'": b"2024-02-29 21:59:59.123456+00",
        "'0044-03-15 12:00+00 BC'": b"0044-03-15 12:00:00+00 BC",
    },
    "interval": {"'1 year 2 mons -3 days 04:05:06.7'": b"1 year 2 mons -3 days +04:05:06.7"},
    "jsonb": {"""'{"b": [1, null], "a": "é"}'""": '{"a": "é", "b": [1, null]}'.encode()},
    "uuid": {"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'": b"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    "bytea": {r"'\x00ff'": rb"\x00ff"},
    "inet": {"'10.0.0.1/8'": b"10.0.0.1/8"},
    "text[]": {"ARRAY['a,b', NULL, '']": b'{"a,b",NULL,""}'},
}


@pytest.mark.parametrize("type_", VALUES)
def test_values_of_a_type(published: Published, type_: str) -> None:
    """Whatever the database says about how to write dates and such."""
    published.run(
        "ALTER ROLE CURRENT_USER IN DATABASE " + published.slot + " SET datestyle = 'German'",
        "ALTER ROLE CURRENT_USER IN DATABASE " + published.slot + " SET intervalstyle = iso_8601",
        "ALTER ROLE CURRENT_USER IN DATABASE " + published.slot + " SET timezone = 'Asia/Tokyo'",
        "ALTER ROLE CURRENT_USER IN DATABASE " + published.slot + " SET extra_float_digits = 0",
    )
    slot = published.publish(f"one (id int PRIMARY KEY, value {type_})")
    samples = [*VALUES[type_], "NULL"]
    for number, sample in enumerate(samples):
        published.run(f"INSERT INTO one VALUES ({number}, {sample})")
    with published.stream(slot.consistent_point) as stream:
        rows = [told(each) for each in transactions(stream, len(samples))]
    expected = [*VALUES[type_].values(), None]
    assert rows == [
        [("one", "insert", None, (str(number).encode(), value))]
        for number, value in enumerate(expected)
    ]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the catalogue of the legacy site is not here")
def test_every_type_of_the_legacy_site_is_among_them() -> None:
    tables = json.loads(SCHEMA.read_text())["tables"].values()
    types = {column["type"].partition("(")[0] for table in tables for column in table["columns"]}
    assert types <= VALUES.keys()
    assert len(types) == 11


def test_a_table_is_described_before_its_rows(published: Published) -> None:
    slot = published.publish('"Odd ""name" (id int, "né" varchar(20) PRIMARY KEY, n numeric(3,1))')
    published.run("""INSERT INTO "Odd ""name" VALUES (1, 'a', 1), (2, 'b', 2)""")
    with published.stream(slot.consistent_point) as stream, transaction(stream) as whole:
        first, second = whole.changes
    assert isinstance(first, Change)
    assert isinstance(second, Change)
    relation = first.relation
    assert second.relation is relation
    assert (relation.schema, relation.name, relation.identity) == (
        "public",
        'Odd "name',
        ReplicaIdentity.DEFAULT,
    )
    assert [(c.name, c.type_oid, c.modifier, c.key) for c in relation.columns] == [
        ("id", 23, -1, False),
        ("né", 1043, 24, True),
        ("n", 1700, (3 << 16 | 1) + 4, False),
    ]


def test_an_update_that_keeps_the_key(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')", "UPDATE notes SET body = NULL")
    with published.stream(slot.consistent_point) as stream:
        _, update = transactions(stream, 2)
    assert told(update) == [("notes", "update", None, (b"1", None))]


def test_an_update_of_the_key_tells_the_old_one(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')", "UPDATE notes SET id = 7")
    with published.stream(slot.consistent_point) as stream:
        _, update = transactions(stream, 2)
    assert told(update) == [("notes", "update", (b"1", None), (b"7", b"a"))]


def test_a_whole_old_row_comes_if_the_table_wants_it(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run(
        "ALTER TABLE notes REPLICA IDENTITY FULL",
        "INSERT INTO notes VALUES (1, 'a')",
        "UPDATE notes SET body = 'b'",
        "DELETE FROM notes",
    )
    with published.stream(slot.consistent_point) as stream:
        _, update, delete = transactions(stream, 3)
    with update:
        (change,) = update.changes
    assert isinstance(change, Change)
    assert change.relation.identity is ReplicaIdentity.FULL
    assert isinstance(change.row, Update)
    assert change.row.whole_old
    assert change.row.old == (b"1", b"a")
    assert told(delete) == [("notes", "delete", (b"1", b"b"), None)]


def test_a_large_value_that_stays_is_not_sent(published: Published) -> None:
    slot = published.publish("files (id int PRIMARY KEY, name text, content text)")
    published.run(
        "ALTER TABLE files ALTER content SET STORAGE EXTERNAL",
        "INSERT INTO files VALUES (1, 'a', repeat('x', 100000))",
        "UPDATE files SET name = 'b'",
        "UPDATE files SET id = 2",
        "UPDATE files SET content = 'small'",
    )
    with published.stream(slot.consistent_point) as stream:
        _, *updates = transactions(stream, 4)
    assert [told(update) for update in updates] == [
        [("files", "update", None, (b"1", b"b", UNCHANGED))],
        [("files", "update", (b"1", None, None), (b"2", b"b", UNCHANGED))],
        [("files", "update", None, (b"2", b"b", b"small"))],
    ]


def test_two_unique_values_swapped_in_one_transaction(published: Published) -> None:
    slot = published.publish("pages (id int PRIMARY KEY, slug text UNIQUE DEFERRABLE)")
    published.run(
        "INSERT INTO pages VALUES (1, 'a'), (2, 'b')",
        "UPDATE pages SET slug = CASE slug WHEN 'a' THEN 'b' ELSE 'a' END",
    )
    with published.stream(slot.consistent_point) as stream:
        _, swap = transactions(stream, 2)
    assert told(swap) == [
        ("pages", "update", None, (b"1", b"b")),
        ("pages", "update", None, (b"2", b"a")),
    ]


def test_deleted_and_inserted_again(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')")
    published.run("DELETE FROM notes; INSERT INTO notes VALUES (1, 'b')")
    with published.stream(slot.consistent_point) as stream:
        _, again = transactions(stream, 2)
    assert told(again) == [
        ("notes", "delete", (b"1", None), None),
        ("notes", "insert", None, (b"1", b"b")),
    ]


def test_truncate_with_what_refers_to_it(published: Published) -> None:
    slot = published.publish(NOTES, "replies (id int PRIMARY KEY, note int REFERENCES notes)")
    published.run("TRUNCATE notes RESTART IDENTITY CASCADE")
    with published.stream(slot.consistent_point) as stream, transaction(stream) as truncate:
        (emptied,) = truncate.changes
    assert isinstance(emptied, Emptied)
    assert [relation.name for relation in emptied.relations] == ["notes", "replies"]
    assert (emptied.cascade, emptied.restart_identity) == (True, True)


def test_what_is_rolled_back_never_comes(published: Published) -> None:
    slot = published.publish(NOTES)
    with published.connect() as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("INSERT INTO notes VALUES (1, 'all of it')")
        with connection.transaction():
            connection.execute("INSERT INTO notes VALUES (2, 'before')")
            with connection.transaction(force_rollback=True):
                connection.execute("INSERT INTO notes VALUES (3, 'to a savepoint')")
            connection.execute("INSERT INTO notes VALUES (4, 'after')")
    with published.stream(slot.consistent_point) as stream:
        whole = transaction(stream)
    assert told(whole) == [
        ("notes", "insert", None, (b"2", b"before")),
        ("notes", "insert", None, (b"4", b"after")),
    ]


@pytest.mark.parametrize("spill_bytes", [1 << 20, 1000], ids=["in memory", "on disk"])
def test_a_thousand_rows_are_one_transaction(published: Published, spill_bytes: int) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes SELECT n, md5(n::text) FROM generate_series(1, 1000) AS n")
    published.run("DELETE FROM notes WHERE id = 500")
    with published.stream(slot.consistent_point, spill_bytes=spill_bytes) as stream:
        many, one = transactions(stream, 2)
    assert (many.rows, many.spilled) == (1000, spill_bytes == 1000)
    assert slot.consistent_point < many.commit_lsn < many.end_lsn <= one.commit_lsn
    with many:
        first = [change.row for change in many.changes if isinstance(change, Change)]
        assert [change.row for change in many.changes if isinstance(change, Change)] == first
    assert [row.new[0] for row in first if not isinstance(row, Delete)] == [
        str(number).encode() for number in range(1, 1001)
    ]
    assert told(one) == [("notes", "delete", (b"500", None), None)]


def test_interleaved_transactions_come_in_the_order_of_their_commits(published: Published) -> None:
    slot = published.publish(NOTES)
    with published.connect() as early, published.connect() as late:
        early.execute("BEGIN")
        early.execute("INSERT INTO notes VALUES (1, 'began first')")
        late.execute("BEGIN")
        late.execute("INSERT INTO notes VALUES (2, 'committed first')")
        early.execute("INSERT INTO notes VALUES (3, 'began first')")
        late.execute("COMMIT")
        early.execute("COMMIT")
    with published.stream(slot.consistent_point) as stream:
        first, second = transactions(stream, 2)
    assert first.xid > second.xid
    assert first.end_lsn <= second.commit_lsn
    assert first.committed_at <= second.committed_at
    assert [row[3] for row in told(first)] == [(b"2", b"committed first")]
    assert [row[3] for row in told(second)] == [(b"1", b"began first"), (b"3", b"began first")]


def test_a_marked_transaction(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run(
        "SELECT pg_logical_emit_message(true, 'strangler.mark', 'é');"
        "SELECT pg_logical_emit_message(true, 'somebody else', 'x');"
        "INSERT INTO notes VALUES (1, 'a')",
        "SELECT pg_logical_emit_message(true, 'strangler.drained', '')",
    )
    with published.stream(slot.consistent_point) as stream:
        marked, alone = transactions(stream, 2)
    (mark,) = marked.messages
    assert (mark.transactional, mark.prefix, mark.content) == (True, "strangler.mark", "é".encode())
    assert told(marked) == [("notes", "insert", None, (b"1", b"a"))]
    assert [message.prefix for message in alone.messages] == ["strangler.drained"]
    assert (alone.rows, told(alone)) == (0, [])


def test_a_message_that_stands_for_itself(published: Published) -> None:
    slot = published.publish(NOTES)
    with published.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("INSERT INTO notes VALUES (1, 'never')")
        connection.execute("SELECT pg_logical_emit_message(false, 'strangler.now', 'x')")
    with published.stream(slot.consistent_point) as stream:
        message = next(item for item in items(stream) if isinstance(item, Message))
    assert (message.transactional, message.prefix, message.content) == (
        False,
        "strangler.now",
        b"x",
    )


def test_where_a_transaction_came_from(published: Published) -> None:
    slot = published.publish(NOTES)
    origin = published.slot  # names of origins are the whole server's, as those of slots
    with published.connect() as connection:
        connection.execute("SELECT pg_replication_origin_create(%s)", [origin])
        connection.execute("SELECT pg_replication_origin_session_setup(%s)", [origin])
        with connection.transaction():
            connection.execute("SELECT pg_replication_origin_xact_setup('0/ABC', now())")
            connection.execute("INSERT INTO notes VALUES (1, 'applied')")
        connection.execute("SELECT pg_replication_origin_session_reset()")
        connection.execute("INSERT INTO notes VALUES (2, 'own')")
        connection.execute("SELECT pg_replication_origin_drop(%s)", [origin])
    with published.stream(slot.consistent_point) as stream:
        applied, own = transactions(stream, 2)
    assert applied.origin is not None
    assert (applied.origin.name, applied.origin.commit_lsn) == (origin, Lsn(0xABC))
    assert own.origin is None


def test_a_table_that_changes_is_described_anew(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run(
        "INSERT INTO notes VALUES (1, 'a')",
        "INSERT INTO notes VALUES (2, 'b');"
        "ALTER TABLE notes RENAME body TO content;"
        "ALTER TABLE notes ADD more int;"
        "INSERT INTO notes VALUES (3, 'c', 4)",
        "INSERT INTO notes VALUES (5, 'e', 6)",
    )
    with published.stream(slot.consistent_point) as stream:
        first, change, last = transactions(stream, 3)
    described = [
        (tuple(column.name for column in each.relation.columns), each.row.new)
        for whole in (first, change, last)
        for each in whole.changes
        if isinstance(each, Change) and isinstance(each.row, Insert)
    ]
    assert described == [
        (("id", "body"), (b"1", b"a")),
        (("id", "body"), (b"2", b"b")),
        (("id", "content", "more"), (b"3", b"c", b"4")),
        (("id", "content", "more"), (b"5", b"e", b"6")),
    ]


def test_a_table_is_told_of_from_when_it_is_published(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run(
        "CREATE TABLE later (id int PRIMARY KEY)",
        "INSERT INTO later VALUES (1)",
        "ALTER PUBLICATION strangler ADD TABLE later",
        "INSERT INTO later VALUES (2)",
    )
    with published.stream(slot.consistent_point) as stream:
        assert told(transaction(stream)) == [("later", "insert", None, (b"2",))]


def test_the_snapshot_and_the_stream_have_no_seam(published: Published) -> None:
    published.run(
        "CREATE TABLE notes (id int PRIMARY KEY)",
        "CREATE PUBLICATION strangler FOR TABLE notes",
        "INSERT INTO notes VALUES (1)",
    )
    with published.source() as source:
        slot = source.create_slot()
        published.run("INSERT INTO notes VALUES (2)")
        with published.connect() as copy, copy.transaction():
            copy.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            copy.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(slot.snapshot)))
            assert copy.execute("SELECT id FROM notes").fetchall() == [(1,)]
        stream = source.start(slot.consistent_point)
        assert told(transaction(stream)) == [("notes", "insert", None, (b"2",))]
        stream.close()


def test_it_goes_on_after_the_last_transaction_that_was_applied(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run(*(f"INSERT INTO notes VALUES ({number})" for number in range(5)))
    with published.stream(slot.consistent_point) as stream:
        whole = transactions(stream, 3)
        stream.acknowledge(whole[1].end_lsn)
    assert published.confirmed() == whole[1].end_lsn
    # As after a kill between the commit and the acknowledgement: applied, not acknowledged.
    with published.stream(whole[2].end_lsn) as stream:
        again = transactions(stream, 2)
    assert [told(each)[0][3] for each in again] == [(b"3", None), (b"4", None)]


def test_the_end_of_everything_is_told_when_nothing_happens(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("CREATE TABLE not_published (id int)", "INSERT INTO not_published VALUES (1)")
    beyond = published.position()
    with published.stream(slot.consistent_point) as stream:
        told_of = idle(stream, beyond)
        assert published.confirmed() == slot.consistent_point
        stream.acknowledge(told_of.position)
    assert published.confirmed() == told_of.position >= beyond
