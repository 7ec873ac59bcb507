"""Databases of a test's own: the bundled site's rows, and native tables without any."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from psycopg import sql

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import Sides

_NUMBERS = count(1)


def _own(stack: EmbeddedStack, template: str) -> Iterator[str]:
    """A copy of a database, dropped after the test."""
    name = f"copied_{next(_NUMBERS)}"
    yield stack.create_database(name, template)
    with psycopg.connect(stack.postgres_url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def native(stack: EmbeddedStack, native_template: str) -> Iterator[str]:
    yield from _own(stack, native_template)


@pytest.fixture
def legacy(stack: EmbeddedStack, legacy_template: str) -> Iterator[str]:
    yield from _own(stack, legacy_template)


@pytest.fixture
def sides(legacy: str, native: str) -> Sides:
    return Sides(legacy, native)
