"""Real Django with accounts, for contracts to be compared with."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.django.accounts.side import AccountsSide


@pytest.fixture(scope="session")
def accounts() -> Iterator[AccountsSide]:
    """Tables in memory."""
    with AccountsSide() as side:
        yield side


@pytest.fixture(scope="session")
def stored_accounts(stack: EmbeddedStack) -> Iterator[AccountsSide]:
    """Tables in PostgreSQL, where we read them too."""
    with AccountsSide(stack.create_database("django_accounts")) as side:
        yield side


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[Callable[[str], AsyncEngine]]:
    """Engines as production opens them, for the URL of a database."""
    opened: list[AsyncEngine] = []

    def engine_of(url: str) -> AsyncEngine:
        opened.append(open_engine(url, pool_size=1, name="test of accounts"))
        return opened[-1]

    yield engine_of
    for engine in opened:
        await engine.dispose()


@pytest.fixture(scope="session")
def accounts_engine(
    stored_accounts: AccountsSide, engines: Callable[[str], AsyncEngine]
) -> AsyncEngine:
    return engines(stored_accounts.database)
