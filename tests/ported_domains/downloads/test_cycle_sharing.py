"""One release cycle for the workers of all machines, in Redis."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest_asyncio
from redis.asyncio import Redis

from ported_domains.downloads.cycle_sharing import (
    GOOD_FOR_SECONDS,
    PREFIX,
    RETRY_SECONDS,
    SharedCycle,
)
from ported_domains.downloads.cycle_source import SOON_SECONDS, ReleaseCycle
from proxy.embedded.child import free_port
from proxy.embedded.stack import EmbeddedStack
from tests.inside import until
from tests.ported_domains.downloads.cycle_servers import CYCLE, NEXT, CycleServer, cycle_server

NewWorker = Callable[[], ReleaseCycle]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[CycleServer]:
    async with cycle_server() as serving:
        yield serving


@pytest_asyncio.fixture
async def redis(stack: EmbeddedStack) -> AsyncIterator[Redis]:
    async with Redis.from_url(stack.redis_url) as client:
        yield client


@pytest_asyncio.fixture
async def worker(stack: EmbeddedStack, server: CycleServer) -> AsyncIterator[NewWorker]:
    made = []

    def start() -> ReleaseCycle:
        made.append(ReleaseCycle(server.url, SharedCycle(stack.redis_url, server.url)))
        return made[-1]

    yield start
    for each in made:
        await each.close()


async def test_one_worker_fetches_for_all(server: CycleServer, worker: NewWorker) -> None:
    server.free.clear()
    pages = [asyncio.create_task(worker().heard()) for _ in range(3)]
    await until(lambda: len(server.asked) == 1)
    server.free.set()
    assert [heard.cycle for heard in await asyncio.gather(*pages)] == [CYCLE] * 3
    later = worker()
    assert (await later.heard()).cycle == CYCLE
    await later.settled()
    assert GOOD_FOR_SECONDS - 10 < (await later.heard()).good_for <= GOOD_FOR_SECONDS
    assert len(server.asked) == 1


async def test_what_is_old_is_shown_while_it_is_fetched_anew(
    server: CycleServer, worker: NewWorker, redis: Redis
) -> None:
    first = worker()
    await first.heard()
    await first.settled()
    copy = f"{PREFIX}copy:{server.url}"
    await redis.expire(copy, await redis.ttl(copy) - GOOD_FOR_SECONDS)  # as if an hour went by
    server.free.clear()
    server.body = json.dumps(NEXT).encode()
    second = worker()
    assert await second.heard() == (CYCLE, SOON_SECONDS)
    server.free.set()
    await second.settled()
    assert (await second.heard()).cycle == NEXT
    assert (await worker().heard()).cycle == NEXT
    assert len(server.asked) == 2


async def test_what_one_asked_in_vain_another_does_not_ask_at_once(
    server: CycleServer, worker: NewWorker, redis: Redis
) -> None:
    server.status = "503 Down"
    for each in (worker(), worker()):
        assert (await each.heard()).cycle is None
        await each.settled()
    assert len(server.asked) == 1
    turn = f"{PREFIX}turn:{server.url}"
    assert 0 < await redis.ttl(turn) <= RETRY_SECONDS
    await redis.delete(turn)  # as if its time were up
    server.status = "200 OK"
    assert (await worker().heard()).cycle == CYCLE


async def test_what_somebody_else_wrote_there_is_passed_over(
    server: CycleServer, worker: NewWorker, redis: Redis
) -> None:
    await redis.set(f"{PREFIX}copy:{server.url}", b"\xff")
    assert (await worker().heard()).cycle == CYCLE


async def test_without_redis_each_worker_fetches_for_itself() -> None:
    async with cycle_server() as server:
        for _ in range(2):
            nowhere = SharedCycle(f"redis://127.0.0.1:{free_port()}/0", server.url)
            cycle = ReleaseCycle(server.url, nowhere)
            assert (await cycle.heard()).cycle == CYCLE
            await cycle.close()
    assert len(server.asked) == 2
