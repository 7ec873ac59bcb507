"""Reasons not to begin, each with what to do about it; and never a password."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
import pytest

from legacy_bridge.replication import connections
from legacy_bridge.replication.connections import LEGACY, NATIVE, connected, libpq_url
from legacy_bridge.replication.copy import copy_domains
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import Column, Kind, TableMapping, Transform, same
from legacy_bridge.replication.preflight import sort_order
from migrations.upgrade import connect, upgrade
from proxy.embedded.child import free_port
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import Sides, ask, run, table


def refusal(sides: Sides, *domains: str) -> list[str]:
    with pytest.raises(BridgeError) as refused:
        sides.copy(*domains)
    return list(refused.value.problems)


def with_login(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}").geturl()


@pytest.fixture
def reader(sides: Sides) -> Iterator[str]:
    """The legacy database as somebody who may read nothing yet."""
    run(sides.legacy, "CREATE ROLE reader LOGIN PASSWORD 'known to nobody'")
    yield with_login(sides.legacy, "reader", "known%20to%20nobody")
    run(sides.legacy, "DROP OWNED BY reader; DROP ROLE reader")


def test_no_server(sides: Sides) -> None:
    url = f"postgresql://me:s3cret@127.0.0.1:{free_port()}/django"
    (problem,) = refusal(replace(sides, legacy=url))
    place = urlsplit(url)
    assert problem.startswith(
        "the legacy database (STRANGLER_LEGACY_DATABASE_URL) cannot be reached at "
        f"127.0.0.1:{place.port}/django: "
    )
    assert problem.endswith("Is the server running on that host and accepting TCP/IP connections? "
                            "— check the setting and the server")  # fmt: skip
    assert "s3cret" not in problem


def test_a_wrong_password_is_not_shown(sides: Sides) -> None:
    (problem,) = refusal(replace(sides, native=with_login(sides.native, "strangler", "s3cret")))
    assert problem.startswith("the native database (STRANGLER_DATABASE_URL) cannot be reached at ")
    assert 'password authentication failed for user "strangler"' in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize("url", ["postgresql://u:s3c%ret@h/d", "postgresql://u:s3cret@h:port/d"])
def test_a_url_that_cannot_be_read(sides: Sides, url: str) -> None:
    (problem,) = refusal(replace(sides, legacy=url))
    assert problem.startswith("the legacy database (STRANGLER_LEGACY_DATABASE_URL) ")
    assert "s3c" not in problem


def test_a_driver_in_the_url_is_ignored() -> None:
    assert libpq_url("postgresql+asyncpg://u@h/d") == "postgresql://u@h/d"
    assert libpq_url("postgres://u@h/d") == "postgres://u@h/d"


def test_the_native_database_was_not_upgraded(stack: EmbeddedStack, sides: Sides) -> None:
    problems = refusal(replace(sides, native=sides.legacy), "boxes")
    assert problems == [
        "boxes: is not there in the native database",
        "bridge_chunks: is not there in the native database",
        "bridge_copies: is not there in the native database",
        "bridge_let_in: is not there in the native database",
        "bridge_owners: is not there in the native database",
        "bridge_quarantine: is not there in the native database",
        "bridge_streams: is not there in the native database",
        "the native database is not up to date: run `strangler db upgrade`",
    ]


def test_a_legacy_table_is_missing(sides: Sides) -> None:
    run(sides.legacy, "DROP TABLE boxes_box")
    name = urlsplit(sides.legacy).path.strip("/")
    assert refusal(sides) == [
        "boxes_box: is not there in the legacy database",
        f"check that the setting leads to Django's database; it is {name} now",
    ]


def test_a_legacy_table_is_in_another_schema(sides: Sides) -> None:
    run(sides.legacy, "CREATE SCHEMA old; ALTER TABLE boxes_box SET SCHEMA old")
    assert refusal(sides)[0] == (
        'boxes_box: is in schema "old", which "strangler" does not search or may not use '
        '(GRANT USAGE ON SCHEMA "old" TO "strangler"; '
        'ALTER ROLE "strangler" SET search_path = "old";) in the legacy database'
    )


def test_the_search_path_of_the_url_counts(sides: Sides) -> None:
    run(sides.legacy, "CREATE SCHEMA old; ALTER TABLE boxes_box SET SCHEMA old")
    url = f"{sides.legacy}?options=-csearch_path%3Dold,public"
    assert replace(sides, legacy=url).copy().equal
    assert ask(sides.native, "SELECT label FROM boxes") == [("label",)]


def test_rights_that_are_missing(sides: Sides, reader: str) -> None:
    run(sides.legacy, "GRANT SELECT ON pages_page, downloads_os TO reader")
    name = urlsplit(sides.legacy).path.strip("/")
    assert refusal(replace(sides, legacy=reader), "boxes", "downloads") == [
        (
            f'the user "reader" of database {name} may not SELECT all tables — let their owner '
            'run: GRANT SELECT ON boxes_box, downloads_release, downloads_releasefile TO "reader";'
        )
    ]
    run(sides.legacy, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    assert replace(sides, legacy=reader).copy().equal
    assert sides.unequal() == []


def test_rows_hidden_by_a_policy_are_not_taken_for_deleted(sides: Sides, reader: str) -> None:
    sides.copy()
    run(
        sides.legacy,
        """
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
        ALTER TABLE boxes_box ENABLE ROW LEVEL SECURITY;
        """,
    )
    assert refusal(replace(sides, legacy=reader)) == [
        (
            "while copying boxes_box: query would be affected by row-level security policy for "
            'table "boxes_box" — the native tables are as they were; repeating is safe'
        )
    ]
    assert sides.unequal() == []


def test_a_mapping_that_does_not_fit_the_real_tables(sides: Sides) -> None:
    run(sides.legacy, "ALTER TABLE boxes_box ADD colour text; ALTER TABLE django_site DROP name")
    assert refusal(sides) == [
        (
            "django_site.name: is mapped to sites.name, but the table has no such column — "
            "correct the name in the mapping; it has id, domain"
        ),
        (
            "boxes_box.colour: is not in the mapping: its values would be lost — "
            "map it, or state in `left_out` why it stays behind"
        ),
    ]
    assert ask(sides.native, "SELECT count(*) FROM pages") == [(0,)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            "ALTER TABLE boxes DROP content_rendered",
            (
                "boxes.content_rendered: is fed from boxes_box._content_rendered, but the table "
                "has no such column — run `strangler db upgrade`, or correct the mapping; it has "
                "id, created, updated, creator_id, last_modified_by_id, label, content, "
                "content_markup_type"
            ),
        ),
        (
            "ALTER TABLE boxes ADD twin_id int REFERENCES boxes (id) ON DELETE CASCADE",
            (
                "boxes.twin_id: its foreign key boxes_twin_id_fkey interferes with rows on their "
                "way — declare it DEFERRABLE and with NO ACTION, as Django does"
            ),
        ),
        (
            "CREATE TABLE liked (box_id int REFERENCES boxes (id))",
            (
                "liked.box_id: its foreign key liked_box_id_fkey interferes with rows on their "
                "way — declare it DEFERRABLE and with NO ACTION, as Django does"
            ),
        ),
    ],
)
def test_native_tables_that_do_not_fit(sides: Sides, change: LiteralString, problem: str) -> None:
    run(sides.native, change)
    assert refusal(sides) == [problem]


def test_a_transform_runs_in_the_database(sides: Sides) -> None:
    """Types may differ where a transform leads from one to the other."""
    lines = Transform(
        name="lines",
        kind=Kind.LOSSLESS,
        up=str.splitlines,
        up_sql="string_to_array({}, E'\\n')",
        down="\n".join,
        down_sql="array_to_string({}, E'\\n')",
    )
    mapping = TableMapping(
        legacy="django_site",
        native="places",
        columns=(*same("id", "name"), Column("domain", "lines", lines)),
    )
    run(sides.native, "CREATE TABLE places (id int PRIMARY KEY, lines text[], name text)")
    run(sides.legacy, "UPDATE django_site SET domain = E'a\\nb'")
    report = copy_domains(sides.legacy, sides.native, {"pages": [mapping]})
    assert table(report, "places").inserted == 1
    assert ask(sides.native, "SELECT id, lines, name FROM places") == [(1, ["a", "b"], "example")]


def test_a_writer_that_does_not_end(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.OPTIONS, "lock_timeout", "50ms")
    with connected(sides.native, NATIVE) as writer, writer.transaction():
        writer.execute("INSERT INTO sites (id, domain, name) VALUES (9, 'd', 'n')")
        assert refusal(sides) == [
            (
                "another transaction is writing to the native tables and does not end — "
                "find it in pg_stat_activity, then repeat the copy"
            )
        ]


def test_a_legacy_migration_that_does_not_end(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.OPTIONS, "lock_timeout", "50ms")
    with connected(sides.legacy, LEGACY) as migration, migration.transaction():
        migration.execute("ALTER TABLE boxes_box ADD x int")
        assert refusal(sides) == [
            (
                "the legacy database cannot be read: canceling statement due to lock timeout — "
                "the native tables are as they were; repeating is safe"
            )
        ]


@pytest.mark.parametrize(
    ("database", "order"),
    [
        ({"datlocprovider": "c", "datcollate": "C"}, "by code point"),
        ({"datlocprovider": "c", "datcollate": "C.utf8"}, "by code point"),
        ({"datlocprovider": "b", "datcollate": "C", "datlocale": "C.UTF-8"}, "by code point"),
        ({"datlocprovider": "c", "datcollate": "en_US.UTF-8"}, "en_US.UTF-8 (libc)"),
        ({"datlocprovider": "i", "datcollate": "C", "datlocale": "en"}, "en (icu)"),
        ({"datlocprovider": "i", "datcollate": "C", "daticulocale": "en"}, "en (icu)"),
    ],
)
def test_sort_orders_are_told_apart(database: dict[str, Any], order: str) -> None:
    assert sort_order(database) == order


def test_a_narrower_encoding_is_told(stack: EmbeddedStack, sides: Sides) -> None:
    outside(
        stack,
        "CREATE DATABASE latin TEMPLATE template0 ENCODING latin1 LOCALE_PROVIDER libc LOCALE 'C'",
    )
    narrow = replace(sides, native=stack.postgres_url("latin"))
    with connect(narrow.native) as connection:
        upgrade(connection)
    try:
        assert narrow.copy().warnings == (
            (
                "the native database stores LATIN1, the legacy one UTF8: rows with other "
                "characters cannot be copied — make the native database with UTF8"
            ),
        )
        run(sides.legacy, "UPDATE boxes_box SET content = '\u6f22'")
        (problem,) = refusal(narrow)
        assert problem.startswith("while copying boxes_box: character with byte sequence 0xe6 0xbc")
    finally:
        outside(stack, "DROP DATABASE latin WITH (FORCE)")


def outside(stack: EmbeddedStack, statement: LiteralString) -> None:
    with psycopg.connect(stack.postgres_url("postgres"), autocommit=True) as connection:
        connection.execute(statement)
