"""What is published, what should be, and who may change it."""

from typing import LiteralString
from urllib.parse import urlsplit

import pytest
from psycopg import sql

from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.publication import (
    COMPLETE,
    Drift,
    drift,
    ensure_publication,
    require_identities,
)
from tests.legacy_bridge.replication.pgoutput.published import PUBLICATION, Published, told
from tests.legacy_bridge.replication.pgoutput.published import transaction as next_transaction

TABLES = {"notes": ("id",), "Odd": ("né",)}
ODD = 'public."Odd"'


@pytest.fixture
def tables(published: Published) -> Published:
    published.run(
        "CREATE TABLE notes (id int PRIMARY KEY, body text, hidden text)",
        'CREATE TABLE "Odd" ("né" int PRIMARY KEY)',
        "CREATE TABLE others (id int PRIMARY KEY)",
    )
    return published


def found(tables: Published) -> Drift:
    with tables.connect() as connection:
        return drift(connection, PUBLICATION, TABLES)


def ensure(tables: Published) -> tuple[str, ...]:
    with tables.connect() as connection:
        return ensure_publication(connection, PUBLICATION, TABLES)


def test_it_is_made_for_exactly_the_tables(tables: Published) -> None:
    assert found(tables) == Drift(exists=False, absent=("public.notes", ODD))
    assert found(tables)
    assert ensure(tables) == ("public.notes", ODD)
    assert found(tables) == Drift(exists=True)
    assert not found(tables)
    assert ensure(tables) == ()
    with tables.source() as source:
        slot = source.create_slot()
    tables.run("INSERT INTO others VALUES (1)", 'INSERT INTO "Odd" VALUES (2)')
    with tables.stream(slot.consistent_point) as stream:
        assert told(next_transaction(stream)) == [("Odd", "insert", None, (b"2",))]


DRIFTS: dict[LiteralString, Drift] = {
    "FOR TABLE notes": Drift(exists=True, absent=(ODD,)),
    'FOR TABLE notes, "Odd", others': Drift(exists=True, surplus=("public.others",)),
    'FOR TABLE notes WHERE (id > 1), "Odd"': Drift(exists=True, filtered=("public.notes",)),
    'FOR TABLE notes (id, body), "Odd"': Drift(exists=True, filtered=("public.notes",)),
    "FOR TABLE notes, \"Odd\" WITH (publish = 'insert, truncate')": Drift(
        exists=True, left_out=("update", "delete")
    ),
    "FOR TABLE others WITH (publish = '')": Drift(
        exists=True,
        absent=("public.notes", ODD),
        surplus=("public.others",),
        left_out=COMPLETE,
    ),
}


@pytest.mark.parametrize("made", DRIFTS)
def test_drift_is_seen_and_put_right(tables: Published, made: LiteralString) -> None:
    tables.run(f"CREATE PUBLICATION strangler {made}")
    assert found(tables) == DRIFTS[made]
    assert found(tables).loses is ("others" not in made or "publish = ''" in made)
    assert ensure(tables) == DRIFTS[made].absent
    assert found(tables) == Drift(exists=True)


@pytest.mark.parametrize("made", ["FOR ALL TABLES", "FOR TABLES IN SCHEMA public"])
def test_a_publication_of_everything_serves_too(tables: Published, made: LiteralString) -> None:
    tables.run(f"CREATE PUBLICATION strangler {made}")
    assert found(tables) == Drift(exists=True, everything=True)
    assert ensure(tables) == ()


def test_a_publication_of_another_schema_is_not_ours_to_change(tables: Published) -> None:
    tables.run("CREATE SCHEMA other", "CREATE PUBLICATION strangler FOR TABLES IN SCHEMA other")
    with pytest.raises(BridgeError) as refused:
        ensure(tables)
    assert str(refused.value) == (
        "the publication strangler was made for all tables or a schema, and yet lacks "
        f"public.notes, {ODD} — drop it, so that one of its own is made"
    )


IDENTITIES: dict[LiteralString, str | None] = {
    "ALTER TABLE notes REPLICA IDENTITY FULL": None,
    "ALTER TABLE notes DROP CONSTRAINT notes_pkey": (
        "public.notes has no primary key, so that updates and deletes cannot be followed — "
        'let the table\'s owner run: ALTER TABLE public.notes ADD PRIMARY KEY ("id");'
    ),
    "ALTER TABLE notes DROP CONSTRAINT notes_pkey, ADD PRIMARY KEY (id) DEFERRABLE": (
        "public.notes has no primary key, so that updates and deletes cannot be followed — "
        'let the table\'s owner run: ALTER TABLE public.notes ADD PRIMARY KEY ("id");'
    ),
    "ALTER TABLE notes REPLICA IDENTITY NOTHING": (
        "public.notes has its replica identity switched off, so that updates and deletes cannot "
        "be followed — let the table's owner run: "
        "ALTER TABLE public.notes REPLICA IDENTITY DEFAULT;"
    ),
    "ALTER TABLE notes ALTER body SET NOT NULL, ADD CONSTRAINT u UNIQUE (body);"
    "ALTER TABLE notes REPLICA IDENTITY USING INDEX u": (
        "public.notes: deletes do not tell the key's id (the replica identity is body) — "
        "let the table's owner run: ALTER TABLE public.notes REPLICA IDENTITY FULL;"
    ),
    "ALTER TABLE notes ALTER body SET NOT NULL, ADD CONSTRAINT u UNIQUE (body);"
    "ALTER TABLE notes REPLICA IDENTITY USING INDEX u;"
    "ALTER TABLE notes DROP CONSTRAINT u": (
        "public.notes has lost the index of its replica identity, so that updates and deletes "
        "cannot be followed — let the table's owner run: "
        "ALTER TABLE public.notes REPLICA IDENTITY DEFAULT;"
    ),
}


@pytest.mark.parametrize("change", IDENTITIES)
def test_every_row_must_have_an_identity(tables: Published, change: LiteralString) -> None:
    tables.run(change)
    expected = IDENTITIES[change]
    with tables.connect() as connection:
        if expected is None:
            require_identities(connection, TABLES)
            return
        with pytest.raises(BridgeError) as refused:
            ensure_publication(connection, PUBLICATION, TABLES)
    assert str(refused.value) == expected
    assert not found(tables).exists


def test_tables_that_cannot_be_published(tables: Published) -> None:
    tables.run("CREATE VIEW seen AS SELECT 1 AS id", "CREATE UNLOGGED TABLE fast (id int)")
    wanted = dict.fromkeys(("seen", "notes", "fast", "absent"), ("id",))
    with tables.connect() as connection, pytest.raises(BridgeError) as refused:
        ensure_publication(connection, PUBLICATION, wanted)
    assert refused.value.problems == (
        "seen is a view: name the tables that it shows",
        "fast is an unlogged table: run ALTER TABLE … SET LOGGED",
        "absent is not there, or the search path does not lead to it",
    )


def test_who_may_not_publish_is_told_what_to_ask_for(tables: Published) -> None:
    role = f"publisher_{tables.slot}"
    port = urlsplit(tables.url).port
    theirs = Published(f"postgresql://{role}:secret@127.0.0.1:{port}/{tables.slot}", tables.slot)
    with tables.connect() as connection:
        name = sql.Identifier(role)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'secret'").format(name))
        try:
            with pytest.raises(BridgeError) as refused:
                ensure(theirs)
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(name))
    statement = str(refused.value).partition(" run: ")[2]
    assert statement == (
        f'CREATE PUBLICATION "strangler" FOR TABLE public.notes, {ODD} WITH (publish = '
        "'insert, update, delete, truncate', publish_via_partition_root = true);"
    )
    assert not found(tables).exists
    with tables.connect() as connection:
        connection.execute(statement.encode())
    assert found(tables) == Drift(exists=True)
