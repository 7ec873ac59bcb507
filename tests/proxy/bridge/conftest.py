"""A stream between two databases, and the proxy in front of nothing, with both in its settings."""

from collections.abc import Iterator
from itertools import count

import pytest

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import ROWS, TABLES, Sides, run

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def legacy_tables(stack: EmbeddedStack) -> str:
    """Name of a database with the legacy tables and a few rows.

    Another folder that has this fixture, too, finds it made.
    """
    if not stack.has_database("kept_legacy"):
        url = stack.create_database("kept_legacy")
        run(url, TABLES.decode())
        run(url, ROWS)
    return "kept_legacy"


@pytest.fixture
def sides(stack: EmbeddedStack, legacy_tables: str, native_template: str) -> Iterator[Sides]:
    """The legacy side with its rows, the native one without any."""
    yield from _sides(stack, legacy_tables, native_template)


@pytest.fixture
def other_sides(stack: EmbeddedStack, legacy_tables: str, native_template: str) -> Iterator[Sides]:
    """Those of another site."""
    yield from _sides(stack, legacy_tables, native_template)


def _sides(stack: EmbeddedStack, legacy_tables: str, native_template: str) -> Iterator[Sides]:
    number = next(_NUMBERS)
    legacy = stack.create_database(f"kept_legacy_{number}", legacy_tables)
    yield Sides(legacy, stack.create_database(f"kept_native_{number}", native_template))
    drop_slots(legacy)
