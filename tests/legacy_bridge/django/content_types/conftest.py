"""Real Django with its table of content types in PostgreSQL, where we read it too."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.django.language.side import AnswersSide


@pytest.fixture(scope="session")
def kinds_side(stack: EmbeddedStack) -> Iterator[AnswersSide]:
    database = stack.create_database("django_content_types")
    with AnswersSide("content_types.answers", database) as side:
        yield side


@pytest.fixture(scope="session")
async def kinds_engine(kinds_side: AnswersSide) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(kinds_side.database, pool_size=3, name="test of content types")
    yield engine
    await engine.dispose()
