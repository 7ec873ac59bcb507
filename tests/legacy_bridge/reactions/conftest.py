"""A database of its own for each test, with two tables; its slots go with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.reactions.shop import Shop
from tests.legacy_bridge.replication.pgoutput.conftest import drop_with_slots

_NUMBERS = count(1)


@pytest.fixture
def shop(stack: EmbeddedStack) -> Iterator[Shop]:
    with _shop(stack) as made:
        yield made


@pytest.fixture
def second_shop(stack: EmbeddedStack) -> Iterator[Shop]:
    with _shop(stack) as made:
        yield made


@contextmanager
def _shop(stack: EmbeddedStack) -> Iterator[Shop]:
    name = f"reactions_{next(_NUMBERS)}"
    made = Shop(stack.create_database(name))
    made.run(
        "CREATE TABLE books (id int PRIMARY KEY, title text)",
        "CREATE TABLE sales (shop text, day date, PRIMARY KEY (day, shop))",
        "CREATE TABLE notes (id int PRIMARY KEY)",
    )
    yield made
    drop_with_slots(stack, name)
