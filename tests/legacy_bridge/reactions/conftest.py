"""A database of its own for each test, with two tables; its slots go with it."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from psycopg import sql

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.reactions.shop import Shop

_NUMBERS = count(1)


@pytest.fixture
def shop(stack: EmbeddedStack) -> Iterator[Shop]:
    name = f"reactions_{next(_NUMBERS)}"
    made = Shop(stack.create_database(name))
    made.run(
        "CREATE TABLE books (id int PRIMARY KEY, title text)",
        "CREATE TABLE sales (shop text, day date, PRIMARY KEY (day, shop))",
        "CREATE TABLE notes (id int PRIMARY KEY)",
    )
    yield made
    with psycopg.connect(stack.postgres_url("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            " WHERE database = %s",
            [name],
        )
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
