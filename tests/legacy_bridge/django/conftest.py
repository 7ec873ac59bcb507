"""Real Django in a process of its own, for contracts to be compared with."""

from collections.abc import Iterator

import pytest

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.django.django_side import DjangoSide


@pytest.fixture(scope="session")
def django_side() -> Iterator[DjangoSide]:
    """Without any server: signing, cookies, texts of sessions, messages."""
    with DjangoSide() as side:
        yield side


@pytest.fixture(scope="session")
def django_with_servers(stack: EmbeddedStack) -> Iterator[DjangoSide]:
    """With the table of sessions in a database of its own, and Redis for the cache."""
    database = stack.create_database("django_sessions")
    with DjangoSide(database=database, redis=stack.redis_url) as side:
        side.ask("create_tables")
        yield side
