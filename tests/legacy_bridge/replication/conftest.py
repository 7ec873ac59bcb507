"""A legacy and a native database for each test."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from psycopg import sql

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import ROWS, TABLES, Sides, run


@pytest.fixture(scope="session")
def empty_sides(stack: EmbeddedStack, native_template: str) -> tuple[str, str]:
    """Names of a legacy and a native database with tables and no rows."""
    run(stack.create_database("bridge_legacy"), TABLES.decode())
    return "bridge_legacy", native_template


_NUMBERS = count(1)


@pytest.fixture
def empty(stack: EmbeddedStack, empty_sides: tuple[str, str]) -> Iterator[Sides]:
    number = next(_NUMBERS)
    legacy, native = (
        stack.create_database(f"{template}_{number}", template) for template in empty_sides
    )
    yield Sides(legacy, native)
    drop_slots(legacy)
    for template in empty_sides:
        run_outside(
            stack.postgres_url("postgres"),
            sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(f"{template}_{number}")),
        )


@pytest.fixture
def sides(empty: Sides) -> Sides:
    """The rows above on the legacy side, nothing on the native one yet."""
    run(empty.legacy, ROWS)
    return empty


def run_outside(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def drop_slots(url: str) -> None:
    """A database with a replication slot cannot be dropped."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
            WHERE database = current_database() AND active_pid IS NOT NULL
            """
        )
        for (name,) in connection.execute(
            "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"
        ).fetchall():
            while not _dropped(connection, name):
                pass  # until the one that was told to end has ended


def _dropped(connection: psycopg.Connection[tuple[str]], name: str) -> bool:
    try:
        connection.execute("SELECT pg_drop_replication_slot(%s)", [name])
    except psycopg.errors.ObjectInUse:
        return False
    return True
