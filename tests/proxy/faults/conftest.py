"""A proxy for the tests that are not rows, and upstreams for each of them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

pytest.register_assert_rewrite("tests.proxy.faults.perform", "tests.proxy.faults.company")

from tests.proxy.faults.play import echo  # noqa: E402
from tests.proxy.faults.proxy import FaultHarness, Settings, rerouted, running  # noqa: E402
from tests.proxy.http.upstream import Upstream  # noqa: E402

MakeUpstream = Callable[[], Upstream]
Route = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture(scope="session")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FaultHarness]:
    async with running(tmp_path_factory.mktemp("faults")) as harness:
        yield harness


@pytest_asyncio.fixture
async def harness(served: FaultHarness, no_cover: None) -> AsyncIterator[FaultHarness]:
    """Each test begins with no connection and no memory.

    Measured is the process of the proxy; this one, which runs none of our code, is not.
    """
    yield served
    await served.forget()


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[MakeUpstream]:
    """Makes upstreams that answer each request with its target, until told otherwise."""
    made: list[Upstream] = []

    def make() -> Upstream:
        one = Upstream()
        one.play(echo)
        made.append(one)
        return one

    yield make
    for one in made:
        await one.close()
    assert [fault for one in made for fault in one.faults] == []


@pytest.fixture
def route(harness: FaultHarness) -> Route:
    """Sends all requests to these upstreams from now on, in turn."""

    async def change(*upstreams: Upstream, **settings: Any) -> None:
        urls = [f"http://127.0.0.1:{one.port}" for one in upstreams]
        await rerouted(harness.proxy, Settings(urls=urls, **settings).routing())

    return change
