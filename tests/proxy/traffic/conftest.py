"""A native database of its own for each test."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from legacy_bridge.replication.connections import Connection
from proxy.embedded.stack import EmbeddedStack

_numbers = count(1)


@pytest.fixture
def native_url(stack: EmbeddedStack, native_template: str) -> str:
    """Tables without rows."""
    return stack.create_database(f"traffic_{next(_numbers)}", native_template)


@pytest.fixture
def native(native_url: str) -> Iterator[Connection]:
    with psycopg.connect(native_url, autocommit=True) as connection:
        yield connection
