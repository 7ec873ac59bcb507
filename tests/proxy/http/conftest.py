"""One proxy for all tests of this folder; each test begins with no connection and no memory."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.proxy.http.harness import Harness, running


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "must(*keys): which lines of docs/conformance.md the test shows (1, 'A1', ...)"
    )


@pytest_asyncio.fixture(scope="session")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harness]:
    async with running(tmp_path_factory.mktemp("http")) as harness:
        yield harness


@pytest_asyncio.fixture
async def harness(served: Harness, no_cover: None) -> AsyncIterator[Harness]:
    """Measured is the process of the proxy; this one, which runs none of our code, is not."""
    yield served
    await served.forget()
    faults, served.upstream.faults = served.upstream.faults, []
    assert faults == [], "the upstream's script failed"
