"""A database of its own for each test, with a publication and a slot that is read from."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from psycopg import sql

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.pgoutput.published import Published

_NUMBERS = count(1)


@pytest.fixture
def published(stack: EmbeddedStack) -> Iterator[Published]:
    """Without tables, publication or slot yet; whatever slots there are go with it."""
    name = f"stream_{next(_NUMBERS)}"
    yield Published(stack.create_database(name), name)
    drop_with_slots(stack, name)


def drop_with_slots(stack: EmbeddedStack, name: str) -> None:
    """A database, whoever is connected to it, and its replication slots."""
    with psycopg.connect(stack.postgres_url("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            " WHERE database = %s",
            [name],
        )
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
