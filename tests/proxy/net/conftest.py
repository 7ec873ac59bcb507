"""Everything here is tried on each loop with each poller."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import uvloop

from proxy.net.poller import LoopPoller, Poller
from tests.proxy.net.ground import Ground

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="epoll is Linux's")
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> Iterator[asyncio.AbstractEventLoop]:
    with closing(LOOPS[request.param]()) as made:
        yield made


@pytest.fixture(params=[pytest.param(Poller, marks=LINUX), LoopPoller])
def poller(request: pytest.FixtureRequest) -> type[Poller]:
    kind: type[Poller] = request.param
    return kind


@pytest.fixture
def ground(
    loop: asyncio.AbstractEventLoop, poller: Callable[[asyncio.AbstractEventLoop], Poller]
) -> Iterator[Ground]:
    with closing(Ground(loop, poller)) as made:
        yield made
    assert made.failures == []


@pytest.fixture
def epolled(loop: asyncio.AbstractEventLoop) -> Iterator[Ground]:
    """Where the other poller does otherwise."""
    if sys.platform != "linux":
        pytest.skip("epoll is Linux's")
    with closing(Ground(loop, Poller)) as made:
        yield made
    assert made.failures == []
